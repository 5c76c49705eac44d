import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instancesIn } from '../support/instances.js';
import { portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('ps');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { foreground, misbehaving, detach, list, shown, stop, recordOf, expectNothingLeft, untilNothingIsLeft } =
  instancesIn(() => sandbox, MIN);

describe('ps', () => {
  test('--json has these fields and no others, of running instances', async () => {
    const home = sandbox.home('mi');
    const ready = await detach(home);
    const { code, stdout } = await sandbox.run(['ps', '--json']);
    const ports = portsAt(MIN);
    const port = { shifted: true, required: true, source: 'default' };
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toStrictEqual({
      schemaVersion: 1,
      instances: [
        {
          name: 'mi',
          product: 'mi',
          version: '4.4.0',
          home,
          installation: null,
          offset: MIN,
          status: 'ready',
          pid: ready['pid'],
          supervisorPid: recordOf().supervisor.pid,
          ports: [
            { ...port, name: 'http', base: 8280, number: ports['http'], scheme: 'http' },
            { ...port, name: 'https', base: 8243, number: ports['https'], scheme: 'https' },
            { ...port, name: 'management', base: 9154, number: ports['management'], scheme: 'https' },
            { ...port, name: 'internal', base: 9191, number: ports['internal'], scheme: 'http' },
          ],
          urls: ready['urls'],
          startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          readyAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          restarts: 0,
          logFile: join(sandbox.state, 'logs/mi.log'),
          holders: [],
          cpuPercent: expect.any(Number),
          memoryBytes: expect.any(Number),
        },
      ],
    });
    expect((await shown())['memoryBytes']).toBeGreaterThan(10 * 1024 ** 2);
    await stop();
    expect(await list()).toEqual([]);
    expect(await list('--all')).toMatchObject([
      { name: 'mi', status: 'exited', pid: null, supervisorPid: null, cpuPercent: null, memoryBytes: null },
    ]);
    await expectNothingLeft();
  });

  test('the table says the same in words; an instance that has ended has no age', async () => {
    const empty = await sandbox.run(['ps']);
    const head = ['NAME', 'PRODUCT', 'OFFSET', 'STATUS', 'PID', 'CPU', 'MEMORY', 'UPTIME', 'RESTARTS', 'HOME'];
    expect({ ...empty, stdout: empty.stdout.trimEnd().split(/ +/) }).toMatchObject({
      code: 0,
      stderr: '',
      stdout: head,
    });

    const home = sandbox.home('mi');
    const { pid } = await detach(home);
    const cells = (text: string): string[] | undefined => text.trimEnd().split('\n')[1]?.split(/ {2,}/);
    expect(cells((await sandbox.run(['ps'])).stdout)).toEqual([
      'mi',
      'mi 4.4.0',
      String(MIN),
      'ready',
      String(pid),
      expect.stringMatching(/^\d+%$/),
      expect.stringMatching(/^\d+ MiB$/),
      expect.stringMatching(/^\d+s$/),
      '0',
      home,
    ]);
    await stop();
    expect((await sandbox.run(['ps'])).stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(cells((await sandbox.run(['ps', '--all'])).stdout)).toEqual([
      'mi',
      'mi 4.4.0',
      String(MIN),
      'exited (0)',
      '0',
      home,
    ]);
  });

  test('shows one in the foreground as well, from its start to its end', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 1000, shutdownMs: 1000 }), ['--name', 'front']);
    await cli.event('starting');
    expect(await list()).toMatchObject([{ name: 'front', status: 'starting', pid: null, supervisorPid: cli.pid }]);
    const { pid } = await cli.event('ready');
    expect(await list()).toMatchObject([{ name: 'front', status: 'ready', pid, readyAt: expect.any(String) }]);
    cli.kill('SIGINT');
    await cli.event('stopping');
    expect(await list()).toMatchObject([{ name: 'front', status: 'stopping' }]);
    await cli.exited;
    expect(await list('--all')).toMatchObject([{ name: 'front', status: 'exited' }]);
    expect(recordOf('front').exit).toMatchObject({ code: 130 });
    await expectNothingLeft();
  });

  test('an instance that was killed with its guard alive has ended, and its table says no age', async () => {
    await detach(sandbox.home('mi'));
    process.kill(recordOf().supervisor.pid, 'SIGKILL');
    await untilNothingIsLeft();
    expect(await list('--all')).toMatchObject([{ name: 'mi', status: 'exited', pid: null, supervisorPid: null }]);
    expect((await sandbox.run(['ps', '--all'])).stdout).toMatch(/exited +0 /);
  });
});

describe('ps --all --prune', () => {
  test('forgets what has ended', async () => {
    await detach(sandbox.home('mi'));
    await detach(sandbox.home('other'), ['--name', 'other']);
    await stop('mi');
    const log = join(sandbox.state, 'logs/mi.log');
    const kept = await sandbox.run(['ps', '--all', '--prune', '--keep-logs', '--json']);
    expect(JSON.parse(kept.stdout)).toMatchObject({ pruned: ['mi'] });
    expect((await list('--all')).map(({ name }) => name)).toEqual(['other']);
    expect(existsSync(log)).toBe(true);
    await stop();
    expect(await sandbox.run(['ps', '--all', '--prune'])).toMatchObject({
      code: 0,
      stderr: 'wso2-launch: forgotten: other\n',
    });
    expect(await list('--all')).toEqual([]);
    expect(existsSync(join(sandbox.state, 'logs/other.log'))).toBe(false);
    for (const [words, says] of [
      [['ps', '--prune'], '--prune goes with --all.'],
      [['ps', '--all', '--keep-logs'], '--keep-logs goes with --prune.'],
    ] as const) {
      expect(await sandbox.run(words)).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
    }
  });
});

describe('status', () => {
  test('ends with 6 while it starts, 0 when it is ready, 10 when it has ended or never was', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 1000 }));
    await cli.event('starting');
    expect(await sandbox.run(['status', 'mi'])).toMatchObject({ code: 6, stdout: expect.stringContaining('starting') });
    await cli.event('ready');
    expect(await sandbox.run(['status', 'mi'])).toMatchObject({ code: 0, stdout: expect.stringContaining('ready') });
    const document = JSON.parse((await sandbox.run(['status', 'mi', '--json'])).stdout) as object;
    const comparable = { ...document, cpuPercent: 0, memoryBytes: 0 };
    const boot = { durationMs: expect.any(Number), phases: expect.any(Array) };
    expect(comparable).toEqual({
      ...{ schemaVersion: 1, ...(await list())[0], cpuPercent: 0, memoryBytes: 0 },
      boot: expect.objectContaining(boot),
    });
    cli.kill('SIGINT');
    await cli.exited;
    expect(await sandbox.run(['status', 'mi'])).toMatchObject({
      code: 10,
      stdout: expect.stringContaining('exited (130)'),
    });
    const unknown = await sandbox.run(['status', 'other']);
    expect(unknown).toMatchObject({ code: 10, stdout: '' });
    expect(unknown.stderr).toContain('There is no instance other.');
    expect(await sandbox.run(['status'])).toMatchObject({ code: 10, stdout: '' });
  });
});

describe('env, url and port', () => {
  test('tell what others need to reach it', async () => {
    const home = sandbox.home('a home');
    const { pid, urls } = await detach(home, ['--name', 'my-mi']);
    const { http, https, management, internal } = portsAt(MIN);
    const expected = {
      WSO2_MY_MI_OFFSET: String(MIN),
      WSO2_MY_MI_HOME: home,
      WSO2_MY_MI_PID: String(pid),
      WSO2_MY_MI_HTTP_PORT: String(http),
      WSO2_MY_MI_HTTP_URL: `http://localhost:${http}`,
      WSO2_MY_MI_HTTPS_PORT: String(https),
      WSO2_MY_MI_HTTPS_URL: `https://localhost:${https}`,
      WSO2_MY_MI_MANAGEMENT_PORT: String(management),
      WSO2_MY_MI_MANAGEMENT_URL: (urls as Record<string, string>)['management'],
      WSO2_MY_MI_INTERNAL_PORT: String(internal),
      WSO2_MY_MI_INTERNAL_URL: `http://localhost:${internal}`,
      WSO2_MY_MI_HEALTH_URL: (urls as Record<string, string>)['health'],
    };
    const envAs = async (format: string): Promise<string> => {
      const { code, stdout, stderr } = await sandbox.run(['env', 'my-mi', '--format', format]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    expect(JSON.parse(await envAs('json'))).toEqual(expected);
    expect(await envAs('shell')).toContain(`export WSO2_MY_MI_HOME='${home}'\n`);
    expect(await envAs('dotenv')).toContain(`WSO2_MY_MI_HOME="${home}"\n`);
    expect(await envAs('powershell')).toContain(`$env:WSO2_MY_MI_HOME = '${home}'\n`);
    expect(await envAs('github')).toContain(`WSO2_MY_MI_HOME=${home}\n`);
    expect((await sandbox.run(['env', 'my-mi'])).stdout).toBe(await envAs('shell'));
    const seen = spawn('/bin/sh', ['-c', `${await envAs('shell')}set`], {
      env: {},
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let variables = '';
    seen.stdout.on('data', (text) => {
      variables += text;
    });
    await new Promise((resolve) => seen.once('close', resolve));
    expect(variables).toContain(`WSO2_MY_MI_HOME='${home}'\n`);

    const out = async (...words: readonly string[]): Promise<string> => (await sandbox.run(words)).stdout;
    expect(await out('url', 'my-mi')).toBe(`${Object.values(urls as object)[0]}\n`);
    expect(await out('url', 'my-mi', 'management')).toBe(`${(urls as Record<string, string>)['management']}\n`);
    expect(await out('port', 'my-mi', 'internal')).toBe(`${internal}\n`);

    const document = async (...words: readonly string[]): Promise<unknown> => JSON.parse(await out(...words, '--json'));
    const [endpoint, url] = Object.entries(urls as object)[0] as [string, string];
    const named = { schemaVersion: 1, name: 'my-mi' };
    expect(await document('url', 'my-mi')).toEqual({ ...named, endpoint, url });
    expect(await document('port', 'my-mi', 'internal')).toEqual({ ...named, port: 'internal', number: internal });
    expect(await document('env', 'my-mi')).toEqual({ ...named, variables: expected });
    expect(await document('env', 'my-mi', '--format', 'json')).toEqual(expected);
    await stop();
  });

  test('of what makes no sense, or does not run, are refused', async () => {
    await detach(sandbox.home('mi'));
    const cases: readonly [code: number, words: readonly string[], message: string][] = [
      [2, ['env', 'mi', '--format', 'xml'], '--format is one of shell, dotenv, json, powershell, github, not "xml".'],
      [2, ['env', 'nobody', '--format', 'xml'], '--format is one of '],
      [2, ['logs', 'nobody', '--tail', 'x'], '--tail takes a number of lines'],
      [2, ['wait', 'nobody', '--for', 'up'], '--for is one of '],
      [2, ['url', 'mi', 'nowhere'], 'mi has no endpoint nowhere: it has '],
      [2, ['port', 'mi', 'toString'], 'mi has no port toString: it has http, https, management, internal.'],
      [2, ['port', 'mi'], "port lacks the port's name: http, https, management, internal."],
      [10, ['env', 'other'], 'There is no instance other.'],
      [10, ['url', 'other'], 'There is no instance other.'],
      [10, ['port', 'other', 'http'], 'There is no instance other.'],
    ];
    for (const [code, words, message] of cases) {
      const refused = await sandbox.run(words);
      expect({ words, ...refused }).toMatchObject({
        words,
        code,
        stdout: '',
        stderr: expect.stringContaining(message),
      });
    }
    await stop();
  });

  test('mean the only instance where none is named, and whatever has the name that a product has as well', async () => {
    const out = async (...words: readonly string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await sandbox.run(words);
      return code === 0 ? stdout.trim() : [code, stderr.split('\n')[0]];
    };
    const nothing = [10, 'wso2-launch: No instance is running.'];
    for (const command of ['env', 'url', 'port', 'status', 'logs', 'restart', 'stop']) {
      expect([command, await out(command)]).toEqual([command, nothing]);
    }
    const { urls } = await detach(sandbox.home('mi'));
    const { management } = urls as Record<string, string>;
    const { internal } = portsAt(MIN);
    expect(await out('url')).toBe(Object.values(urls as object)[0]);
    expect(await out('url', 'management')).toBe(management);
    expect(await out('url', 'micro-integrator', 'management')).toBe(management);
    expect(await out('port', 'internal')).toBe(String(internal));
    expect(await out('status')).toMatch(/\nmi .* ready /);
    expect(await out('ports')).toMatch(new RegExp(`\\binternal +9191 +${internal}\\b`));
    expect(await out('ports', 'micro-integrator')).toMatch(new RegExp(`\\binternal +9191 +${internal}\\b`));
    expect(await out('logs')).toContain('started in');

    await detach(sandbox.home('second'), ['--name', 'management']);
    const which = [2, 'wso2-launch: It has to be said which instance is meant: management, mi are running.'];
    for (const command of ['env', 'url', 'port', 'status', 'logs', 'restart']) {
      expect([command, await out(command)]).toEqual([command, which]);
    }
    expect(await out('url', 'management')).toBe((await out('url', 'management', 'http')) as string);
    expect(await out('port', 'internal')).toEqual([10, 'wso2-launch: There is no instance internal.']);
    expect(await out('stop', 'mi', 'micro-integrator', 'management')).toBe('');
  });

  test('of an instance that is still starting have no pid, and least of all 0', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 60_000 }));
    await cli.event('starting');
    const { code, stdout } = await sandbox.run(['env', 'mi']);
    expect(code).toBe(0);
    expect(stdout).toContain(`export WSO2_MI_OFFSET=${MIN}\n`);
    expect(stdout).not.toContain('PID');
    await stop();
    await cli.exited;
  });

  test('after ports were lost while starting, they are those of the offset it has moved to', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 3_000 }));
    await cli.event('starting');
    await sandbox.hold(portsAt(MIN)['http'] as number);
    await cli.event('starting', 2);
    expect((await sandbox.run(['port', 'mi', 'http'])).stdout).toBe(`${portsAt(MIN + 1)['http']}\n`);
    expect((await sandbox.run(['url', 'mi', 'http'])).stdout).toContain(`:${portsAt(MIN + 1)['http']}`);
    await stop();
    await cli.exited;
  });
});
