import { lstatSync, type Stats, statSync } from 'node:fs';

/** What keeps a folder from being ours: it, or the link that leads there, is another user's, or others may write. */
export type NotOurs = 'foreign' | 'writable';

/** Undefined on Windows, whose users have folders of their own and no ids. */
const ourId = (): number | undefined => process.geteuid?.();

/** Undefined where a folder is ours and nobody else may write to it, where nothing is there, and on Windows. */
export function whyNotOurs(path: string): NotOurs | undefined {
  if (ourId() === undefined) return undefined;
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return undefined;
  if (entry.isSymbolicLink() && entry.uid !== 0 && entry.uid !== ourId()) return 'foreign';
  const folder = statSync(path, { throwIfNoEntry: false });
  return folder && judge(folder);
}

function judge({ uid, mode }: Stats): NotOurs | undefined {
  if (uid !== ourId()) return 'foreign';
  return (mode & 0o022) === 0 ? undefined : 'writable';
}
