import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ProductId } from '../../src/domain/catalogue.js';
import { createStandInJdk } from '../../src/standin/home.js';
import type { Cli } from '../support/cli.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('both-ways');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

interface Way {
  readonly product: ProductId;
  readonly version: string;
  readonly profile?: string;
  readonly jdk: string;
  /** One of its ports, and the number without an offset. */
  readonly port: readonly [name: string, base: number];
}

const WAYS: readonly Way[] = [
  { product: 'apim', version: '4.5.0', jdk: '17.0.9', port: ['gateway-https', 8243] },
  { product: 'apim', version: '2.6.0', jdk: '1.8.0_392', port: ['servlet-https', 9443] },
  { product: 'is', version: '5.10.0', jdk: '11.0.21', port: ['servlet-https', 9443] },
  { product: 'mi', version: '4.4.0', jdk: '17.0.9', port: ['management', 9154] },
  { product: 'analytics', version: '7.1.0', jdk: '11.0.21', port: ['https', 9443] },
  { product: 'analytics', version: '6.6.0', profile: 'dashboard', jdk: '11.0.21', port: ['https', 9641] },
  { product: 'si', version: '4.2.0', jdk: '17.0.9', port: ['store-https', 7443] },
];

function start({ product, jdk, profile }: Way, home: string, ...more: string[]): Cli {
  const javaHome = join(sandbox.folder, `jdk-${jdk}`);
  createStandInJdk(javaHome, { version: jdk });
  const where = ['--home', home, '--java-home', javaHome, ...(profile ? ['--profile', profile] : [])];
  return sandbox.start([product, ...where, '--json', ...more]);
}

async function readyAt(cli: Cli, { port: [name, base] }: Way, offset: number): Promise<void> {
  const ready = await cli.event('ready');
  const ports = ready['ports'] as { name: string; number: number }[];
  expect([ready['offset'], ports.find((one) => one.name === name)?.number, ready['warnings']]).toEqual([
    offset,
    base + offset,
    [],
  ]);
}

async function end(...all: readonly Cli[]): Promise<void> {
  for (const cli of all) {
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
  }
  expect(sandbox.processes()).toEqual([]);
}

describe('an offset in the configuration file and one that is passed are the same to', () => {
  test.each(WAYS)('$product $version', async (way) => {
    const { product, version, profile } = way;
    const homes = ['one', 'two'].map((name) => sandbox.home(name, { product, version }));
    const [one, two] = homes as [string, string];
    const which = ['--home', one, ...(profile ? ['--profile', profile] : [])];
    expect((await sandbox.run(['offset', 'set', String(MIN), product, ...which])).code).toBe(0);

    const first = start(way, one);
    await readyAt(first, way, MIN);
    const second = start(way, two, '--auto-offset', '--min-offset', String(MIN));
    await readyAt(second, way, MIN + 1);
    await end(first, second);
  });
});
