import { basename, dirname } from 'node:path/posix';
import {
  APPLICATION_LISTS,
  type DeployedArtifact,
  deployedArtifacts,
  leadsOut,
  listeningArtifact,
} from '../domain/carbon-application.js';
import { type Declaration, declarationsIn, unreadArtifact } from '../domain/synapse.js';
import { XmlError } from '../domain/xml.js';
import { type Archive, type ArchiveEntry, archiveIn } from '../system/archive.js';
import { rethrowShortage } from '../system/shortage.js';
import type { Reading } from './config-files.js';

/** What an archive, or a file, declares, and warnings of what in it can't be told. */
export interface Declared {
  readonly declarations: readonly Declaration[];
  readonly warnings: readonly string[];
}

/**
 * Reads what a carbon application (`.car`) declares, and the applications within it. Nothing of it is unpacked to a disk;
 * what can't be read is a warning, for the server logs it and starts.
 */
export function readCarbonApplication(path: string, { files }: Pick<Reading, 'files'>): Declared {
  const name = basename(path.replaceAll('\\', '/'));
  const look = new Look();
  try {
    files.inArchive(path, (archive) => look.into(archive, name, 0));
  } catch (error) {
    rethrowShortage(error);
    look.warn(path, (error as Error).message);
  }
  return look;
}

/** A home's archives hold some hundred small files each; what goes beyond these bounds was not made to be deployed. */
const MOST_BYTES = 64 * 2 ** 20;
const LONGEST_ARTIFACT_BYTES = 4 * 2 ** 20;
/** The depth of nesting that is looked into: MI deploys the applications in the `dependencies` of one. */
const DEEPEST = 3;

class Look implements Declared {
  readonly declarations: Declaration[] = [];
  readonly warnings: string[] = [];
  #bytesLeft = MOST_BYTES;

  warn(subject: string, problem: string): void {
    this.warnings.push(
      `${subject} can't be looked into, so that nobody looks after the ports of what is in it: ${problem}.`,
    );
  }

  /** @param path the archive's name, behind those of the archives round it */
  into(archive: Archive, path: string, depth: number): void {
    const out = archive.entries.find(({ name }) => leadsOut(name));
    if (out) this.warn(`${path}/${out.name}`, 'its path leads out of the archive');
    const entries = new Map(archive.entries.filter(({ name }) => !leadsOut(name)).map((entry) => [entry.name, entry]));
    this.#artifactsOf(archive, entries, path);
    for (const [name, entry] of entries) {
      if (!name.endsWith('.car')) continue;
      if (depth === DEEPEST) this.warn(`${path}/${name}`, `it lies more than ${DEEPEST} archives deep`);
      else
        this.#try(`${path}/${name}`, () =>
          this.into(archiveIn(this.#read(archive, entry)), `${path}/${name}`, depth + 1),
        );
    }
  }

  #artifactsOf(archive: Archive, entries: ReadonlyMap<string, ArchiveEntry>, path: string): void {
    const listName = APPLICATION_LISTS.find((name) => entries.has(name));
    if (listName === undefined) {
      this.warnings.push(`${path} has no artifacts.xml: the server can't deploy it.`);
      return;
    }
    const deployed = this.#try(`${path}/${listName}`, () =>
      deployedArtifacts(this.#text(archive, entries.get(listName))),
    );
    for (const [name, entry] of entries) {
      if (!/^[^/]+\/artifact\.xml$/.test(name)) continue;
      const found = this.#try(`${path}/${name}`, () => listeningArtifact(this.#text(archive, entry)));
      if (found && deployed?.has(found.identity))
        this.#declarationsOf(found, archive, entries, { folder: dirname(name), path });
    }
  }

  #declarationsOf(
    { file }: DeployedArtifact,
    archive: Archive,
    entries: ReadonlyMap<string, ArchiveEntry>,
    { folder, path }: { readonly folder: string; readonly path: string },
  ): void {
    const name = `${path}/${folder}/${file}`;
    const found = this.#try(name, () => declarationsIn(this.#text(archive, entries.get(`${folder}/${file}`)), name));
    this.declarations.push(...(found ?? []));
  }

  #text(archive: Archive, entry: ArchiveEntry | undefined): string {
    if (entry === undefined) throw new Error('it is missing');
    if (entry.size > LONGEST_ARTIFACT_BYTES)
      throw new Error(`it has ${entry.size} bytes, and no more than ${LONGEST_ARTIFACT_BYTES} of an artifact are read`);
    return this.#read(archive, entry).toString('utf8');
  }

  #read(archive: Archive, entry: ArchiveEntry): Buffer {
    if (entry.size > this.#bytesLeft)
      throw new Error(`with it, more than ${MOST_BYTES} bytes would be read of one archive`);
    this.#bytesLeft -= entry.size;
    return archive.read(entry);
  }

  #try<T>(subject: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      rethrowShortage(error);
      if (error instanceof XmlError) this.warnings.push(unreadArtifact(subject, error));
      else this.warn(subject, (error as Error).message);
      return undefined;
    }
  }
}
