// The program on Windows, as far as wine is one: the suite of scripts/windows-lane.mjs, run by its node.exe.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { filesIn, logOf, processes, Sandbox, until } from './support.mjs';

const OPTIONS = { timeout: 240_000 };

let sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

/** A launch in the foreground, up to its first event of a kind. */
async function launched(home, args = [], kind = 'ready') {
  const cli = sandbox.start(['mi', '--home', home, '--auto-offset', '--json', ...args]);
  const event = await cli.event(kind);
  return { cli, event };
}

const stop = async (name) => assert.equal((await sandbox.run(['stop', name])).code, 0);

test('two servers in the background, beside a port that is taken', OPTIONS, async () => {
  const gateway = sandbox.home('apim home', { product: 'apim', version: '4.5.0' });
  const integrator = sandbox.home('mi home');
  await sandbox.hold(9443);
  const first = await sandbox.run(['apim', '--home', gateway, '--auto-offset', '--detach', '--json']);
  assert.equal(first.code, 0, first.stdout + first.stderr);
  const planned = await first.event('planned');
  assert.ok(planned.offset > 0);
  assert.equal(planned.skipped[0].port.number, 9443);
  const second = await sandbox.run(['mi', '--home', integrator, '--auto-offset', '--detach', '--json']);
  assert.equal(second.code, 0, second.stdout + second.stderr);

  const { instances } = JSON.parse((await sandbox.run(['ps', '--json'])).stdout);
  assert.deepEqual(
    instances.map(({ name, status }) => [name, status]),
    [
      ['apim', 'ready'],
      ['mi', 'ready'],
    ],
  );
  assert.match((await sandbox.run(['logs', 'mi'])).stdout, /WSO2 Micro Integrator started in/);
  const again = await sandbox.run(['mi', '--home', integrator, '--auto-offset']);
  assert.equal(again.code, 8, again.stderr);

  const stopped = await sandbox.run(['stop', '--all']);
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.deepEqual(sandbox.processes(), []);
  assert.match((await sandbox.run(['ps'])).stdout, /^(?!.*ready)/s);
});

test('a runtime of Carbon 5, by a file that is laid over its own', OPTIONS, async () => {
  await sandbox.close();
  // Its scripts leave their own path without quotes.
  sandbox = new Sandbox('wso2-lane-');
  const home = sandbox.home('si', { product: 'si', version: '4.3.0' });
  await sandbox.hold(9443);
  const cli = sandbox.start(['si', '--home', home, '--auto-offset', '--json']);
  const { offset, ports } = await cli.event('ready');
  assert.ok(offset > 0);
  assert.ok(ports.every(({ number }) => number !== 9443));
  const java = processes().find(({ name, args }) => name === 'java.exe' && args.join(' ').includes('-Dconfig='));
  assert.match(java.args.at(-1), /^-Dconfig=.*si\.yaml$/);
  await stop('si');
  assert.equal(await cli.exited, 0);
});

test('two launchers at once choose ports of their own', OPTIONS, async () => {
  const [one, two] = ['one', 'two'].map((name) =>
    sandbox.start(['mi', '--home', sandbox.home(name), '--name', name, '--auto-offset', '--json']),
  );
  const ports = [await one.event('ready'), await two.event('ready')].flatMap((event) => event.ports);
  const numbers = ports.map(({ number }) => number);
  assert.equal(new Set(numbers).size, numbers.length);
  assert.equal((await sandbox.run(['stop', '--all'])).code, 0);
});

test('a home whose server was started by hand is refused', OPTIONS, async () => {
  const home = sandbox.home('home');
  sandbox.startByHand(home, 'micro-integrator.bat');
  const jvm = await until(
    () => 'its JVM',
    () => sandbox.processes().find(({ name }) => name === 'java.exe'),
  );
  const cli = await sandbox.run(['mi', '--home', home.toUpperCase(), '--auto-offset', '--json']);
  assert.equal(cli.code, 8, cli.stderr);
  assert.match((await cli.event('failed')).message, new RegExp(`process ${jvm.pid}, not started by wso2-launch`));
  process.kill(jvm.pid);
  await sandbox.untilEmpty();
});

test('a stop is a forced one, and says so', OPTIONS, async () => {
  const { cli } = await launched(sandbox.home('home'));
  await stop('mi');
  assert.equal(await cli.exited, 0);
  const { reason, how } = await cli.event('stopped');
  assert.deepEqual({ reason, how }, { reason: 'asked', how: 'killed' });
});

test('a stop of a server that can be asked over HTTP is left to it', OPTIONS, async () => {
  const home = sandbox.home('home', { configuration: '[management_api]\nprotocols = "http"\n' });
  const { cli } = await launched(home);
  await stop('mi');
  assert.equal(await cli.exited, 0);
  const { reason, how } = await cli.event('stopped');
  assert.deepEqual({ reason, how }, { reason: 'asked', how: 'graceful' });
  assert.match(logOf(sandbox, 'mi'), /Shutdown complete/);
});

test('a crash', OPTIONS, async () => {
  const home = sandbox.home('home', { behaviour: { onSignal: 'crash' } });
  const { cli } = await launched(home);
  writeFileSync(join(home, 'signal'), '');
  assert.equal(await cli.exited, 5);
  const { failure, message } = await cli.event('failed');
  assert.equal(failure, 'crashed');
  assert.match(message, /exited with code 7/);
});

test('a shutdown from inside', OPTIONS, async () => {
  const home = sandbox.home('home', { behaviour: { onSignal: 'shut-down' } });
  const { cli } = await launched(home);
  writeFileSync(join(home, 'signal'), '');
  assert.equal(await cli.exited, 0, cli.stdout);
});

test('an end with code 0 before it was ready is a failure', OPTIONS, async () => {
  const home = sandbox.home('home', { behaviour: { exitAtBoot: 0 } });
  const cli = await sandbox.run(['mi', '--home', home, '--auto-offset', '--json']);
  assert.equal(cli.code, 5, cli.stdout);
  assert.equal((await cli.event('failed')).failure, 'exited-before-ready');
});

test('a restart from inside, code 121, is followed', OPTIONS, async () => {
  const home = sandbox.home('home', { behaviour: { onSignal: 'restart' } });
  const { cli, event: before } = await launched(home);
  writeFileSync(join(home, 'signal'), '');
  const { reason } = await cli.event('restarting');
  assert.equal(reason, 'from-inside');
  const after = await cli.event('ready', 2);
  assert.notEqual(after.pid, before.pid);
  assert.equal(after.offset, before.offset);
  await stop('mi');
  assert.equal(await cli.exited, 0);
});

test('a port that is lost after choosing moves the server on', OPTIONS, async () => {
  const home = sandbox.home('home', { behaviour: { bindAfterMs: 4_000 } });
  const { cli, event } = await launched(home, [], 'starting');
  assert.ok(await sandbox.hold(8280 + event.offset));
  const { lost, nextOffset } = await cli.event('retrying');
  // The log doesn't name it, and wine doesn't say whose a port is: each of them may be the one.
  assert.ok(lost.some(({ name, number }) => name === 'http' && number === 8280 + event.offset));
  assert.equal((await cli.event('ready')).offset, nextOffset);
  await stop('mi');
});

test('a JVM without a pid file is found', OPTIONS, async () => {
  const { event } = await launched(sandbox.home('home', { behaviour: { hasNoPidFile: true } }));
  assert.equal(processes().find(({ pid }) => pid === event.pid)?.name, 'java.exe');
  await stop('mi');
});

test('no server outlives a launcher that is killed', OPTIONS, async () => {
  const home = sandbox.home('home');
  const { cli } = await launched(home);
  const leases = join(process.env.ProgramData, 'wso2-launch');
  assert.equal(readdirSync(leases).length, 1);
  cli.kill();
  await sandbox.untilEmpty();
  await until(
    () => `the lease's end: ${readdirSync(leases)}`,
    () => readdirSync(leases).length === 0,
  );
  const { instances } = JSON.parse((await sandbox.run(['ps', '--all', '--json'])).stdout);
  assert.equal(instances[0].status, 'exited');
  const next = await sandbox.run(['exec', 'mi', '--home', home, '-a', '--', process.execPath, '-e', '']);
  assert.equal(next.code, 0, next.stderr);
});

test('a server whose launcher and guard were both killed is found and stopped', OPTIONS, async () => {
  const { cli } = await launched(sandbox.home('home'));
  const guard = processes().find(({ args }) => args.some((argument) => argument.endsWith('windows-guard.cjs')));
  process.kill(guard.pid);
  cli.kill();
  await cli.exited;
  const { instances } = JSON.parse((await sandbox.run(['ps', '--json'])).stdout);
  assert.equal(instances[0].status, 'orphaned');
  await stop('mi');
  assert.deepEqual(sandbox.processes(), []);
});

test('a home without tmp loses no file', OPTIONS, async () => {
  const home = sandbox.home('home');
  rmSync(join(home, 'tmp'), { recursive: true });
  const before = filesIn(home);
  const cli = await sandbox.run(['exec', 'mi', '--home', home, '-a', '--', process.execPath, '-e', 'process.exit(9)']);
  assert.equal(cli.code, 9, cli.stderr);
  assert.deepEqual(
    before.filter((file) => !existsSync(join(home, file))),
    [],
  );
});

test('a value that is a sub-command of the script reaches the server', OPTIONS, async () => {
  const { event } = await launched(sandbox.home('home'), [
    '--',
    '-Dfoo=stop',
    '-Dlog.level=debug',
    '-Dpath=C:\\a-1,2;3',
  ]);
  const { args } = processes().find(({ pid }) => pid === event.pid);
  const given = ['RUN', '-Dfoo=stop', '-Dlog.level=debug', '-Dpath=C:\\a-1,2;3', `-DportOffset=${event.offset}`];
  assert.deepEqual(args.slice(-given.length), given);
  await stop('mi');
});

for (const [what, args, code] of [
  ['a home that cmd.exe would read otherwise', { name: 'a&b' }, 3],
  ['a home with a variable in it', { name: '%TEMP%' }, 3],
  ['an argument that cmd.exe would expand', { name: 'home', argument: '-Da=%PATH%' }, 2],
  ['an argument that would start another program', { name: 'home', argument: '-Da=b&calc' }, 2],
]) {
  test(`${what} is refused`, OPTIONS, async () => {
    const home = sandbox.home(args.name);
    const before = filesIn(home);
    const rest = args.argument === undefined ? [] : ['--', args.argument];
    const cli = await sandbox.run(['mi', '--home', home, '--auto-offset', ...rest]);
    assert.equal(cli.code, code, cli.stderr);
    assert.deepEqual(filesIn(home), before);
    assert.equal(existsSync(sandbox.state), false);
  });
}

test('what a server says is in its log', OPTIONS, async () => {
  await launched(sandbox.home('home'));
  await stop('mi');
  assert.match(logOf(sandbox, 'mi'), /CARBON_HOME environment variable is set to .*home\s/);
});
