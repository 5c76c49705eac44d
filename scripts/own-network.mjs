import { spawnSync } from 'node:child_process';

const LOOPBACK_UP = ['-n', 'ip', 'link', 'set', 'lo', 'up'];

/** Whether a program can be given a network namespace of its own: on Linux, as root. */
export const hasOwnNetworks = () => spawnSync('unshare', LOOPBACK_UP, { stdio: 'ignore' }).status === 0;

/** A command that runs with nothing but a loopback of its own, on which nobody else's ports are. */
export const inOwnNetwork = (file, args) => ({
  file: 'unshare',
  args: ['-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', file, ...args],
});
