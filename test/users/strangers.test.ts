import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Child } from '../support/children.js';
import { homeOf, INSIDE, onSharedMachine, SharedMachine, type User } from '../support/users.js';

let machine: SharedMachine;
let home: string;

/** A lease of whoever runs it, for his own process, which goes on; its fields by the second argument. */
const CLAIMING = `
  const { mkdirSync, readFileSync, readlinkSync, writeFileSync } = require('node:fs');
  const [, id, fields] = process.argv;
  const startTime = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ')[19];
  const lease = {
    schemaVersion: 1, name: 'his', product: 'mi', home: '/opt/his', offset: 0, ports: [], server: null, stateFolder: '/',
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
    networkNamespace: readlinkSync('/proc/self/ns/net'),
    supervisor: { pid: process.pid, startTime },
  };
  try { process.umask(0); mkdirSync('/tmp/wso2-launch', { mode: 0o1777 }); } catch {}
  writeFileSync('/tmp/wso2-launch/' + id + '.json', JSON.stringify({ ...lease, ...JSON.parse(fields) }));
  console.log('up');
  setInterval(() => {}, 1e6);`;

/** Keeps the mutex, and the line in front of it. */
const KEEPING = `
  const { createServer } = require('node:net');
  const names = ['mutex', 'line'].map((name) => ('\\0wso2-launch/' + name + '/v1').padEnd(108, '.'));
  createServer().listen(names[1], () => createServer().listen(names[0], () => console.log('up')));`;

const claim = async (user: User, id: string, fields: object): Promise<Child> => {
  const claiming = machine.start(user, [INSIDE.node, '-e', CLAIMING, id, JSON.stringify(fields)]);
  await claiming.line();
  return claiming;
};

const choose = async (user: User, ...more: readonly string[]): Promise<{ offset?: number; warnings?: string[] }> => {
  const { code, stdout, stderr } = await machine.run(user, [
    'mi',
    '--home',
    home,
    '--auto-offset',
    '--dry-run',
    '--json',
    ...more,
  ]);
  expect({ code, stderr: stderr.replace(/^wso2-launch: warning.*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

onSharedMachine.describe('another user', () => {
  beforeEach(async () => {
    machine = await SharedMachine.start();
    home = machine.makeHome('victim', `${homeOf('victim')}/mi`);
  });
  afterEach(() => machine.close());

  test.each(['victim', 'root'] as const)('can’t keep a home of others by a lease that names it: %s', async (user) => {
    await claim('attacker', '1-a-0', { home });
    expect(await choose(user)).toMatchObject({ offset: 10 });
  });

  test('keeps a home in which he may write', async () => {
    machine.sh('victim', 'chmod o+w "$1"', [home]);
    await claim('attacker', '1-a-0', { home });
    const { code, stderr } = await machine.run('victim', ['mi', '--home', home, '--dry-run']);
    expect({ code, stderr }).toMatchObject({ code: 8, stderr: expect.stringContaining('instance his') });
  });

  test('can’t keep a name in our state folder', async () => {
    const stateFolder = `${homeOf('victim')}/.local/state/wso2-launch`;
    await claim('attacker', '1-a-0', { name: 'mi', stateFolder });
    await choose('victim', '--name', 'mi');
  });

  test('keeps the ports of a server that starts, and can’t keep all of them', async () => {
    await claim('attacker', '1-a-0', { ports: [8290] });
    expect(await choose('victim')).toMatchObject({ offset: 11 });
    await claim('attacker', '1-b-0', { ports: Array.from({ length: 9_000 }, (_, index) => 8_000 + index) });
    expect(await choose('victim')).toMatchObject({ offset: 11 });
    const claims = Array.from({ length: 40 }, (_, number) => ({
      ports: Array.from({ length: 250 }, (_, index) => 8_000 + number * 250 + index),
    }));
    await Promise.all(claims.map((ports, number) => claim('attacker', `2-${number}-0`, ports)));
    await choose('victim');
  });

  test('who keeps the lock holds a launch up for a while, and does not stop it', async () => {
    await machine.start('attacker', [INSIDE.node, '-e', KEEPING]).line();
    const cli = machine.cli('victim', ['mi', '--home', home, '--json']);
    expect(await cli.event('ready')).toMatchObject({ offset: 10 });
    expect(cli.stderr).toMatch(/For 5\.\d s a process that is none of yours has kept the lock/);
    machine.kill(cli, 'SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
  });
});
