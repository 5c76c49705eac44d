import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inbound } from '../support/configured-home.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { carbonApplication } from '../support/zip.js';

const MIN = minOffsetOf('artifacts');
const ORDERS = 8085 + MIN;

const FOLDER = 'repository/deployment/server/carbonapps';

let sandbox: Sandbox;
let home: string;
beforeEach(() => {
  sandbox = new Sandbox();
  home = sandbox.home('mi', { configuration: `[server]\noffset = ${MIN}\n` });
  const endpoint = inbound('Orders', 'http', { 'inbound.http.port': ORDERS });
  put('Shop.car', carbonApplication([['Orders', 'synapse/inbound-endpoint', endpoint]]));
});
afterEach(() => sandbox.close());

function put(name: string, content: string | Buffer): void {
  const path = join(home, FOLDER, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

// The cache is the sandbox's own, and is gone with it.
const options = (): { env: Record<string, string> } => ({ env: { XDG_CACHE_HOME: join(sandbox.folder, 'cache') } });

test('the port of an artifact in an archive stands in the way, before the cache knows it and after', async () => {
  await sandbox.hold(ORDERS);
  for (const _run of ['first', 'second']) {
    const ended = await sandbox.run(['mi', '-a', '--home', home, '--dry-run'], options());
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr).toContain(`Orders ${ORDERS} is fixed, so that no offset helps`);
  }
});

test('a launch goes on past an archive that can not be looked into, and says so', async () => {
  put('Bad.car', 'no archive');
  const cli = sandbox.start(['mi', '--home', home, '-d', '--json'], options());
  const ready = await cli.event('ready');
  expect(ready['ports']).toContainEqual(
    expect.objectContaining({
      name: 'Orders',
      number: ORDERS,
      shifted: false,
      source: 'Shop.car/Orders_1.0.0/Orders-1.0.0.xml:3',
    }),
  );
  expect(ready['warnings']).toContain(
    `${join(home, FOLDER, 'Bad.car')} can't be looked into, so that nobody looks after the ports of what is in it: it is no zip archive.`,
  );
  expect((await cli.exited).code).toBe(0);
  expect(await sandbox.run(['stop', 'mi'], options())).toMatchObject({ code: 0 });
});
