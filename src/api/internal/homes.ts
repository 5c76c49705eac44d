import { listHomes, type PrivateHomeLook, removeHomes } from '../../instance/homes.js';

export type { PrivateHomeLook };

/** Every private home of this user. @throws LaunchError */
export const lookAtHomes = (): Promise<PrivateHomeLook[]> => listHomes();

/** Removes private homes, with all that is in them: their names. @throws LaunchError */
export const forgetHomes = (names: readonly string[]): Promise<string[]> => removeHomes(names);

export const homesDocument = (homes: readonly PrivateHomeLook[]): object => ({
  homes: homes.map(({ name, product, version, installation, path, ownBytes, usedAtMs, isRunning }) => ({
    name,
    product,
    version,
    home: path,
    installation,
    bytes: ownBytes,
    lastUsedAt: new Date(usedAtMs).toISOString(),
    running: isRunning,
  })),
});
