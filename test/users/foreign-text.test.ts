import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { homeOf, INSIDE, onSharedMachine, SharedMachine, type User } from '../support/users.js';

let machine: SharedMachine;

/** Clears a terminal, sets its title, and begins a line of its own; short enough to be a process's name. */
const EVIL = '\u001b[2J\n::add\u0007';
const CONTROL = /[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/u;

/** Listens on a port under an evil name, with an evil argument, in an evil folder. */
const LISTENING = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  const [, evil, port] = process.argv;
  mkdirSync('/tmp/' + evil, { recursive: true });
  process.chdir('/tmp/' + evil);
  writeFileSync('/proc/self/comm', evil);
  require('node:net').createServer().listen(Number(port), () => console.log(process.pid));`;

/** A lease for the ports of an offset, of a living process of his, with evil words wherever words are. */
const CLAIMING = `
  const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
  const [, , evil, pid] = process.argv;
  mkdirSync('/tmp/wso2-launch', { recursive: true });
  const startTime = readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1].split(' ')[19];
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const networkNamespace = require('node:fs').readlinkSync('/proc/self/ns/net');
  const lease = {
    schemaVersion: 1, offset: 11, ports: [8291], boot, networkNamespace, server: null,
    supervisor: { pid: Number(pid), startTime },
  };
  const all = { product: evil, home: '/tmp/' + evil, stateFolder: '/tmp/' + evil };
  const write = (id, more) => writeFileSync('/tmp/wso2-launch/1-' + id + '-0.json', JSON.stringify({ ...lease, ...more }));
  write('a', { name: 'mi', ...all });
  write('b', { name: evil, ...all });
  write('c', { name: 'mi-2', ...all, product: 'mi', ports: [8292] });`;

function expectHarmless({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): void {
  expect(`${stdout}${stderr}`).not.toMatch(CONTROL);
  expect(`${stdout}${stderr}`).not.toMatch(/^\s*::/m);
}

onSharedMachine.describe('the names of another user’s processes, homes and leases', () => {
  beforeEach(async () => {
    machine = await SharedMachine.start();
  });
  afterEach(() => machine.close());

  test.each<User>(['root', 'victim'])('reach the terminal of %s escaped', async (user) => {
    const listen = (port: string) => machine.start('attacker', [INSIDE.node, '-e', LISTENING, EVIL, port]).line();
    await listen('8290');
    machine.node('attacker', CLAIMING, [EVIL, await listen('8291')]);
    const theirs = machine.makeHome('attacker', `/tmp/${EVIL}/mi`);
    const cli = machine.cli('attacker', ['mi', '--home', theirs, '--offset', '20', '--json']);
    await cli.event('ready');
    const home = ['--home', machine.makeHome(user, `${homeOf(user)}/mi`)];
    const ended = await Promise.all(
      [
        ['mi', ...home],
        ['mi', ...home, '--offset', '11'],
        ['mi', ...home, '--offset', '12', '--verbose'],
        ['mi', ...home, '--offset', '20'],
        ['mi', '--home', theirs],
        ['mi', ...home, '--offset', '10', '--json'],
        ['doctor', 'mi', ...home, '--verbose'],
        ['ports', 'mi', ...home],
        ['ps', '--all'],
      ].map((args) => machine.run(user, args)),
    );
    for (const one of ended) expectHarmless(one);
    expect(ended.slice(0, 4).map(({ code }) => code)).toEqual([4, 4, 4, 4]);
    if (user === 'root') expect(ended[0]?.stderr).toContain('\\u001b[2J\\n');
  });
});
