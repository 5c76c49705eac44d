import { basename } from 'node:path';
import { type Birth, birthIn, birthWarning, databaseHead, isLaterThan, unknownBirth } from '../domain/birth.js';
import { allDatabases, hasDatabaseElsewhere, lastRunMs } from '../home/databases.js';
import type { InspectedHome } from '../home/inspect.js';
import type { Choice } from '../ports/reserve.js';
import { type BirthNote, hadAnother, readBirth, writeBirth } from '../state/births.js';
import type { System } from '../system/index.js';
import type { PreparedLaunch } from './plan.js';

type BirthSystem = Pick<System, 'files'>;

/** What is known of the offset at which a home's database was first started. */
export type BirthLook =
  | { readonly kind: 'known'; readonly birth: Birth }
  /** No server has written to it yet. */
  | { readonly kind: 'unborn' }
  | { readonly kind: 'unknown' };

/** Looks at what we remember of a home's database, and then at what it says itself. Nothing is written. */
export function lookAtBirth(inspection: InspectedHome, folder: string, system: BirthSystem): BirthLook {
  const { facts } = inspection;
  const known = subjectsOf(inspection, folder, system);
  const itsOwn = known.filter(({ file }) => facts.birth?.database?.test(basename(file)));
  if (itsOwn.length === 0 && hasDatabaseElsewhere(inspection, system)) return { kind: 'unknown' };
  const subjects = itsOwn.length > 0 ? itsOwn : known;
  const remembered = subjects.flatMap(({ note }) => note?.offset ?? [])[0];
  if (remembered !== undefined) return { kind: 'known', birth: { offset: remembered } };
  const written = subjects.flatMap((subject) => urlsIn(subject, inspection, system));
  const birth = birthIn(written, inspection);
  if (birth) return { kind: 'known', birth };
  // A server that finds no file makes its database.
  return {
    kind: subjects.every((subject) => isUnborn(subject, { inspection, folder }, system)) ? 'unborn' : 'unknown',
  };
}

/** A choice with a warning where it is not the offset of the home's database. */
export function withBirthWarning(
  { inspection, request, stateFolder }: PreparedLaunch,
  choice: Choice,
  system: BirthSystem,
): Choice {
  if (!inspection.facts.birth) return choice;
  const look = lookAtBirth(inspection, stateFolder, system);
  if (look.kind === 'unknown' && request.isSticky) return { ...choice, warnings: [...choice.warnings, unknownBirth()] };
  if (look.kind !== 'known' || look.birth.offset === choice.offset) return choice;
  return { ...choice, warnings: [...choice.warnings, birthWarning(look.birth, choice.offset, inspection)] };
}

/** Notes the offset of a server that is the first to write to its home's databases. */
export class BirthWatch {
  readonly #before: ReadonlyMap<string, { readonly writtenAtMs: number; readonly isUnborn: boolean }>;
  /** The offset that is known already, by what its database says. */
  readonly #known: number | undefined;

  /** Looks at the databases as they are before the server starts. */
  constructor(
    private readonly inspection: InspectedHome,
    private readonly folder: string,
    private readonly system: BirthSystem,
  ) {
    this.#before = new Map(
      this.#subjects().map((subject) => [
        subject.id,
        { writtenAtMs: subject.writtenAtMs, isUnborn: isUnborn(subject, { inspection, folder }, system) },
      ]),
    );
    const look = inspection.facts.birth && lookAtBirth(inspection, folder, system);
    this.#known = look?.kind === 'known' ? look.birth.offset : undefined;
  }

  /** Notes what the server has written to until now. A ready one has its database, wherever the time of that file is. */
  note(offset: number, { isReady = false } = {}): void {
    const home = homeId(this.inspection, this.system);
    const hasIts = isReady && !hasDatabaseElsewhere(this.inspection, this.system);
    for (const { id, file, writtenAtMs, head, note } of this.#subjects()) {
      const before = this.#before.get(id);
      const isUnknown = before !== undefined && !before.isUnborn;
      const isWritten = hasIts || writtenAtMs !== before?.writtenAtMs;
      const born = note?.offset ?? (isUnknown ? this.#known : isWritten ? offset : null);
      if (born === undefined) continue;
      const now: BirthNote = { schemaVersion: 1, file, home, offset: born, writtenAtMs, ...(head && { head }) };
      writeBirth(this.folder, id, now, this.system);
    }
  }

  #subjects(): readonly SeenDatabase[] {
    return this.inspection.facts.birth ? subjectsOf(this.inspection, this.folder, this.system) : [];
  }
}

/** A database as it is now, and the note about it, if that is still about this one. */
interface SeenDatabase {
  readonly file: string;
  readonly id: string;
  readonly bornAtMs: number;
  readonly writtenAtMs: number;
  readonly head: BirthNote['head'];
  readonly note: BirthNote | undefined;
}

const HEAD_BYTES = 4096;

/** The databases of a home, as far as they are files. */
function subjectsOf(inspection: InspectedHome, folder: string, system: BirthSystem): readonly SeenDatabase[] {
  const { files } = system;
  return allDatabases(inspection, system).flatMap((file): SeenDatabase[] => {
    const identity = files.identityOf(file);
    if (!identity) return [];
    const head = databaseHead(files.headOf(file, HEAD_BYTES) ?? '');
    const note = readBirth(folder, identity.id, system);
    return [{ file, ...identity, head, note: note && isLaterThan(head, note.head) ? note : undefined }];
  });
}

const urlsIn = ({ file }: SeenDatabase, { facts: { birth } }: InspectedHome, { files }: BirthSystem): string[] =>
  birth?.written ? files.matchesIn(file, birth.written) : [];

/** The longest that a file is written to when it is unpacked or copied. */
const PLACED_WITHIN_MS = 60_000;
/** A copy of a whole home has its files at about one time. */
const COPIED_WITHIN_MS = 10_000;

const homeId = ({ home }: InspectedHome, { files }: BirthSystem): string => files.identityOf(home)?.id ?? '';

interface BirthPlace {
  readonly inspection: InspectedHome;
  /** The state folder. */
  readonly folder: string;
}

/** Whether no server can have written to a database: it is as it was put there, after the last server that ran there. */
function isUnborn(subject: SeenDatabase, { inspection, folder }: BirthPlace, system: BirthSystem): boolean {
  const { note, bornAtMs, writtenAtMs } = subject;
  if (note) return note.offset === null && note.writtenAtMs === writtenAtMs;
  const lastMs = lastRunMs(inspection, system);
  const isAsPlaced = bornAtMs === 0 ? lastMs === undefined : writtenAtMs <= bornAtMs + PLACED_WITHIN_MS;
  if (!isAsPlaced || urlsIn(subject, inspection, system).length > 0) return false;
  if (lastMs === undefined || bornAtMs > lastMs + COPIED_WITHIN_MS) return true;
  // A home that was not copied meanwhile has got another file.
  return bornAtMs > lastMs && hadAnother({ ...subject, home: homeId(inspection, system) }, folder, system);
}
