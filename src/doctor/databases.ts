import { join } from 'node:path';
import { quoted } from '../domain/command.js';
import type { System } from '../system/index.js';
import type { Check, Findings } from './check.js';
import { type Finding, kind, unchecked } from './finding.js';
import { ownLeases } from './patient.js';

const IN_USE = kind('database-in-use', 'A database in a file belongs to one process: the server could not open it.');
const LOCK = kind(
  'database-lock',
  'The last server was killed with its database open: H2 waits, looks whether the lock is alive, and may refuse.',
);
const TRACE = kind('database-trace', 'H2 writes such a file only when something has gone wrong.');

type DatabaseId = 'database-in-use' | 'database-lock' | 'database-trace';

export const databases: Check<DatabaseId> = {
  about: 'the databases',
  look: (patient) => {
    const { located, server, system } = patient;
    // A running server has its databases open, and locked, as it should.
    if (server !== undefined || ownLeases(patient).length > 0) return [];
    const folder = located.runtime ? 'database' : 'repository/database';
    const files = databasesIn(join(system.files.realPath(located.runtimeHome), folder), system);
    const open = files.length === 0 ? [] : system.processes.withOpenFile(new Set(files));
    const commandOf = (pid: number): string => system.processes.find(pid)?.name ?? 'a process';
    return judgeDatabases({ files, open: open?.map(({ file, pid }) => ({ file, pid, command: commandOf(pid) })) });
  },
};

const databasesIn = (folder: string, { files }: Pick<System, 'files'>): string[] =>
  files.filesIn(folder).flatMap((name) => (name.endsWith('.db') ? [join(folder, name)] : []));

/** The databases of a home that does not run. */
export interface Databases {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Undefined where the system doesn't tell. */
  readonly open: readonly OpenDatabase[] | undefined;
}

interface OpenDatabase {
  readonly file: string;
  readonly pid: number;
  readonly command: string;
}

export function judgeDatabases({ files, open }: Databases): Findings<DatabaseId> {
  const locks = files
    .filter((file) => file.endsWith('.lock.db'))
    .map((file) => LOCK.warning(`${file} was left behind.`, `rm ${quoted(file)}`));
  const traces = files
    .filter((file) => file.endsWith('.trace.db'))
    .map((file) =>
      TRACE.warning(
        `${file} tells of trouble with that database.`,
        `Read it, and remove it then: tail ${quoted(file)}`,
      ),
    );
  return [
    ...judgeOpenDatabases(open),
    ...orFine(locks, LOCK.fine('No lock of a database was left behind.')),
    ...orFine(traces, TRACE.fine('No database tells of trouble.')),
  ];
}

function judgeOpenDatabases(open: Databases['open']): Findings<'database-in-use'> {
  if (!open) return [unchecked('who has the databases open', 'This system does not tell it')];
  const inUse = open.map(({ file, pid, command }) =>
    IN_USE.error(`${file} is open in ${command}, pid ${pid}.`, `Close it there, or end it: kill ${pid}`),
  );
  return orFine(inUse, IN_USE.fine('No process has a database of this home open.'));
}

const orFine = <F extends Finding>(findings: readonly F[], well: F): readonly F[] =>
  findings.length > 0 ? findings : [well];
