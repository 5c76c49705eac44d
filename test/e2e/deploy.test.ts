import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { instancesIn } from '../support/instances.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';
import { carbonApplication, listOf } from '../support/zip.js';

const MIN = minOffsetOf('deploy');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { misbehaving, foreground, detach, stop } = instancesIn(() => sandbox, MIN);

const SERVER = 'repository/deployment/server';
const CAR = `${SERVER}/carbonapps/shop.car`;
const API = `${SERVER}/synapse-configs/default/api/orders.xml`;
const TASK = `${SERVER}/synapse-configs/default/tasks/every.xml`;
const DEPLOYED = '{CappDeployer} - Successfully Deployed Carbon Application : App_1.0.0 {super-tenant}';

// The lines of MI CappDeployer and SYN TaskDeployer.
const SAYS: NonNullable<StandInBehaviour['deploys']> = {
  [CAR]: {
    said: [` INFO ${DEPLOYED}`],
    gone: [' INFO {CappDeployer} - Successfully undeployed Carbon Application : App_1.0.0 {super-tenant}'],
  },
  [`${SERVER}/carbonapps/bad.car`]: {
    said: [
      'ERROR {ProxyServiceFactory} - Endpoint is missing',
      'ERROR {CappDeployer} - Error occurred while deploying the Carbon application: bad.car. Reverting successfully deployed\n\tat org.wso2.X(X.java:1)\nCaused by: org.wso2.Y: no endpoint',
    ],
  },
  [TASK]: { said: [` INFO {TaskDeployer} - StartupTask named 'every' has been deployed from file : /mi/${TASK}`] },
};

const speaking = (more: StandInBehaviour = {}): string => misbehaving({ deploys: SAYS, ...more });

function file(name: string, content: string | Buffer = carbonApplication([])): string {
  const path = join(sandbox.folder, 'built', name);
  mkdirSync(join(sandbox.folder, 'built'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

interface Told {
  readonly name: string;
  readonly artifacts: readonly Readonly<Record<string, unknown>>[];
}

const deploy = (...words: readonly string[]) => sandbox.run(['deploy', ...words]);

async function told(...words: readonly string[]): Promise<Told> {
  const { code, stdout, stderr } = await deploy('--json', '--quiet', ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Told;
}

describe('deploy', () => {
  test('copies a file, waits for the word about it, and again where it is there already; --undeploy takes it away', async () => {
    const home = speaking();
    await detach(home);
    const car = file('shop.car');
    const first = await told('mi', car);
    expect(first).toEqual({
      schemaVersion: 1,
      name: 'mi',
      artifacts: [
        {
          ...{ file: 'shop.car', path: join(home, CAR), outcome: 'deployed', reason: null, replaced: false },
          durationMs: expect.any(Number),
        },
      ],
    });
    expect(readFileSync(join(home, CAR))).toEqual(readFileSync(car));
    file('shop.car', carbonApplication([], { 'more.txt': 'more' }));
    expect(await deploy(car)).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^wso2-launch: shop\.car deployed in the place of the one before, \d+\.\d s\n$/),
    });
    expect(readFileSync(join(home, CAR))).toEqual(readFileSync(car));
    expect((await told('mi', '--undeploy', 'shop.car')).artifacts).toMatchObject([{ outcome: 'undeployed' }]);
    expect(readdirSync(join(home, SERVER, 'carbonapps'))).toEqual([]);
    await stop();
  });

  test('does not take a word for a new one that was said of the one before', async () => {
    const { pid } = await detach(speaking());
    await told('mi', file('shop.car'));
    process.kill(pid as number, 'SIGSTOP');
    try {
      expect(await deploy('mi', file('shop.car'), '--timeout', '300ms')).toMatchObject({ code: 6 });
    } finally {
      process.kill(pid as number, 'SIGCONT');
    }
    await stop();
  });

  test('tells the lines of one that is faulty, and what became of the others', async () => {
    const home = speaking();
    await detach(home);
    const bad = carbonApplication([], { 'artifacts.xml': listOf([]).replace('App', 'Bad') });
    const ended = await deploy('mi', file('bad.car', bad), file('shop.car'));
    expect(ended).toMatchObject({ code: 5, stdout: '' });
    expect(ended.stderr).toMatch(/^wso2-launch: shop\.car deployed, \d+\.\d s$/m);
    expect(ended.stderr).toMatch(/^wso2-launch: bad\.car faulty, \d+\.\d s$/m);
    expect(ended.stderr).toContain('mi could not deploy bad.car.\n');
    expect(ended.stderr).toContain('ERROR {ProxyServiceFactory} - Endpoint is missing\n');
    expect(ended.stderr).toContain('Caused by: org.wso2.Y: no endpoint\n');
    const { stdout } = await deploy('--json', 'mi', join(sandbox.folder, 'built/bad.car'));
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ event: 'failed', code: 5, failure: 'artifact-faulty' },
      lastLines: [
        expect.stringContaining('Endpoint is missing'),
        expect.stringContaining('Error occurred while deploying the Carbon application: bad.car'),
        'Caused by: org.wso2.Y: no endpoint',
      ],
    });
    await stop();
  });

  test('says what is read only when the server starts, and waits for the rest', async () => {
    const home = speaking();
    await detach(home);
    const files = [file('orders.xml', '<api name="orders"/>'), file('every.xml', '<task name="every"/>')];
    expect((await told('mi', ...files)).artifacts).toMatchObject([
      { file: 'orders.xml', path: join(home, API), outcome: 'copied', reason: 'read-at-start', durationMs: null },
      { file: 'every.xml', path: join(home, TASK), outcome: 'deployed', reason: null },
    ]);
    mkdirSync(join(home, 'conf/axis2'), { recursive: true });
    writeFileSync(
      join(home, 'conf/axis2/axis2.xml'),
      '<parameter name="hotdeployment" locked="false">false</parameter>',
    );
    expect((await told('mi', files[1] as string)).artifacts).toMatchObject([{ reason: 'read-at-start' }]);
    await stop();
  });

  test('into an instance that has ended is a copy, which is said', async () => {
    const home = speaking();
    await detach(home);
    await stop();
    const ended = await deploy('mi', file('shop.car'));
    expect(ended).toMatchObject({
      code: 0,
      stderr: `wso2-launch: shop.car copied (${join(home, CAR)}); the instance does not run, and looks there when it starts\n`,
    });
    expect(existsSync(join(home, CAR))).toBe(true);
    expect(await deploy('--undeploy', 'mi', 'shop.car')).toMatchObject({
      code: 0,
      stderr: `wso2-launch: shop.car removed (${join(home, CAR)}); the instance does not run, and looks there when it starts\n`,
    });
    expect(existsSync(join(home, CAR))).toBe(false);
    expect(await deploy(file('shop.car'))).toMatchObject({
      code: 10,
      stderr: expect.stringContaining('No instance is running'),
    });
  });

  test('into a server that is not ready yet is told once it is', async () => {
    const cli = foreground(speaking({ bindAfterMs: 1_500 }));
    await cli.event('starting');
    expect((await told('mi', file('shop.car'))).artifacts).toMatchObject([{ outcome: 'deployed' }]);
    await stop();
    await cli.exited;
  });

  test('gives up when its time is over, and where the server ends: what was copied stays', async () => {
    const home = misbehaving({});
    await detach(home);
    const car = file('shop.car');
    expect(await deploy('mi', car, '--timeout', '300ms')).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining('mi has not said within 0.3 s that it has deployed shop.car.'),
    });
    const other = carbonApplication([], { 'artifacts.xml': listOf([]).replace('App', 'Other') });
    const waiting = sandbox.start(['deploy', 'mi', car, file('other.car', other)]);
    await until('it is copied', () => existsSync(join(home, SERVER, 'carbonapps/other.car')));
    await stop();
    expect({ ...(await waiting.exited), stderr: waiting.stderr }).toMatchObject({
      code: 10,
      stderr: expect.stringContaining('mi ended before it had said that it has deployed shop.car and other.car.'),
    });
    expect(existsSync(join(home, CAR))).toBe(true);
  });

  test('is refused before anything is copied', async () => {
    const home = speaking();
    await detach(home);
    const good = file('shop.car');
    const cut = file('cut.car', carbonApplication([]).subarray(0, 100));
    mkdirSync(join(sandbox.folder, 'other'), { recursive: true });
    const twin = join(sandbox.folder, 'other/shop.car');
    writeFileSync(twin, carbonApplication([]));
    const refused: readonly (readonly [words: readonly string[], code: number, says: string])[] = [
      [['mi', good, cut], 2, `${cut} can't be deployed: it is no zip archive.`],
      [['mi', good, file('a.xml', '<api>')], 2, "a.xml can't be deployed: it is not well-formed"],
      [['mi', good, file('a.war')], 2, "WSO2 Micro Integrator can't deploy"],
      [['mi', good, join(sandbox.folder, 'nothing.car')], 2, 'nothing.car is not there.'],
      [['mi', good, twin], 2, 'shop.car is given twice.'],
      [['mi', good, file('same.car')], 2, 'shop.car and same.car both hold App_1.0.0.'],
      [['mi', '--undeploy', 'shop.car'], 2, 'shop.car is not deployed: it is not in'],
      [['mi'], 2, 'It has to be said which files to deploy.'],
      [[], 2, 'It has to be said which files to deploy.'],
      [['nobody', good], 10, 'There is no instance nobody.'],
      [['mi', good, '--timeout', '5'], 2, '--timeout takes a duration with its unit'],
    ];
    for (const [words, code, says] of refused)
      expect(await deploy(...words)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) });
    expect(existsSync(join(home, SERVER))).toBe(false);
    await stop();
    rmSync(home, { recursive: true });
    expect(await deploy('mi', good)).toMatchObject({ code: 3, stderr: expect.stringContaining('is not there.') });
  });
});
