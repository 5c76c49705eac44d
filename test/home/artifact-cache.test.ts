import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseScriptArguments } from '../../src/domain/command.js';
import { inspectHome } from '../../src/home/inspect.js';
import { nodeSystem } from '../../src/system/index.js';
import { INBOUND_FOLDER, inbound, inWords } from '../support/configured-home.js';
import { carbonApplication } from '../support/zip.js';

let folder: string;
let home: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  home = makeHome('mi');
});
afterEach(() => rmSync(folder, { recursive: true }));

const ENDPOINT = `${INBOUND_FOLDER}/Orders.xml`;
const APPLICATION = 'repository/deployment/server/carbonapps/Shop.car';
const http = (name: string, port: number): string => inbound(name, 'http', { 'inbound.http.port': port });
const LONG_AGO = new Date('2026-01-01T12:00:00.500Z');

function makeHome(name: string): string {
  const made = join(folder, name);
  put(made, 'bin/version.txt', 'WSO2 Micro Integrator v4.4.0\n');
  put(made, 'bin/micro-integrator.sh', '#!/bin/sh\n');
  put(made, 'conf/deployment.toml', '');
  put(made, ENDPOINT, http('Orders', 8085));
  put(made, APPLICATION, carbonApplication([['Shop', 'synapse/inbound-endpoint', http('Shop', 8086)]]));
  return made;
}

/** Writes a file of a home, at a time of its own. */
function put(where: string, path: string, content: string | Buffer, at = LONG_AGO): void {
  mkdirSync(dirname(join(where, path)), { recursive: true });
  writeFileSync(join(where, path), content);
  utimesSync(join(where, path), at, at);
}

interface Looked {
  /** The ports besides those of every Micro Integrator. */
  readonly ports: readonly string[];
  /** The artifacts that were read, by their names. */
  readonly read: readonly string[];
  readonly warnings: readonly string[];
}

const ORDERS = 'Orders =8085 Orders.xml:3';
const SHOP = 'Shop =8086 Shop.car/Shop_1.0.0/Shop-1.0.0.xml:3';
const BOTH = { ports: [ORDERS, SHOP], read: ['Orders.xml', 'Shop.car'], warnings: [] };
const FROM_CACHE = { ...BOTH, read: [] };

const inCache = () => ({ XDG_CACHE_HOME: join(folder, 'cache') });
const cacheFolder = (): string => join(folder, 'cache/wso2-launch-artifacts');
const cacheFile = (): string => join(cacheFolder(), 'artifacts.json');

function look(env: Readonly<Record<string, string>> = inCache(), at = home): Looked {
  const read: string[] = [];
  const noting =
    <T extends unknown[], R>(work: (path: string, ...rest: T) => R) =>
    (path: string, ...rest: T): R => {
      if (path.includes('/repository/deployment/')) read.push(path.slice(path.lastIndexOf('/') + 1));
      return work(path, ...rest);
    };
  const files = {
    ...nodeSystem.files,
    readText: noting(nodeSystem.files.readText),
    inArchive: noting(nodeSystem.files.inArchive),
  };
  const found = inspectHome(
    { named: { path: at, by: '--home' }, script: parseScriptArguments([]), isOffsetPassed: false },
    { ...nodeSystem, env, files: files as typeof nodeSystem.files },
  );
  return { ports: found.ports.slice(4).map(inWords), read, warnings: found.warnings };
}

describe('artifacts', () => {
  test('are read once, and no more while they stay as they were', () => {
    expect(look()).toEqual(BOTH);
    expect(look()).toEqual(FROM_CACHE);
    expect(statSync(cacheFile()).mode & 0o077).toBe(0);
    expect(statSync(cacheFolder()).mode & 0o077).toBe(0);
  });

  test.each<[string, () => void, Looked]>([
    [
      'another length',
      () => put(home, ENDPOINT, http('Orders', 18_085)),
      { ...BOTH, ports: ['Orders =18085 Orders.xml:3', SHOP], read: ['Orders.xml'] },
    ],
    [
      'another time',
      () => put(home, ENDPOINT, http('Orders', 9085), new Date('2026-01-01T12:00:00.501Z')),
      { ...BOTH, ports: ['Orders =9085 Orders.xml:3', SHOP], read: ['Orders.xml'] },
    ],
    ['none any more', () => rmSync(join(home, APPLICATION)), { ports: [ORDERS], read: [], warnings: [] }],
  ])('of %s are read again, and they alone', (_what, change, expected) => {
    look();
    change();
    expect(look()).toEqual(expected);
    expect(look()).toEqual({ ...expected, read: [] });
  });

  test.each<[string, number, boolean]>([
    ['that was just written', 0, false],
    ['of a clock with whole seconds, written a second before', -1000, false],
    ['of a clock with whole seconds, written long before', -3000, true],
  ])('one %s may still change within that time', (_what, beforeMs, isKept) => {
    const second = new Date('2026-01-01T12:00:10.000Z');
    put(home, ENDPOINT, http('Orders', 8085), new Date(second.getTime() + beforeMs));
    look();
    utimesSync(cacheFile(), second, second);
    expect(look().read).toEqual(isKept ? [] : ['Orders.xml']);
  });

  test('that gave rise to a warning are read each time', () => {
    put(home, APPLICATION, 'no archive');
    put(home, ENDPOINT, '<inboundEndpoint>');
    const { warnings } = look();
    expect(warnings).toHaveLength(2);
    expect(look()).toEqual({ ports: [], read: BOTH.read, warnings });
  });

  test('have what their text refers to filled in each time', () => {
    put(home, ENDPOINT, http('Orders', 0).replace('>0<', '>$SYSTEM:ORDERS<'));
    expect(look({ ...inCache(), ORDERS: '8087' }).ports[0]).toBe('Orders =8087 Orders.xml:3');
    expect(look({ ...inCache(), ORDERS: '8088' })).toMatchObject({
      ports: ['Orders =8088 Orders.xml:3', SHOP],
      read: [],
    });
  });

  test('are kept without what is nobody’s business', () => {
    put(
      home,
      ENDPOINT,
      inbound('Orders', 'https', {
        'inbound.http.port': 8085,
        keystore: '<Password>geheim</Password>',
        'transport.jms.Password': 'geheim',
      }),
    );
    expect(look().ports).toEqual([ORDERS, SHOP]);
    expect(readFileSync(cacheFile(), 'utf8')).not.toContain('geheim');
  });

  test('of other homes are kept beside them, of those that were read last', () => {
    const others = Array.from({ length: 16 }, (_, index) => makeHome(`other-${index}`));
    look();
    for (const other of others) look(inCache(), other);
    expect(look(inCache(), others[0]).read).toEqual([]);
    expect(look().read).toEqual(BOTH.read);
  });
});

describe('without a cache everything is read', () => {
  test.each<[string, (kept: string) => string]>([
    ['cut off', (kept) => kept.slice(0, -20)],
    ['of another format', (kept) => kept.replace('"format":1', '"format":0')],
    ['of another form', (kept) => kept.replace('"parameters":[', '"parameters":[1,')],
    ['with numbers for text', (kept) => kept.replace('"text":"8085"', '"text":8085')],
    ['that is a list', () => '[]'],
    ['that is nothing', () => 'null'],
  ])('a file %s is none', (_what, change) => {
    look();
    writeFileSync(cacheFile(), change(readFileSync(cacheFile(), 'utf8')));
    expect(look()).toEqual(BOTH);
    expect(look()).toEqual(FROM_CACHE);
  });

  test.each([
    ['no place for one', {}],
    ['a place that is relative', { XDG_CACHE_HOME: 'cache', HOME: '.' }],
  ])('%s', (_what, env) => {
    look(env);
    expect(look(env)).toEqual(BOTH);
    expect(existsSync('cache/wso2-launch-artifacts')).toBe(false);
  });

  test('a place where nothing can be made', () => {
    writeFileSync(join(folder, 'cache'), 'a file');
    look();
    expect(look()).toEqual(BOTH);
  });

  test('a folder that others may write to is neither read nor written', () => {
    look();
    const kept = readFileSync(cacheFile(), 'utf8');
    writeFileSync(cacheFile(), kept.replace('"8085"', '"9999"'));
    chmodSync(cacheFolder(), 0o777);
    expect(look()).toEqual(BOTH);
    expect(readFileSync(cacheFile(), 'utf8')).toContain('"9999"');
  });

  test('a home without artifacts makes none', () => {
    rmSync(join(home, 'repository'), { recursive: true });
    look();
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });
});
