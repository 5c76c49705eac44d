import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Children } from '../support/children.js';
import { where } from '../support/tools.js';

const scripts = join(process.cwd(), 'scripts');
const WORDS = `import('${scripts}/network.mjs').then(({ networkOfItsOwn }) => console.log(JSON.stringify(networkOfItsOwn() ?? null)))`;

/** What goes before a command as this user, or as another one by way of setpriv. */
const wordsAs = (user: readonly string[], env = process.env): string[] | null => {
  const [file = '', ...args] = [...user, process.execPath, '-e', WORDS];
  return JSON.parse(execFileSync(file, args, { env, encoding: 'utf8' }));
};

const STRANGER = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups'];
const canBeStranger = process.getuid?.() === 0 && spawnSync('setpriv', [...STRANGER.slice(1), 'true']).status === 0;
const users = [
  { who: 'this user', user: [] as string[] },
  ...(canBeStranger ? [{ who: 'another user', user: STRANGER }] : []),
].map((one) => ({ ...one, words: wordsAs(one.user) }));

let folder: string;
let children: Children;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  children = new Children();
});
afterEach(async () => {
  await children.close();
  rmSync(folder, { recursive: true });
});

describe.each(users)('in the network that a suite of $who has for itself', ({ user, words }) => {
  const within = (script: string, args: readonly string[] = []): string => {
    const [file = '', ...rest] = [...user, ...(words as string[]), '/bin/sh', '-c', script, 'sh', ...args];
    return execFileSync(file, rest, { encoding: 'utf8', cwd: '/' });
  };
  const can = where(words !== null, 'unshare and ip').test;

  can('a port that is taken outside is free, on loopback of both kinds', async () => {
    const { port } = await children.listen();
    const LISTEN = `const { createServer, connect } = require('net');
      const server = createServer((socket) => socket.end('hello')).listen(+process.argv[1], () => {
        let left = 2;
        for (const host of ['127.0.0.1', '::1'])
          connect(+process.argv[1], host, function () { this.on('data', (text) => console.log(host + ' ' + text)); })
            .on('close', () => { if (--left === 0) server.close(); });
      });`;
    const said = within('exec "$@"', [process.execPath, '-e', LISTEN, String(port)]);
    expect(said.trim().split('\n').sort()).toEqual(['127.0.0.1 hello', '::1 hello']);
  });

  can('user, rights, folder and environment are as outside', () => {
    const TELL = `const status = require('fs').readFileSync('/proc/self/status', 'utf8');
      const rights = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((set) => status.match(set + '.*')[0]);
      const { _, ...env } = process.env; // the shell's word for what it runs
      console.log(JSON.stringify([process.getuid(), process.getgid(), rights, process.cwd(), env]));`;
    const [file = '', ...rest] = [...user, '/bin/sh', '-c', 'exec "$@"', 'sh', process.execPath, '-e', TELL];
    const outside = execFileSync(file, rest, { encoding: 'utf8', cwd: '/' });
    expect(JSON.parse(within('exec "$@"', [process.execPath, '-e', TELL]))).toEqual(JSON.parse(outside));
  });
});

test('without unshare there is none', () => {
  expect(wordsAs([], { ...process.env, PATH: folder })).toBeNull();
});

// Else the suite that this belongs to has the turn itself.
const hasOwn = users[0]?.words !== null;
where(hasOwn, 'unshare and ip').test('without one, suites take turns', async () => {
  mkdirSync(join(folder, 'bin'));
  symlinkSync('/bin/sh', join(folder, 'bin/sh'));
  const HOLD = `import('${scripts}/turn.mjs')
    .then(({ takeTurn }) => takeTurn('wso2-launch-tests', 'waiting'))
    .then(() => console.log('mine'))
    .then(() => setInterval(() => {}, 1000))`;
  const holder = children.node(HOLD);
  await holder.line();

  const args = ['scripts/test.mjs', 'test/lock-file.test.ts', '--reporters=default'];
  const env = { ...process.env, PATH: join(folder, 'bin') };
  const suite = children.start(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const hasWaited = new Promise<void>((resolve) => {
    suite.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Waiting for ')) resolve();
    });
  });
  await hasWaited;
  expect(said.split('\n')).toEqual([
    'The tests share the network, for none of their own can be had (Linux, by unshare and ip).',
    'Waiting for the tests of another process on this network to end.',
    '',
  ]);
  holder.child.kill('SIGKILL');
  expect(await suite.ended).toEqual({ code: 0, signal: null });
});
