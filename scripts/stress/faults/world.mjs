// A machine of its own for a worker of the sweep, as far as the system gives one: network, mounts, process ids, /tmp.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Of another user than root, who has no files of the sweep. */
export const ORDINARY = 54_321;
export const STRANGER = 54_322;

/**
 * The words to put before a worker's own, with what it may then do.
 * `isPrivate`: it has mounts, /tmp and process ids for itself. `hasUsers`: it may act as other users.
 */
export function worldOfItsOwn() {
  if (process.platform !== 'linux') return { words: [], isPrivate: false, hasUsers: false };
  const isRoot = process.getuid() === 0;
  const unshare = ['unshare', ...(isRoot ? [] : ['-r']), '-n', '-m', '-p', '--fork', '--kill-child', '--mount-proc'];
  const words = [...unshare, 'sh', '-c', ENTER, root];
  const isPrivate = spawnSync(words[0], [...words.slice(1), 'true'], { stdio: 'ignore' }).status === 0;
  const hasUsers =
    isPrivate && isRoot && spawnSync('setpriv', [`--reuid=${STRANGER}`, '--clear-groups', 'true']).status === 0;
  return { words: isPrivate ? words : [], isPrivate, hasUsers };
}

/** The checkout stays where it is. The shell stays as well: the first process has to bury whoever has lost its parent. */
const ENTER = `
ip link set lo up || exit
case $0/ in
  /tmp/*)
    mount -t tmpfs none /mnt && mkdir /mnt/kept && mount --bind "$0" /mnt/kept || exit
    mount -t tmpfs -o mode=1777 none /tmp && (umask 022; mkdir -p "$0") && mount --bind /mnt/kept "$0" || exit
    umount /mnt/kept /mnt; cd "$0" ;;
  *) mount -t tmpfs -o mode=1777 none /tmp ;;
esac || exit
"$@"
exit $?
`;

/** A small disk of its own at a folder. */
export function mountDisk(folder, { uid, mode, size = '512k', inodes = 80 }) {
  const options = `size=${size},nr_inodes=${inodes},mode=${mode},uid=${uid},gid=${uid}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder]);
}

export const unmountDisk = (folder) => spawnSync('umount', ['-l', folder]);

/** False where a file on it is open for writing. */
export const remountDisk = (folder, how) =>
  spawnSync('mount', ['-o', `remount,${how}`, folder], { stdio: 'ignore' }).status === 0;
