// A network that a command has for itself: what listens in it meets nobody else's ports and abstract sockets.
import { spawnSync } from 'node:child_process';

const WITH_LOOPBACK = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/** The words to put before a command's own, so that it runs in such a network; undefined where none can be had. */
export function networkOfItsOwn() {
  if (process.platform !== 'linux') return undefined;
  const words = process.getuid() === 0 ? ['unshare', '-n', ...WITH_LOOPBACK] : asOneself();
  const [file, ...args] = [...words, 'sh', '-c', ':'];
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0 ? words : undefined;
}

/** Root for as long as it takes to bring loopback up, then the same user as before, without any of root's rights. */
function asOneself() {
  const again = ['unshare', '-U', `--map-user=${process.getuid()}`, `--map-group=${process.getgid()}`];
  return ['unshare', '-r', '-n', ...WITH_LOOPBACK, ...again];
}
