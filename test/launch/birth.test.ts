import { beforeEach, describe, expect, test } from '@jest/globals';
import { BirthWatch, lookAtBirth, withBirthWarning } from '../../src/launch/birth.js';
import type { PreparedLaunch } from '../../src/launch/plan.js';
import type { Choice } from '../../src/ports/reserve.js';
import { inspectedHome } from '../support/fake-home.js';
import { FakeFiles } from '../support/fake-system.js';

const STATE = '/state';
const HOUR_MS = 3_600_000;

/** Files with a time and an identity of their own, as a file system gives them. */
class Disk extends FakeFiles {
  nowMs = Date.UTC(2026, 10, 22);
  #births = 0;
  readonly #identities = new Map<string, { id: string; bornAtMs: number; writtenAtMs: number }>();

  override identityOf = (path: string) => this.#identities.get(path);

  /** Makes a file, or writes to one; a file of another day that is unpacked keeps the time of its last write. */
  write(path: string, text: string, writtenAtMs = this.nowMs): void {
    const { id = `${++this.#births}`, bornAtMs = this.nowMs } = this.#identities.get(path) ?? {};
    this.#identities.set(path, { id, bornAtMs, writtenAtMs });
    this.texts.set(path, text);
  }

  delete(path: string): void {
    this.#identities.delete(path);
    this.texts.delete(path);
  }

  move(from: string, to: string): void {
    const moved = [...this.#identities].filter(([path]) => path.startsWith(`${from}/`));
    for (const [path, identity] of moved) {
      const target = to + path.slice(from.length);
      this.#identities.set(target, identity);
      this.texts.set(target, this.texts.get(path) as string);
      this.delete(path);
    }
  }
}

let disk: Disk;
beforeEach(() => {
  disk = new Disk();
  databases = [];
});

const HOME = '/opt/am';
const database = (name = 'WSO2AM_DB', home = HOME): string => `${home}/repository/database/${name}.mv.db`;
const PRISTINE = 'H:2,block:3,blockSize:1000,chunk:2,created:194851127bf,format:3,version:2,fletcher:b94e43e2';
const USED = PRISTINE.replace('version:2', 'version:9');

/** Unpacks a home, as its vendor has packed it. */
function unpack(home = HOME): void {
  if (!disk.texts.has(home)) disk.write(home, '');
  for (const name of ['WSO2AM_DB', 'WSO2SHARED_DB']) disk.write(database(name, home), PRISTINE, 0);
  disk.nowMs += HOUR_MS;
}

let databases: readonly string[];
const inspected = (home = HOME) => inspectedHome('apim', { home, databases });
const system = () => ({ files: disk });
const look = (home = HOME) => lookAtBirth(inspected(home), STATE, system());
const known = (offset: number) => ({ kind: 'known', birth: { offset } });

interface Run {
  readonly home?: string;
  readonly isReady?: boolean;
  /** Whether it comes so far as to write to its databases. */
  readonly writes?: boolean;
  /** Whether it is started without us. */
  readonly byHand?: boolean;
}

/** A server that is started and ends. */
function run(offset: number, { home = HOME, isReady = true, writes = true, byHand = false }: Run = {}): void {
  const watch = byHand ? undefined : new BirthWatch(inspected(home), STATE, system());
  disk.write(`${home}/wso2carbon.pid`, '70\n');
  disk.nowMs += 1_000;
  if (writes) for (const name of ['WSO2AM_DB', 'WSO2SHARED_DB']) disk.write(database(name, home), USED);
  if (isReady) watch?.note(offset, { isReady });
  disk.nowMs += HOUR_MS;
  watch?.note(offset);
}

describe('the offset at which a database was first started', () => {
  test('is that of the first server, whatever others came later', () => {
    unpack();
    expect(look()).toEqual({ kind: 'unborn' });
    run(3);
    run(0);
    expect(look()).toEqual(known(3));
  });

  test('is that of a server that was never ready, if it has written to the database', () => {
    unpack();
    run(3, { isReady: false });
    run(0);
    expect(look()).toEqual(known(3));
  });

  test('is not that of a server that ended before it could write to the database', () => {
    unpack();
    run(3, { isReady: false, writes: false });
    expect(look()).toEqual({ kind: 'unborn' });
    run(1);
    expect(look()).toEqual(known(1));
  });

  test('is that of the server which has made the database', () => {
    run(2);
    expect(look()).toEqual(known(2));
  });

  test('is that of the first ready server, though the time of its file does not tell', () => {
    unpack();
    run(2, { writes: false });
    expect(look()).toEqual(known(2));
  });

  test('is not known of a database that is no file, whatever lies in the home', () => {
    databases = ['jdbc:mysql://db.example:3306/apim'];
    unpack();
    run(2, { writes: false });
    expect(look()).toEqual({ kind: 'unborn' });
    disk.delete(database());
    run(1);
    disk.delete(database());
    expect(look()).toEqual({ kind: 'unknown' });
  });

  test('is nothing where there is no database in files', () => {
    run(1, { writes: false });
    expect(look()).toEqual({ kind: 'unborn' });
    expect([...disk.texts.keys()].filter((path) => path.startsWith(STATE))).toEqual([]);
  });

  test('goes with the home to another path', () => {
    unpack();
    run(3);
    disk.move(HOME, '/opt/other');
    expect(look('/opt/other')).toEqual(known(3));
  });

  test('is not known of a home that was started by hand', () => {
    unpack();
    run(3, { byHand: true });
    run(0);
    expect(look()).toEqual({ kind: 'unknown' });
  });

  test('is not known of a home that was copied with its databases', () => {
    unpack();
    run(3);
    for (const path of [...disk.texts.keys()].filter((one) => one.startsWith(HOME)))
      disk.write(path.replace(HOME, '/opt/copy'), disk.texts.get(path) as string);
    run(0, { home: '/opt/copy' });
    expect(look('/opt/copy')).toEqual({ kind: 'unknown' });
    expect(look()).toEqual(known(3));
  });

  test('is another one once the databases were unpacked anew', () => {
    unpack();
    run(3);
    for (const name of ['WSO2AM_DB', 'WSO2SHARED_DB']) disk.delete(database(name));
    unpack();
    expect(look()).toEqual({ kind: 'unborn' });
    run(0);
    expect(look()).toEqual(known(0));
    expect([...disk.texts.keys()].filter((path) => path.startsWith(`${STATE}/births/`))).toHaveLength(2);
  });

  test('is another one at once where we knew the former', () => {
    unpack();
    run(3);
    disk.nowMs -= HOUR_MS - 1_000;
    for (const name of ['WSO2AM_DB', 'WSO2SHARED_DB']) disk.delete(database(name));
    unpack();
    expect(look()).toEqual({ kind: 'unborn' });
    run(0);
    expect(look()).toEqual(known(0));
  });

  test('is not known of another one that somebody has started by hand at once', () => {
    unpack();
    run(3);
    for (const name of ['WSO2AM_DB', 'WSO2SHARED_DB']) {
      disk.delete(database(name));
      disk.write(database(name), PRISTINE, 0);
    }
    run(1, { byHand: true });
    expect(look()).toEqual({ kind: 'unknown' });
  });

  test('is another one once the servers had to make the databases anew', () => {
    unpack();
    run(3);
    for (const name of ['WSO2AM_DB', 'WSO2SHARED_DB']) disk.delete(database(name));
    run(0);
    expect(look()).toEqual(known(0));
  });

  test('is that of the database with the portals, which was unpacked anew, whatever the others have', () => {
    unpack();
    run(3);
    disk.delete(database());
    disk.write(database(), PRISTINE, 0);
    disk.nowMs += HOUR_MS;
    run(0);
    expect(look()).toEqual(known(0));
  });

  test('is not known any more once an older state was copied over the database', () => {
    unpack();
    run(3);
    run(0); // by then its head has been written
    disk.write(database(), PRISTINE);
    expect(look()).toEqual({ kind: 'unknown' });
  });

  test('is read in a database that others have started, and then remembered', () => {
    unpack();
    run(5, { byHand: true });
    const url = 'https://localhost:9448/publisher/services/auth/callback/login';
    disk.write(database(), `${USED}…regexp=(${url}|…`);
    expect(look()).toEqual({ kind: 'known', birth: { offset: 5, url } });
    run(0);
    expect(look()).toEqual(known(5));
  });

  test('is nothing that a damaged note could say', () => {
    unpack();
    run(3);
    for (const path of [...disk.texts.keys()].filter((one) => one.startsWith(`${STATE}/births/`)))
      disk.texts.set(path, (disk.texts.get(path) as string).replace('"offset":3', '"offset":"3"'));
    expect(look()).toEqual({ kind: 'unknown' });
  });
});

describe('a launch', () => {
  const prepared = (isSticky = false): PreparedLaunch =>
    ({ inspection: inspected(), request: { ...(isSticky && { isSticky }) }, stateFolder: STATE }) as PreparedLaunch;
  const choice = (offset: number): Choice => ({ offset, warnings: ['first'] }) as unknown as Choice;
  const warnings = (offset: number, isSticky = false): number =>
    withBirthWarning(prepared(isSticky), choice(offset), system()).warnings.length;

  test('is warned where it takes another offset than the database has', () => {
    unpack();
    expect(warnings(0)).toBe(1);
    run(3);
    expect(warnings(3)).toBe(1);
    expect(warnings(0)).toBe(2);
  });

  test('that was to take that of the database is told where nobody knows it', () => {
    unpack();
    expect(warnings(0, true)).toBe(1);
    run(3, { byHand: true });
    expect(warnings(0)).toBe(1);
    expect(warnings(0, true)).toBe(2);
  });
});
