import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createStandInJdk } from '../../src/standin/home.js';
import { nodeSystem } from '../../src/system/index.js';
import { instancesIn } from '../support/instances.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('server-options');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { detach, stop } = instancesIn(() => sandbox, MIN);

const argumentsOf = (pid: unknown): string[] => [...nodeSystem.processes.argumentsOf(pid as number)];
const environmentOf = (pid: unknown): string[] => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');

describe('arguments and variables', () => {
  test('reach the server, and that of each restart', async () => {
    const file = join(sandbox.folder, '.env');
    writeFileSync(file, 'FROM_FILE="two words"\nBOTH=file\n');
    const given = ['--arg', '-Dsome.property=1', '--env', 'BOTH=flag', '--env-file', file];
    const expectGiven = (pid: unknown): void => {
      expect(argumentsOf(pid).slice(-3)).toEqual(['-Dsome.property=1', '-Dlast=1', `-DportOffset=${MIN}`]);
      expect(environmentOf(pid)).toEqual(expect.arrayContaining(['FROM_FILE=two words', 'BOTH=flag']));
    };
    const first = await detach(sandbox.home('mi'), [...given, '--', '-Dlast=1']);
    expectGiven(first['pid']);
    writeFileSync(file, 'FROM_FILE=changed\n');
    const again = sandbox.start(['restart', 'mi', '--json']);
    const second = await again.event('ready');
    expectGiven(second['pid']);
    expect(second['pid']).not.toBe(first['pid']);
    await again.exited;
    await stop('mi');
  });

  test('are those of the server beside a command, and no secret of them is shown', async () => {
    const home = sandbox.home('mi');
    const given = ['--arg', '-Dsome.property=1', '--env', 'DB_PASSWORD=hunter2', '--env', 'PLAIN=x'];
    const cli = sandbox.start([
      'exec',
      'mi',
      '--json',
      '--home',
      home,
      '-a',
      '--min-offset',
      String(MIN),
      ...given,
      '--',
      'true',
    ]);
    const { command } = await cli.event('starting');
    expect(command).toMatchObject({
      args: ['-Dsome.property=1', `-DportOffset=${MIN}`],
      env: { set: { DB_PASSWORD: '***', PLAIN: 'x' } },
    });
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(cli.stdout + cli.stderr).not.toContain('hunter2');
  });
});

describe('the JVM', () => {
  test('gets its options and memory, and the helper beside it none', async () => {
    const given = ['--jvm-arg', '-Dof.the.jvm=1', '--memory', '768m'];
    const env = { JAVA_OPTS: '-Xmx64m -Dof.java.opts=1' };
    const home = sandbox.home('mi');
    const script = join(home, 'bin/micro-integrator.sh');
    const own = '[ -z "$JVM_MEM_OPTS" ] && JVM_MEM_OPTS="-Xms256m -Xmx1024m"\n';
    writeFileSync(script, readFileSync(script, 'utf8').replace('cd "$CARBON_HOME"\n', `$&${own}`));
    const cli = sandbox.start(['mi', '--json', '--home', home, '-a', '--min-offset', String(MIN), ...given], { env });
    const { pid } = await cli.event('ready');
    const options = argumentsOf(pid);
    const before = options.slice(0, options.indexOf('org.wso2.carbon.bootstrap.Bootstrap'));
    expect(before).toEqual(
      expect.arrayContaining(['-Xms256m', '-Xmx1024m', '-Xms384m', '-Xmx768m', '-Dof.the.jvm=1', '-Dof.java.opts=1']),
    );
    expect(before).not.toContain('-Xmx64m');
    expect(before.filter((word) => word.startsWith('-Xmx')).at(-1)).toBe('-Xmx768m');
    cli.kill('SIGINT');
    expect(await cli.exited).toMatchObject({ code: 130 });
  });

  test('of Carbon 5 gets them by its inner script', async () => {
    const home = sandbox.home('si', { product: 'si', version: '4.2.0' });
    const args = ['si', '--json', '--home', home, '-a', '--min-offset', String(MIN), '--memory', '2g', '--debug'];
    const cli = sandbox.start(args);
    const { pid, ports } = await cli.event('ready');
    const debug = (ports as { name: string; number: number }[]).find(({ name }) => name === 'debug');
    expect(debug?.number).toBeGreaterThanOrEqual(5005);
    expect(argumentsOf(pid)).toEqual(
      expect.arrayContaining([
        ...['-Xms1024m', '-Xmx2048m'],
        `-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:${debug?.number}`,
      ]),
    );
    cli.kill('SIGINT');
    expect(await cli.exited).toMatchObject({ code: 130 });
  });
});

describe('a debugger', () => {
  test('can attach at a port that is listed, leased, and no other server has', async () => {
    const one = await detach(sandbox.home('one'), ['--name', 'one', '--debug']);
    const two = await detach(sandbox.home('two'), ['--name', 'two', '--debug']);
    const portOf = async (name: string): Promise<number> => Number((await sandbox.run(['port', name, 'debug'])).stdout);
    const [first, second] = [await portOf('one'), await portOf('two')];
    expect(new Set([first, second]).size).toBe(2);
    expect(await sandbox.run(['url', 'one', 'debug'])).toMatchObject({ stdout: `jdwp://127.0.0.1:${first}\n` });
    for (const { warnings } of [one, two]) expect(warnings).toEqual([]);
    const taken = await sandbox.run(['mi', '--home', sandbox.home('three'), '-a', `--debug=${first}`]);
    expect(taken).toMatchObject({ code: 4, stderr: expect.stringContaining(`${first}`) });
    await stop('one');
    await stop('two');
  });

  test('that is waited for has all the time, and is told of', async () => {
    const home = sandbox.home('mi');
    const debug = 7900 + MIN;
    const args = ['mi', '--json', '--home', home, '-a', '--min-offset', String(MIN)];
    const cli = sandbox.start([...args, '--suspend', `--debug=${debug}`, '--ready-timeout', '1ms']);
    await until('the debugger is waited for', () => cli.stderr.includes('waits for a debugger') || undefined);
    expect(cli.stderr).toContain(`waits for a debugger on ${debug} (suspend) before it goes on, however long`);
    const status = async (...more: string[]): Promise<string> => (await sandbox.run(['status', 'mi', ...more])).stdout;
    await until('it is seen to wait', async () =>
      (await status()).includes(`starting (waits for a debugger on ${debug})`),
    );
    expect(JSON.parse(await status('--json'))).toMatchObject({ awaits: [`a debugger on ${debug}`], boot: null });
    const log = async (): Promise<string> => (await sandbox.run(['logs', 'mi'])).stdout;
    expect(await log()).toContain(`\n--- wso2-launch: the server waits for a debugger on ${debug} ---\n`);

    const attached = await until('the port is open', () => connecting(debug));
    const { warnings } = await cli.event('ready');
    expect(warnings).toEqual([]);
    expect(await status()).not.toContain('waits for');
    expect(JSON.parse(await status('--json'))).toMatchObject({ boot: { usualMs: null } });
    attached.destroy();
    cli.kill('SIGINT');
    expect(await cli.exited).toMatchObject({ code: 130 });
  });

  test.each<[args: readonly string[], env: Readonly<Record<string, string>>, says: string]>([
    [['--debug', '--', '--debug', '5005'], {}, 'A debugger is asked for twice, by --debug and by --debug after --'],
    [['--debug'], { JAVA_OPTS: '-agentlib:jdwp=server=y,address=5005' }, 'twice, by --debug and by JAVA_OPTS'],
    [['--debug', '--jvm-arg', '-Xrunjdwp:server=y,address=5005'], {}, 'twice, by --debug and by --jvm-arg'],
  ])('asked for twice is refused: %j %j', async (args, env, says) => {
    const { code, stderr } = await sandbox.run(['mi', '--home', sandbox.home('mi'), ...args], { env });
    expect(stderr).toContain(says);
    expect(code).toBe(2);
  });
});

async function connecting(port: number): Promise<Socket | undefined> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

describe('another configuration for one launch', () => {
  const OWN = '[server]\nhostname = "localhost"\n\n[transport.http]\nlistener.port = 8280 # ours\n';
  const apply = ['--set', 'transport.http.listener.port=8275', '--set', 'server.hostname=other.example'];

  test('holds in a copy, and leaves the file as it is; the next launch has its own again', async () => {
    const home = sandbox.home('mi', { configuration: OWN });
    const rendered = (): string => readFileSync(join(home, 'rendered'), 'utf8');
    const given = ['--set', `server.offset=${MIN + 3}`, '--set', 'server.hostname=other.example'];
    const cli = sandbox.start(['mi', '--json', '-d', '--home', home, ...given]);
    const { ports, offset, pid } = await cli.event('ready');
    const number = 8280 + MIN + 3;
    expect({ offset, ports }).toMatchObject({
      offset: MIN + 3,
      ports: expect.arrayContaining([expect.objectContaining({ name: 'http', number })]),
    });
    expect(argumentsOf(pid).at(-1)).toMatch(/^-Ddeployment\.config\.file\.path=/);
    expect(rendered()).toContain(`hostname = "other.example"\noffset = ${MIN + 3}\n`);
    await cli.exited;
    const again = sandbox.start(['restart', 'mi', '--json']);
    expect(await again.event('ready')).toMatchObject({ offset: MIN + 3 });
    await again.exited;
    await stop('mi');
    expect(readFileSync(join(home, 'conf/deployment.toml'), 'utf8')).toBe(OWN);
    await detach(home);
    expect(rendered()).toBe(OWN);
    await stop('mi');
  });

  test('is cleared up behind a launcher that is killed, without another command', async () => {
    const home = sandbox.home('mi', { configuration: OWN });
    const cli = sandbox.start(['mi', '--json', '--home', home, '--set', `server.offset=${MIN + 3}`]);
    await cli.event('ready');
    const copy = join(sandbox.state, 'generated/mi.toml');
    expect(existsSync(copy)).toBe(true);
    cli.kill('SIGKILL');
    await cli.exited;
    await until('the guard to be through', () => sandbox.processes().length === 0 && !existsSync(copy));
  });

  test('is shown by a dry run, which writes nothing and tells no secret', async () => {
    const secrets = 'admin_password = "hunter1"\n# old_password = "hunter2"\n';
    const home = sandbox.home('mi', { configuration: OWN.replace('\n\n', () => `\n${secrets}\n`) });
    const args = ['mi', '--dry-run', '--home', home, '-a', '--min-offset', String(MIN), ...apply];
    const { code, stdout } = await sandbox.run(args);
    expect(code).toBe(0);
    const file = join(home, 'conf/deployment.toml');
    const diff = [
      `--- ${file}`,
      `+++ ${file}`,
      '@@ -1,7 +1,7 @@',
      ' [server]',
      '-hostname = "localhost"',
      '+hostname = "other.example"',
      ' admin_password = ***',
      ' # old_password = ***',
      ' ',
      ' [transport.http]',
      '-listener.port = 8280 # ours',
      '+listener.port = 8275 # ours',
      '',
    ].join('\n');
    expect(stdout.slice(stdout.indexOf('---'))).toBe(diff);
    const { stdout: json } = await sandbox.run([...args, '--json']);
    expect(stdout + json).not.toMatch(/hunter/);
    expect(JSON.parse(json)).toMatchObject({
      diff,
      changed: [
        { key: 'server.hostname', before: 'localhost', after: 'other.example' },
        { key: 'transport.http.listener.port', before: 8280, after: 8275 },
      ],
    });
    expect(existsSync(join(home, 'rendered'))).toBe(false);
  });

  test('of another type is warned of', async () => {
    const home = sandbox.home('mi', { configuration: `${OWN}\n[a]\nflag = true\n` });
    const { code, stderr } = await sandbox.run(['mi', '--dry-run', '--home', home, '-a', '--set', 'a.flag=maybe']);
    expect(code).toBe(0);
    expect(stderr).toContain(
      '--set gives a.flag a text, and deployment.toml has true or false there: the server may refuse it.',
    );
  });

  test.each<[what: string, args: readonly string[], code: number, says: string]>([
    ['a port that is none', ['--set', 'transport.http.listener.port=abc'], 3, 'not a number from 1 to 65535'],
    ['a table for a value', ['--set', 'transport=1'], 2, '--set gives transport a value, and it is a table'],
    ['the port of another listener', ['--set', 'transport.http.listener.port=8243'], 2, 'is of no use without http'],
  ])('is refused before anything is started: %s', async (_what, args, code, says) => {
    const home = sandbox.home('mi', { configuration: OWN });
    const ended = await sandbox.run(['mi', '--home', home, '-a', ...args]);
    expect(ended.stderr).toContain(says);
    expect(ended.code).toBe(code);
    expect(existsSync(join(home, 'rendered'))).toBe(false);
  });
});

test('a debugger on the port of a listener that the server needs is refused, and passed over by -a', async () => {
  const args = ['mi', '--dry-run', '--home', sandbox.home('mi'), `--debug=${8280 + MIN}`];
  const ended = await sandbox.run([...args, '--offset', String(MIN)]);
  expect(ended.stderr).toContain(`both want port ${8280 + MIN}, and the server is of no use without http`);
  expect(ended.code).toBe(2);
  const moved = await sandbox.run([...args, '-a', '--min-offset', String(MIN), '--json']);
  expect(JSON.parse(moved.stdout)).toMatchObject({ offset: MIN + 1 });
});

describe('another carbon.xml for one launch', () => {
  const OWN = `<Server>
    <Name>mine</Name>
    <Ports>
        <Offset>0</Offset>
    </Ports>
    <KeyPassword>hunter1</KeyPassword>
</Server>
`;
  const given = ['--set', `Ports.Offset=${MIN + 5}`, '--set', 'HostName=other'];

  const apim = (): string => {
    createStandInJdk(sandbox.jdk, { version: '1.8.0_392' });
    const home = sandbox.home('apim', { product: 'apim', version: '2.6.0', configuration: OWN });
    mkdirSync(join(home, 'repository/conf/etc'));
    writeFileSync(join(home, 'repository/conf/etc/x.txt'), 'theirs');
    return home;
  };

  test('lies in a folder of links to all that is beside it, at each start, and leaves no trace', async () => {
    const home = apim();
    const cli = sandbox.start(['apim', '--json', '-d', '--home', home, ...given]);
    const { ports, offset, pid } = await cli.event('ready');
    expect(offset).toBe(MIN + 5);
    const number = 9443 + MIN + 5;
    expect(ports).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'servlet-https', number })]));
    const folder = join(sandbox.state, 'generated/apim.conf');
    expect(argumentsOf(pid).at(-1)).toBe(`-Dcarbon.config.dir.path=${folder}`);
    const carbonXml = OWN.replace('<Offset>0', `<Offset>${MIN + 5}`).replace(
      '</KeyPassword>',
      '</KeyPassword>\n    <HostName>other</HostName>',
    );
    expect(readFileSync(join(folder, 'carbon.xml'), 'utf8')).toBe(carbonXml);
    expect(readFileSync(join(folder, 'etc/x.txt'), 'utf8')).toBe('theirs');
    expect([statSync(folder).mode & 0o777, statSync(join(folder, 'carbon.xml')).mode & 0o777]).toEqual([0o700, 0o600]);
    await cli.exited;
    const again = sandbox.start(['restart', 'apim', '--json']);
    expect(await again.event('ready')).toMatchObject({ offset: MIN + 5 });
    await again.exited;
    await stop('apim');
    expect(existsSync(folder)).toBe(false);
    expect(readFileSync(join(home, 'repository/conf/carbon.xml'), 'utf8')).toBe(OWN);
    expect(readFileSync(join(home, 'repository/conf/etc/x.txt'), 'utf8')).toBe('theirs');
  });

  test('is shown by a dry run, which writes nothing and tells no secret', async () => {
    const home = apim();
    const args = ['apim', '--dry-run', '--home', home, ...given, '--set', 'Ports.Ofset=1'];
    const { code, stdout, stderr } = await sandbox.run(args);
    expect(code).toBe(0);
    expect(stderr).toContain('carbon.xml has no Ports.Ofset, in comments neither');
    const file = join(home, 'repository/conf/carbon.xml');
    expect(stdout.slice(stdout.indexOf('---'))).toBe(
      [
        `--- ${file}`,
        `+++ ${file}`,
        '@@ -1,7 +1,9 @@',
        ' <Server>',
        '     <Name>mine</Name>',
        '     <Ports>',
        '-        <Offset>0</Offset>',
        `+        <Offset>${MIN + 5}</Offset>`,
        '+        <Ofset>1</Ofset>',
        '     </Ports>',
        '     <KeyPassword>***</KeyPassword>',
        '+    <HostName>other</HostName>',
        ' </Server>',
        '',
      ].join('\n'),
    );
    const { stdout: json } = await sandbox.run([...args, '--json']);
    expect(JSON.parse(json)).toMatchObject({ changed: expect.arrayContaining([{ key: 'HostName', after: 'other' }]) });
    expect(stdout + stderr + json).not.toMatch(/hunter/);
    expect(existsSync(join(sandbox.state, 'generated'))).toBe(false);
  });

  test.each<[what: string, args: readonly string[], code: number, says: string]>([
    ['an offset that is none', ['--set', 'Ports.Offset=abc'], 3, 'carbon.xml (changed), line 4'],
    ['a value for elements', ['--set', 'Ports=1'], 2, '--set gives Ports a value, and it has elements'],
    [
      'beside a folder of the user’s own',
      ['--set', 'Name=x', '--', '-Dcarbon.config.dir.path=/x'],
      2,
      '--set contradicts -Dcarbon.config.dir.path=/x',
    ],
  ])('is refused before anything is started: %s', async (_what, args, code, says) => {
    const ended = await sandbox.run(['apim', '--home', apim(), ...args]);
    expect(ended.stderr).toContain(says);
    expect(ended.code).toBe(code);
    expect(existsSync(join(sandbox.state, 'generated'))).toBe(false);
  });
});
