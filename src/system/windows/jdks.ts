import { join } from 'node:path';
import type { Environment } from '../../domain/command.js';
import type { JdkFolder } from '../host.js';
import type { Spawning } from '../spawning.js';

/** The folders of JDKs on Windows, with the variables' names in upper case. */
export const windowsJdkFolders = (env: Environment): JdkFolder[] => [
  ...[env['PROGRAMFILES'], env['PROGRAMFILES(X86)']].flatMap((programs) =>
    programs ? VENDORS.map((vendor) => ({ path: join(programs, vendor), by: 'Program Files' })) : [],
  ),
  ...(env['LOCALAPPDATA'] ? [{ path: join(env['LOCALAPPDATA'], 'mise/installs/java'), by: 'mise' }] : []),
];

/** The folders that the installers of JDKs make. */
const VENDORS = [
  'Java',
  'Eclipse Adoptium',
  'AdoptOpenJDK',
  'Microsoft',
  'Zulu',
  'Amazon Corretto',
  'BellSoft',
  'SapMachine',
  'RedHat',
];

/** What those installers write into the registry: the key, and the name of the value that holds the folder. */
const KEYS: readonly (readonly [key: string, value: string])[] = [
  ['HKLM\\SOFTWARE\\JavaSoft', 'JavaHome'],
  ['HKLM\\SOFTWARE\\Eclipse Adoptium', 'Path'],
  ['HKLM\\SOFTWARE\\Microsoft\\JDK', 'Path'],
  ['HKLM\\SOFTWARE\\Azul Systems\\Zulu', 'InstallationPath'],
];

const REGISTRY_TIMEOUT_MS = 5_000;

export async function registeredJdks(spawning: Pick<Spawning, 'outputOf'>, signal: AbortSignal): Promise<string[]> {
  const outputs = await Promise.all(
    KEYS.map(([key, value]) =>
      spawning.outputOf('reg.exe', ['query', key, '/s', '/v', value], REGISTRY_TIMEOUT_MS, signal),
    ),
  );
  return [...new Set(outputs.flatMap((output) => foldersIn(output ?? '')))];
}

/** A line of `reg query`: `    JavaHome    REG_SZ    C:\Program Files\Java\jdk-17`. */
const foldersIn = (output: string): string[] =>
  [...output.matchAll(/^ +\w+ +REG_SZ +(\S.*?)\s*$/gm)].map(([, folder]) => folder as string);
