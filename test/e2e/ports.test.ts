import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Cli, CliOptions } from '../support/cli.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('ports');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

interface Row {
  readonly name: string;
  readonly number: number;
  readonly state: string;
  readonly by: unknown;
}

interface Report {
  readonly product: string;
  readonly version: string;
  readonly home: string | null;
  readonly offset: number;
  readonly ports: readonly Row[];
}

async function portsOf(args: readonly string[], options: CliOptions = {}): Promise<Report> {
  const { code, stdout, stderr } = await sandbox.run(['ports', ...args, '--json'], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Report;
}

async function interrupt(cli: Cli): Promise<void> {
  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
}

const homeAt = (name: string, offset: number): string =>
  sandbox.home(name, { configuration: `[server]\noffset = ${offset}\n` });

describe('without anything running', () => {
  test('--json has every port, its base, its number and where the base was set', async () => {
    const home = sandbox.home('mi', {
      configuration: `[server]\noffset = ${MIN}\n\n[transport.http.listener]\nport = 8270\n\n[mediation]\ninternal_http_api_port = "9181"\n`,
    });
    const { code, stdout } = await sandbox.run(['ports', '--home', home, '--json']);
    const port = { shifted: true, required: true, source: 'default', state: 'free', by: null };
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      product: 'mi',
      version: '4.4.0',
      home,
      offset: MIN,
      ports: [
        { ...port, name: 'http', base: 8270, number: 8270 + MIN, scheme: 'http', source: 'deployment.toml:5' },
        { ...port, name: 'https', base: 8243, number: 8243 + MIN, scheme: 'https' },
        { ...port, name: 'management', base: 9154, number: 9154 + MIN, scheme: 'https' },
        { ...port, name: 'internal', base: 9181, number: 9181 + MIN, scheme: 'http', source: 'deployment.toml:8' },
      ],
    });
    expect(code).toBe(0);
  });

  test('the table says the same in words', async () => {
    const home = sandbox.home('mi', {
      configuration: `[server]\noffset = ${MIN}\n\n[transport.http.listener]\nport = 8270\n`,
    });
    await sandbox.hold(8243 + MIN);
    const { code, stdout } = await sandbox.run(['ports', '--home', home]);
    const [header, ...rows] = stdout.trimEnd().split('\n');
    expect(header?.split(/ {2,}/)).toEqual(['PORT', 'BASE', 'NUMBER', 'OFFSET', 'STATE', 'HOLDER', 'SET IN']);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['http', '8270', String(8270 + MIN), 'shifted', 'free', 'deployment.toml:5'],
      ['https', '8243', String(8243 + MIN), 'shifted', 'taken', expect.stringContaining(`, pid ${process.pid}`)],
      ['management', '9154', String(9154 + MIN), 'shifted', 'free'],
      ['internal', '9191', String(9191 + MIN), 'shifted', 'free'],
    ]);
    expect(code).toBe(0);
  });

  test('the home is found like that of a launch', async () => {
    const home = homeAt('mi', MIN + 1);
    expect(await portsOf([], { cwd: `${home}/conf` })).toMatchObject({ product: 'mi', home, offset: MIN + 1 });
    expect(await portsOf(['mi'], { env: { MI_HOME: home } })).toMatchObject({ home, offset: MIN + 1 });
  });

  test('an alias means its product', async () => {
    expect(await portsOf(['api-manager'])).toMatchObject({ product: 'apim', home: null });
  });

  test('a product without any home is shown as its newest known version comes', async () => {
    const { version, home, offset, ports } = await portsOf(['apim']);
    expect({ home, offset }).toEqual({ home: null, offset: 0 });
    expect(version).toMatch(/^4\.\d+/);
    expect(ports.map(({ name, number }) => [name, number])).toEqual(
      expect.arrayContaining([
        ['servlet-https', 9443],
        ['gateway-https', 8243],
        ['websub-http', 9021],
        ['thrift-auth', 10711],
      ]),
    );
    expect((await portsOf(['mi'])).offset).toBe(10);
  });

  test('--offset shows another one than the configured', async () => {
    const home = homeAt('mi', MIN);
    const { offset, ports } = await portsOf(['mi', '--home', home, '--offset', String(MIN + 2)]);
    expect({ offset, http: ports[0]?.number }).toEqual({ offset: MIN + 2, http: 8280 + MIN + 2 });
    const withoutHome = await portsOf(['mi', '--offset', String(MIN + 3)]);
    expect(withoutHome).toMatchObject({ home: null, offset: MIN + 3 });
  });

  test('a port that somebody has is taken, and he is named', async () => {
    await sandbox.hold(9191 + MIN + 4);
    const { ports } = await portsOf(['mi', '--offset', String(MIN + 4)]);
    expect(ports.map(({ name, state, by }) => ({ name, state, by }))).toEqual([
      { name: 'http', state: 'free', by: null },
      { name: 'https', state: 'free', by: null },
      { name: 'management', state: 'free', by: null },
      { name: 'internal', state: 'taken', by: { pid: process.pid, command: expect.any(String) } },
    ]);
  });

  test('nothing is kept: no state folder is made', async () => {
    await portsOf(['--home', homeAt('mi', MIN + 5)]);
    expect(existsSync(sandbox.state)).toBe(false);
  });
});

describe('beside an instance', () => {
  test('a port that it has been promised is leased until it is bound, and then taken', async () => {
    const offset = MIN + 6;
    const slow = sandbox.home('mi', { behaviour: { bindAfterMs: 600_000 } });
    const cli = sandbox.start(['mi', '--home', slow, '--offset', String(offset), '--name', 'slow', '--json']);
    const { pid } = await cli.event('starting');
    const { ports } = await portsOf(['--home', homeAt('other', offset)]);
    const by = { pid, command: expect.any(String), instance: 'slow' };
    expect(ports.map(({ state, ...port }) => [state, port.by])).toEqual(Array(4).fill(['leased', by]));
    await interrupt(cli);
    const afterwards = await portsOf(['--home', homeAt('other', offset)]);
    expect(afterwards.ports.map(({ state }) => state)).toEqual(Array(4).fill('free'));

    const quick = sandbox.start(['mi', '--home', sandbox.home('mi'), '--offset', String(offset), '--json']);
    const ready = await quick.event('ready');
    const taken = await portsOf(['--home', homeAt('other', offset)]);
    const server = { pid: ready['pid'], command: expect.any(String), instance: 'mi' };
    expect(taken.ports.map(({ state, ...port }) => [state, port.by])).toEqual(Array(4).fill(['taken', server]));
    await interrupt(quick);
  });

  test('its name stands for its home and offset, also where the name is a product', async () => {
    const home = homeAt('running', MIN + 7);
    const cli = sandbox.start(['mi', '--home', home, '--offset', String(MIN + 8), '--json']);
    await cli.event('ready');
    expect(await portsOf(['mi'])).toMatchObject({ home, offset: MIN + 8 });
    await interrupt(cli);
    expect(await portsOf(['mi'])).toMatchObject({ home: null, offset: 10 });
  });

  test('its name wins over variables, but not over a home or an offset that is asked for', async () => {
    const home = homeAt('running', MIN + 9);
    const other = homeAt('other', MIN + 10);
    const cli = sandbox.start(['mi', '--home', home, '--offset', String(MIN + 11), '--json']);
    await cli.event('ready');
    const env = { MI_HOME: other };
    expect(await portsOf(['mi'], { env })).toMatchObject({ home, offset: MIN + 11 });
    expect(await portsOf(['mi', '--home', other])).toMatchObject({ home: other, offset: MIN + 10 });
    expect(await portsOf(['mi', '--offset', String(MIN + 12)])).toMatchObject({ home: null, offset: MIN + 12 });
    await interrupt(cli);
  });

  test('a name of its own is known where its state is, and nowhere else', async () => {
    const home = sandbox.home('running');
    const args = ['mi', '--home', home, '--offset', String(MIN + 13), '--name', 'blue', '--json'];
    const cli = sandbox.start(args);
    await cli.event('ready');
    expect(await portsOf(['blue'])).toMatchObject({ product: 'mi', home, offset: MIN + 13 });
    const elsewhere = { env: { WSO2_LAUNCH_STATE_DIR: `${sandbox.state}-of-another-project` } };
    expect((await sandbox.run(['ports', 'blue'], elsewhere)).code).toBe(10);
    await interrupt(cli);
    expect((await sandbox.run(['ports', 'blue'])).code).toBe(10);
  });
});

describe('what can not be shown', () => {
  test.each<[what: string, code: number, args: readonly string[], says: readonly string[]]>([
    [
      'a word that is neither',
      10,
      ['green'],
      ['green is neither a running instance nor a product', 'apim, control-plane'],
    ],
    ['nothing at all, outside of any home', 3, [], ['No WSO2 home was found', '--home']],
    [
      'an offset out of range',
      2,
      ['mi', '--offset', '60000'],
      ['offset 60000 of --offset', 'out of range', '-8242 to 56344'],
    ],
    ['an offset that is no number', 2, ['mi', '--offset', 'abc'], ['--offset', 'plain integer', '"abc"']],
    ['two words', 2, ['mi', 'apim'], ['takes no argument', '"apim"']],
    ['an option of a launch', 2, ['mi', '--auto-offset'], ['ports has no option --auto-offset']],
    ['arguments for a script', 2, ['mi', '--', '-Dx=1'], ['takes nothing after --']],
  ])('%s ends with code %i', async (_what, code, args, says) => {
    const ended = await sandbox.run(['ports', ...args]);
    for (const text of says) expect(ended.stderr).toContain(text);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
  });

  test('the home of another product ends with code 3', async () => {
    const { code, stderr } = await sandbox.run(['ports', 'apim', '--home', sandbox.home('mi')]);
    expect(stderr).toContain('not of a WSO2 API Manager');
    expect(code).toBe(3);
  });
});
