import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import { nodeSystem } from '../../src/system/index.js';
import { kinds } from '../support/instances.js';
import { launchesIn, ourselves } from '../support/launches.js';
import { isAlive, isFree, portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('ready');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { auto, misbehaving, apim, failure } = launchesIn(() => sandbox, MIN);

describe('a server counts as ready once its own processes hold its ports', () => {
  test('a server that takes its time to bind is waited for, and not touched until it says that it has started', async () => {
    const home = misbehaving({ bindAfterMs: 700, startedAfterMs: 700 });
    const ready = await auto(home).event('ready');

    expect(ready['durationMs']).toBeGreaterThanOrEqual(1400);
    expect(ready['warnings']).toEqual([]);
    expect(existsSync(join(home, 'early-visitors'))).toBe(false);
  });

  test('an optional port that stays closed is a warning after two seconds', async () => {
    const ready = await apim({ closedPorts: ['ws'] }).event('ready');

    expect(ready['durationMs']).toBeGreaterThanOrEqual(2000);
    expect(ready['warnings']).toEqual([`Port ${9099 + MIN} (ws) is closed; what needs it won't work.`]);
  });

  test('an optional port that opens within two seconds of the ready line is no warning', async () => {
    const ready = await apim({ latePorts: { ws: 800 } }).event('ready');

    expect(ready['durationMs']).toBeGreaterThanOrEqual(800);
    expect(ready['warnings']).toEqual([]);
  });

  test('ports that the configuration closes are not waited for, nor asked how the server is', async () => {
    const home = sandbox.home('mi', {
      behaviour: { closedPorts: ['management', 'internal'] },
      configuration: '[management_api]\nprotocols = "https"\n[mediation]\ninternal_http_api_enable = false\n',
    });
    expect((await auto(home).event('ready'))['warnings']).toEqual([
      'The configuration closes every port that tells of the health, so it is not known.',
    ]);
  });

  test('a required port that opens a little late is waited for', async () => {
    const ready = await auto(misbehaving({ latePorts: { management: 2500 } })).event('ready');

    expect(ready['durationMs']).toBeGreaterThanOrEqual(2500);
    expect(ready['warnings']).toEqual([]);
  });

  test('a required port that never opens ends the launch with code 6 after 15 seconds', async () => {
    const cli = auto(misbehaving({ closedPorts: ['management'] }));
    await cli.event('starting');
    const startedMs = performance.now();

    const failed = await failure(cli);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(15_000);
    expect(failed).toMatchObject({
      code: 6,
      failure: 'port-never-opened',
      message: `The server says that it has started, but never opened management ${portsAt(MIN)['management']}. It has been stopped.`,
    });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'stopping', 'stopped', 'failed']);
    expect(await isFree(MIN)).toBe(true);
  });

  test('an offset at which another program answers the health check is passed over', async () => {
    const internal = portsAt(MIN)['internal'] as number;
    const impostor = createServer((_request, response) => response.end('{"status":"ready"}'));
    await new Promise<void>((resolve) => impostor.listen(internal, '127.0.0.1', resolve));
    try {
      const cli = auto(sandbox.home('mi'));
      expect(await cli.event('ready')).toMatchObject({ offset: MIN + 1, warnings: [] });
      expect(await cli.event('planned')).toMatchObject({
        skipped: [{ offset: MIN, port: { name: 'internal', number: internal }, by: ourselves() }],
      });
    } finally {
      impostor.close();
    }
  });
});

test('a server that restarts itself is told as restarting, and as ready again with its new pid', async () => {
  const cli = auto(misbehaving({ onSignal: 'restart' }));
  const pids = [(await cli.event('ready'))['pid'] as number];
  for (const attempt of [1, 2]) {
    process.kill(pids.at(-1) as number, 'SIGUSR2');
    expect(await cli.event('restarting', attempt)).toMatchObject({ attempt, reason: 'from-inside', delayMs: 0 });
    pids.push((await cli.event('ready', attempt + 1))['pid'] as number);
    expect(isAlive(pids.at(-1) as number)).toBe(true);
  }
  expect(new Set(pids).size).toBe(3);

  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
  const once = ['restarting', 'ready'];
  expect(kinds(cli)).toEqual(['planned', 'starting', 'ready', ...once, ...once, 'stopping', 'stopped']);
  expect(sandbox.processes()).toEqual([]);
});

test('a server that loses a port while it restarts itself moves to the next offset', async () => {
  const cli = auto(misbehaving({ onSignal: 'restart', bindAfterMs: 4000 }));
  process.kill((await cli.event('ready'))['pid'] as number, 'SIGUSR2');
  await cli.event('restarting');
  const management = portsAt(MIN)['management'] as number;
  await sandbox.hold(management);

  expect(await cli.event('ready', 2)).toMatchObject({ offset: MIN + 1 });
  expect(await cli.event('retrying')).toMatchObject({
    offset: MIN,
    lost: [{ name: 'management', number: management, by: ourselves() }],
    nextOffset: MIN + 1,
  });
});

test('URLs of deployment.toml that the offset leaves behind are a warning, with their line and the right value', async () => {
  const toml = `[server]
hostname = "localhost"

[[apim.gateway.environment]]
name = "Default"
ws_endpoint = "ws://localhost:9099"
wss_endpoint = "wss://localhost:4711"
`;
  const ready = await apim({}, toml).event('ready');

  expect(ready['warnings']).toEqual([
    `URLs that don't follow the offset: deployment.toml:6 ws_endpoint: ws://localhost:9099 → ws://localhost:${9099 + MIN}. With --follow-offset the server starts with a copy in which they do.`,
  ]);
});

describe('the ready event', () => {
  const FIELDS = [
    ...['schemaVersion', 'event', 'at', 'name'],
    ...['offset', 'pid', 'durationMs', 'ports', 'urls', 'logFile', 'warnings'],
  ];
  const PORT_FIELDS = ['name', 'base', 'number', 'scheme', 'shifted', 'required', 'source'];
  const fieldsOf = (value: unknown): string[] => Object.keys(value as object).sort();

  test('of the Micro Integrator has exactly the promised fields', async () => {
    const home = sandbox.home('mi');
    const ready = await auto(home).event('ready');

    expect(fieldsOf(ready)).toEqual([...FIELDS].sort());
    expect(ready).toMatchObject({ schemaVersion: 1, name: 'mi', offset: MIN, pid: pidInFile(home, nodeSystem.files) });
    expect(ready['at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(existsSync(ready['logFile'] as string)).toBe(true);
    const ports = ready['ports'] as Record<string, unknown>[];
    for (const port of ports) expect(fieldsOf(port)).toEqual([...PORT_FIELDS].sort());
    expect(ports.find(({ name }) => name === 'internal')).toEqual({
      name: 'internal',
      base: 9191,
      number: 9191 + MIN,
      scheme: 'http',
      shifted: true,
      required: true,
      source: 'default',
    });
    expect(ports.map(({ name }) => name).sort()).toEqual(['http', 'https', 'internal', 'management']);
    expect(ready['urls']).toEqual({
      http: `http://localhost:${8280 + MIN}`,
      https: `https://localhost:${8243 + MIN}`,
      management: `https://localhost:${9154 + MIN}/management`,
      health: `http://localhost:${9191 + MIN}/healthz`,
    });
  });

  test('of the API Manager has exactly the promised fields', async () => {
    const ready = await apim().event('ready');

    expect(fieldsOf(ready)).toEqual([...FIELDS].sort());
    const ports = ready['ports'] as { name: string; number: number }[];
    expect(Object.fromEntries(ports.map(({ name, number }) => [name, number]))).toEqual(portsAt(MIN, 'apim'));
    expect(ready['urls']).toEqual({
      console: `https://localhost:${9443 + MIN}/carbon`,
      publisher: `https://localhost:${9443 + MIN}/publisher`,
      devportal: `https://localhost:${9443 + MIN}/devportal`,
      admin: `https://localhost:${9443 + MIN}/admin`,
      'gateway-http': `http://localhost:${8280 + MIN}`,
      'gateway-https': `https://localhost:${8243 + MIN}`,
    });
  });
});
