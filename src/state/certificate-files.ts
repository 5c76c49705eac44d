import { dirname, join } from 'node:path';
import { nodeSystem, type System } from '../system/index.js';
import { unusableFor } from '../system/shortage.js';

/** The files of certificates that are made for an instance. */
export interface CertificateFiles {
  /** Those of its server, and what the caller's programs have been told to trust besides. */
  readonly extra: string;
  /** The same, and all that its system trusts. */
  readonly all: string;
}

type CertificateWriting = Pick<System, 'files' | 'pid'>;

/** The paths of an instance's files. Their endings are no part of a name: no other instance has the same. */
export const certificateFiles = (name: string, folder: string): CertificateFiles => ({
  extra: join(folder, 'generated', `${name}.chain.pem`),
  all: join(folder, 'generated', `${name}.roots.pem`),
});

/** @throws LaunchError `unusable-state-folder`, or the system's error where the machine lacks files or memory */
export function writeCertificates(
  path: string,
  text: string,
  folder: string,
  system: CertificateWriting = nodeSystem,
): void {
  const { files, pid } = system;
  // Programs that start at once ask at once, and each would write the same.
  if (files.isFile(path) && files.readText(path) === text) return;
  const draft = `${path}.${pid}`;
  try {
    files.makePrivateFolder(dirname(path));
    files.replaceText(draft, text);
    files.rename(draft, path);
  } catch (error) {
    files.remove(draft);
    throw unusableFor(error, folder);
  }
}

/** Removes the files of an instance, and drafts of theirs that a killed writer has left. */
export function removeCertificates(name: string, folder: string, { files }: Pick<System, 'files'> = nodeSystem): void {
  for (const path of Object.values(certificateFiles(name, folder)) as string[]) {
    const drafts = files.filesIn(dirname(path)).map((entry) => join(dirname(path), entry));
    for (const file of drafts.filter((entry) => entry === path || isDraftOf(entry, path))) files.remove(file);
  }
}

const isDraftOf = (file: string, path: string): boolean =>
  file.startsWith(`${path}.`) && /^\d+(?:\.tmp)?$/.test(file.slice(path.length + 1));
