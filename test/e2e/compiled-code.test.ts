import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Sandbox } from '../support/sandbox.js';

let sandbox: Sandbox;
let cache: string;
beforeEach(() => {
  sandbox = new Sandbox();
  cache = join(sandbox.folder, 'cache');
});
afterEach(() => sandbox.close());

const version = async (): Promise<string> => {
  const env = { XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: join(cache, 'node') };
  const { code, stdout, stderr } = await sandbox.run(['--version'], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

const ours = (): string => join(cache, 'wso2-launch');
const kept = (): string => join(ours(), readdirSync(ours())[0] as string);

// Node 22 keeps compiled code by itself.
const onNode20 = process.versions.node.startsWith('20.') ? test : test.skip;

onNode20('compiled code is kept for its user alone, and a damaged file of it costs nothing but time', async () => {
  const said = await version();
  const files = readdirSync(kept());
  expect(files).toContain('main.cjs.bin');
  for (const file of files) writeFileSync(join(kept(), file), 'damaged');
  expect(await version()).toBe(said);
  expect(readFileSync(join(kept(), 'main.cjs.bin')).length).toBeGreaterThan(1_000);
});

onNode20('compiled code that another user may have written is not used', async () => {
  await version();
  const file = join(kept(), 'main.cjs.bin');
  chmodSync(file, 0o666);
  await version();
  expect(statSync(file).mode & 0o777).toBe(0o600); // what is not used is written anew
});

onNode20('compiled code of versions before goes after a month', async () => {
  const old = join(ours(), 'old');
  const recent = join(ours(), 'recent');
  for (const folder of [old, recent]) mkdirSync(folder, { recursive: true });
  utimesSync(old, new Date('2020-01-01'), new Date('2020-01-01'));
  await version();
  expect([existsSync(old), existsSync(recent)]).toEqual([false, true]);
});
