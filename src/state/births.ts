import { join } from 'node:path';
import type { DatabaseHead } from '../domain/birth.js';
import { parseJson } from '../domain/json.js';
import { nodeSystem, type System } from '../system/index.js';
import { BIRTHS } from './folder.js';

/** What is remembered of a database: a line of JSON in a file that is named by the database's identity. */
export interface BirthNote {
  readonly schemaVersion: 1;
  /** Its path. */
  readonly file: string;
  /** The identity of the home's folder. */
  readonly home: string;
  /** The offset of the server that was first to write to it; null where one has started and written nothing. */
  readonly offset: number | null;
  /** Time of the last write that was seen, in milliseconds since 1970. */
  readonly writtenAtMs: number;
  readonly head?: DatabaseHead;
}

const noteFile = (folder: string, id: string): string => join(folder, BIRTHS, `${id}.json`);

/** The note about a database; undefined where there is none that can be read. */
export function readBirth(
  folder: string,
  id: string,
  { files }: Pick<System, 'files'> = nodeSystem,
): BirthNote | undefined {
  try {
    const value = parseJson(files.readText(noteFile(folder, id)) ?? 'null');
    return isNote(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Notes something, in place of what may be known of a database that lay there before. A full disk costs no server. */
export function writeBirth(
  folder: string,
  id: string,
  note: BirthNote,
  { files }: Pick<System, 'files'> = nodeSystem,
): void {
  const isFirst = !files.exists(noteFile(folder, id));
  try {
    files.replaceText(noteFile(folder, id), `${JSON.stringify(note)}\n`);
  } catch {
    return; // the offset is then unknown
  }
  if (!isFirst) return;
  for (const other of notedAt(note.file, folder, { files })) if (other !== id) files.remove(noteFile(folder, other));
}

/** Whether there was another database at a path of the same home. */
export const hadAnother = (
  { file, id, home }: Pick<BirthNote, 'file' | 'home'> & { readonly id: string },
  folder: string,
  system: Pick<System, 'files'> = nodeSystem,
): boolean =>
  notedAt(file, folder, system).some((other) => other !== id && readBirth(folder, other, system)?.home === home);

/** The identities of the databases that are known at a path. */
const notedAt = (file: string, folder: string, { files }: Pick<System, 'files'>): string[] =>
  files
    .filesIn(join(folder, BIRTHS))
    .flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []))
    .filter((id) => readBirth(folder, id, { files })?.file === file);

function isNote(value: unknown): value is BirthNote {
  const { schemaVersion, file, home, offset, writtenAtMs, head } = (value ?? {}) as Partial<
    Record<keyof BirthNote, unknown>
  >;
  const { created, version } = (head ?? {}) as Partial<DatabaseHead>;
  return (
    schemaVersion === 1 &&
    typeof file === 'string' &&
    typeof home === 'string' &&
    (offset === null || Number.isSafeInteger(offset)) &&
    Number.isFinite(writtenAtMs) &&
    (head === undefined || (typeof created === 'string' && Number.isSafeInteger(version)))
  );
}
