import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeDatabases } from '../../src/doctor/databases.js';
import { Examination } from '../support/examination.js';
import { processRow } from '../support/fake-system.js';
import { inWords, one, troubles } from '../support/findings.js';

describe('databases', () => {
  const files = ['/am/A.mv.db', '/am/A.lock.db', '/am/A.trace.db'];
  const lock = 'warning database-lock: /am/A.lock.db was left behind. → rm /am/A.lock.db';
  const trace =
    'warning database-trace: /am/A.trace.db tells of trouble with that database. → Read it, and remove it then: tail /am/A.trace.db';

  test.each<[what: string, found: Parameters<typeof judgeDatabases>[0], words: readonly string[]]>([
    ['none', { files: [], open: [] }, ['ok database-in-use', 'ok database-lock', 'ok database-trace']],
    ['alone', { files: ['/am/A.mv.db'], open: [] }, ['ok database-in-use', 'ok database-lock', 'ok database-trace']],
    ['with a lock and a trace', { files, open: [] }, ['ok database-in-use', lock, trace]],
    [
      'in use',
      { files: ['/am/A.mv.db'], open: [{ file: '/am/A.mv.db', pid: 7, command: 'dbeaver' }] },
      [
        'error database-in-use: /am/A.mv.db is open in dbeaver, pid 7. → Close it there, or end it: kill 7',
        'ok database-lock',
        'ok database-trace',
      ],
    ],
    [
      'of which nobody knows who uses them',
      { files, open: undefined },
      [
        'warning unchecked: Not checked: who has the databases open. This system does not tell it. → Look at it yourself.',
        lock,
        trace,
      ],
    ],
  ])('%s', (_what, found, words) => {
    expect(judgeDatabases(found).map(inWords)).toEqual(words);
  });
});

describe('the databases', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('of the home are looked at', async () => {
    const home = examination.home('mi', '4.4.0');
    examination.write(join(home, 'repository/database/A.lock.db'));
    examination.write(join(home, 'repository/database/B.trace.db'));
    examination.write(join(home, 'repository/database/C.mv.db'));
    examination.write(join(home, 'repository/database/notes.txt'));
    examination.system.processes.rows.push(processRow(70, { name: 'dbeaver' }));
    examination.system.processes.openFiles.set(70, [
      join(home, 'repository/database/C.mv.db'),
      join(home, 'repository/database/notes.txt'),
    ]);
    const findings = await examination.findings(home);
    expect(troubles(findings)).toEqual(['error database-in-use', 'warning database-lock', 'warning database-trace']);
    expect(one(findings, 'database-in-use').what).toBe(
      `${home}/repository/database/C.mv.db is open in dbeaver, pid 70.`,
    );
  });
});
