import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli, JsonEvent } from '../support/cli.js';
import { instancesIn, kinds } from '../support/instances.js';
import { isAlive, portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('detached');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const {
  atFreeOffset,
  foreground,
  detaching,
  misbehaving,
  detach,
  list,
  shown,
  untilStatus,
  stop,
  recordOf,
  expectNothingLeft,
  untilNothingIsLeft,
} = instancesIn(() => sandbox, MIN);

describe('a detached launch', () => {
  const COUNTED = /\d+(\.\d+)? (ms|s)\b/g;

  test('ends when the server is ready, with the events and the words of one in the foreground', async () => {
    const home = sandbox.home('mi');
    const attached = foreground(home);
    await attached.event('ready');
    attached.kill('SIGINT');
    await attached.exited;

    const background = detaching(home);
    expect(await background.exited).toEqual({ code: 0, signal: null });
    const comparable = ({ at, pid, durationMs, ...rest }: JsonEvent): unknown => ({
      ...rest,
      at: typeof at,
      pid: typeof pid,
      durationMs: typeof durationMs,
    });
    expect(kinds(background)).toEqual(['planned', 'starting', 'ready']);
    expect(background.events.map(comparable)).toEqual(attached.events.slice(0, 3).map(comparable));
    expect(background.stderr.replace(COUNTED, 'TIME')).toBe(attached.stderr.replace(COUNTED, 'TIME'));
    expect(background.stderr.replace(COUNTED, 'TIME')).toBe(`wso2-launch: mi ready, offset ${MIN}, TIME\n`);
    expect(isAlive((await background.event('ready'))['pid'] as number)).toBe(true);
    await stop('mi');
    await expectNothingLeft();
  });

  test("prints nothing of the server's own, and nothing at all if told to be quiet", async () => {
    const args = ['mi', ...atFreeOffset, '-d'];
    const { code, stdout, stderr } = await sandbox.run([...args, '--home', sandbox.home('mi')]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^wso2-launch: mi ready, offset ${MIN}, [\\d.]+ m?s\\n$`));
    const quiet = await sandbox.run([...args, '--quiet', '--home', sandbox.home('other')]);
    expect(quiet).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    await stop('--all', '--quiet');
    await expectNothingLeft(MIN + 1);
  });

  test('leads a session of its own, and keeps neither the folder nor the output of whoever started it', async () => {
    const folder = join(sandbox.folder, 'project');
    mkdirSync(folder);
    const ready = await detach(sandbox.home('mi'), [], { cwd: folder });
    const { supervisorPid } = await shown();
    const supervisor = nodeSystem.processes.find(supervisorPid as number);
    expect(supervisor?.session).toBe(supervisorPid);
    expect(nodeSystem.processes.workingFolderOf(supervisorPid as number)).toBe('/');
    expect(ready['pid']).toBe((await shown()).pid);
    await stop();
    await expectNothingLeft();
  });

  test('finds a home that is named relative to the folder it was started in', async () => {
    sandbox.home('mi');
    expect(await detach('mi')).toMatchObject({ name: 'mi', offset: MIN });
    await stop();
    await expectNothingLeft();
  });

  test('can be asked for in the environment, and does not reach the server as such', async () => {
    const home = sandbox.home('mi');
    const cli = foreground(home, [], { env: { WSO2_LAUNCH_DETACH: '1' } });
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    const { pid } = await shown();
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(environment.filter((line) => /^WSO2_LAUNCH_(?!STATE_DIR)|^WSO2LAUNCH_SUPERVISOR/.test(line))).toEqual([]);
    await stop();
    await expectNothingLeft();
  });

  test('that is only planned starts nothing', async () => {
    const { code, stdout } = await sandbox.run([
      'mi',
      '--home',
      sandbox.home('mi'),
      ...atFreeOffset,
      '-d',
      '--dry-run',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('micro-integrator.sh');
    expect(await list('--all')).toEqual([]);
    await expectNothingLeft();
  });
});

describe('a detached launch that fails says the same as one in the foreground', () => {
  interface Case {
    readonly code: number;
    readonly failure: string;
    /** What its last lines hold. */
    readonly says?: string;
    readonly behaviour?: StandInBehaviour;
    readonly more?: readonly string[];
    /** What happens beside it. */
    readonly meanwhile?: (cli: Cli) => Promise<Server | undefined>;
    readonly before?: () => Promise<Server | undefined>;
  }

  const fixed = ['--offset', String(MIN)];
  const CASES: Readonly<Record<string, Case>> = {
    'ports that are taken': {
      code: 4,
      failure: 'ports-taken',
      more: fixed,
      before: () => sandbox.hold(portsAt(MIN)['management'] as number),
    },
    'a crash at boot': {
      code: 5,
      failure: 'exited-before-ready',
      behaviour: { exitAtBoot: 1, bootLine: 'no license' },
      says: 'no license',
    },
    'not ready in time': {
      code: 6,
      failure: 'not-ready-in-time',
      behaviour: { neverReady: true },
      more: ['--ready-timeout', '1s'],
    },
    'ports that are lost': {
      code: 9,
      failure: 'ports-lost',
      behaviour: { bindAfterMs: 3000 },
      says: 'Address already in use',
      more: fixed,
      meanwhile: async (cli) => {
        await cli.event('starting');
        return sandbox.hold(portsAt(MIN)['http'] as number);
      },
    },
  };

  /** How far a server had got in its log when it was stopped is a matter of moments. */
  const withoutTimes = (event: JsonEvent): unknown =>
    JSON.parse(
      JSON.stringify({ ...event, at: '', lastLines: [] }).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|[\d.]+ sec\b/g, 'T'),
    ) as unknown;

  test.each(Object.entries(CASES))(
    '%s',
    async (_what, { code, failure, says = '', behaviour = {}, more, meanwhile, before }) => {
      const home = misbehaving(behaviour);
      const offset = more?.[0] === '--offset' ? more : [...atFreeOffset, ...(more ?? [])];
      const failed: JsonEvent[] = [];
      for (const mode of [[], ['--detach']]) {
        const servers = [await before?.()];
        const cli = sandbox.start(['mi', '--home', home, ...offset, '--json', ...mode]);
        servers.push(await meanwhile?.(cli));
        expect(await cli.exited).toEqual({ code, signal: null });
        failed.push(await cli.event('failed'));
        expect(kinds(cli).filter((kind) => kind === 'failed')).toHaveLength(1);
        for (const server of servers) await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
        await untilNothingIsLeft();
      }
      expect(failed[0]).toMatchObject({ code, failure });
      expect(failed.map(withoutTimes)[1]).toEqual(failed.map(withoutTimes)[0]);
      const saying = failed.filter((event) => (event['lastLines'] as string[]).join('\n').includes(says));
      expect(saying).toHaveLength(2);
    },
  );

  test('a bad home, before there is a name', async () => {
    const nowhere = join(sandbox.folder, 'nowhere');
    const [attached, background] = [foreground(nowhere), detaching(nowhere)];
    expect(await background.exited).toEqual({ code: 3, signal: null });
    await attached.exited;
    expect(background.stderr).toBe(attached.stderr);
    expect(withoutTimes(await background.event('failed'))).toEqual(withoutTimes(await attached.event('failed')));
    expect(await background.event('failed')).toMatchObject({ code: 3, failure: 'unusable-home', name: null });
    await expectNothingLeft();
  });

  test('it ends after its supervisor, however slow that is to end', async () => {
    const slow = join(sandbox.folder, 'slow.cjs');
    const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)';
    writeFileSync(slow, `if (process.env.WSO2LAUNCH_SUPERVISOR) process.on('exit', () => ${wait});`);
    const cli = detaching(join(sandbox.folder, 'nowhere'), [], { env: { NODE_OPTIONS: `--require ${slow}` } });
    expect(await cli.exited).toEqual({ code: 3, signal: null });
    await expectNothingLeft();
  });

  test('a crash later is nobody’s to hear: ps keeps its code', async () => {
    const { pid } = await detach(misbehaving({ onSignal: 'crash' }));
    process.kill(pid as number, 'SIGUSR2');
    await untilStatus('exited');
    expect(recordOf().exit).toMatchObject({ code: 5, failure: 'crashed' });
    await untilNothingIsLeft();
    expect((await sandbox.run(['ps', '--all'])).stdout).toContain('exited (5)');
  });
});
