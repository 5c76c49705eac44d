import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { launchesIn } from '../support/launches.js';
import { portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('ready-signs');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { auto, misbehaving, failure } = launchesIn(() => sandbox, MIN);

describe('the health check', () => {
  test('that is switched off (404) is a warning', async () => {
    const ready = await auto(misbehaving({ healthStatus: 404 })).event('ready');

    expect(ready['warnings']).toEqual([
      'The health check answers 404: the probe is switched off, so health is not known.',
    ]);
  });

  test('that goes on saying no ends the launch with code 6', async () => {
    const failed = await failure(auto(misbehaving({ healthStatus: 503 }), '--ready-timeout', '2s'));

    expect(failed).toMatchObject({ code: 6, failure: 'not-ready-in-time' });
    expect(failed['message']).toContain('the health check (HTTP 503)');
  });

  test('that names faulty CApps is a warning which names them', async () => {
    const healthBody = '{"status":"not ready","Faulty CAPPs":["a.car"]}';
    const ready = await auto(misbehaving({ healthStatus: 500, healthBody })).event('ready');

    expect(ready['warnings']).toEqual(['Faulty CApps: a.car. They stay out of service until deployed again.']);
  });

  test('that fails without naming any is not passed', async () => {
    const failed = await failure(auto(misbehaving({ healthStatus: 500 }), '--ready-timeout', '1s'));

    expect(failed).toMatchObject({ code: 6 });
    expect(failed['message']).toContain('the health check (HTTP 500)');
  });
});

describe('a server whose console is quiet', () => {
  const quiet = (behaviour: StandInBehaviour, root: string): string => {
    const home = misbehaving(behaviour);
    const properties = [
      'appender.CONSOLE.type = Console',
      'appender.CONSOLE.name = CONSOLE',
      'appender.FILE.type = RollingFile',
      'appender.FILE.name = FILE',
      'appender.FILE.fileName = ${sys:logfiles.home}/wso2carbon.log',
      root,
    ];
    writeFileSync(join(home, 'conf/log4j2.properties'), `${properties.join('\n')}\n`);
    return home;
  };
  const LOG = 'repository/logs/wso2carbon.log';

  test('is ready once it says so in its log file, whose lines of before do not count', async () => {
    const home = quiet({ logsTo: LOG, bindAfterMs: 1_500 }, 'rootLogger = INFO, FILE');
    writeFileSync(join(home, LOG), '[2026-11-22 03:00:00,000]  INFO - WSO2 Micro Integrator started in 3.00 seconds\n');
    const ready = await auto(home).event('ready');
    expect(ready['warnings']).toEqual([]);
    expect(ready['durationMs']).toBeGreaterThanOrEqual(1_500);
  });

  test('ends the launch by what stands in its log file', async () => {
    const home = quiet(
      { logsTo: LOG, bootLine: 'Cannot start transports', neverReady: true },
      'rootLogger = INFO, FILE',
    );
    const failed = await failure(auto(home));
    expect(failed).toMatchObject({ code: 5, failure: 'server-failed' });
    expect((failed['lastLines'] as string[]).join('\n')).toContain('Cannot start transports');
  });

  test('and that says so nowhere is ready by its ports, with a warning', async () => {
    const ready = await auto(quiet({ neverReady: true }, 'rootLogger = WARN, CONSOLE, FILE')).event('ready');
    expect(ready['durationMs']).toBeGreaterThanOrEqual(15_000);
    expect(ready['warnings']).toEqual([expect.stringMatching(/^conf\/log4j2\.properties keeps the line/)]);
  });
});

describe('--ready-when', () => {
  test('waits for the line, wherever it stands', async () => {
    const bootLine = 'Deployer Successfully deployed orders, version 3';
    const cli = auto(misbehaving({ bootLine }), '--ready-when', 'deployed orders, version \\d');
    expect(await cli.event('ready')).toMatchObject({ warnings: [] });
    cli.kill('SIGINT');
    expect(await cli.exited).toMatchObject({ code: 130 });
  });

  test('says what it waits for where the line does not come', async () => {
    const cli = auto(misbehaving({}), '--ready-when', 'deployed orders', '--ready-timeout', '4s');
    expect(await cli.event('failed')).toMatchObject({
      code: 6,
      message: expect.stringContaining('a line that matches deployed orders in its log'),
    });
    await cli.exited;
  });
});

describe('--ready-url', () => {
  test('is waited for on the first URL of the server', async () => {
    const ready = await auto(misbehaving({ pages: { '/app': 302 } }), '--ready-url', '/app').event('ready');
    expect(ready['warnings']).toEqual([]);
  });

  test('that never answers as it should is named', async () => {
    const cli = auto(misbehaving({ pages: { '/app': 500 } }), '--ready-url', '/app', '--ready-timeout', '3s');
    const failed = await failure(cli);
    expect(failed).toMatchObject({ code: 6, failure: 'not-ready-in-time' });
    const url = `http://localhost:${portsAt(MIN)['http']}/app`;
    expect(failed['message']).toContain(`GET ${url} to answer 200 or 302 (it answers 500)`);
  });
});
