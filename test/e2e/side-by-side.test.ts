import { spawn } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli } from '../support/cli.js';
import { kinds } from '../support/instances.js';
import { launchesIn } from '../support/launches.js';
import { isAlive } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('side-by-side');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { auto } = launchesIn(() => sandbox, MIN);

describe('a home runs once', () => {
  test.each(['by the same path', 'through a link'])('a second launch %s is refused with code 8', async (path) => {
    const home = sandbox.home('mi');
    const first = auto(home);
    const ready = await first.event('ready');
    const link = join(sandbox.folder, 'link');
    symlinkSync(home, link);

    const second = auto(path === 'through a link' ? link : home);
    expect(await second.exited).toEqual({ code: 8, signal: null });
    const failed = await second.event('failed');
    expect(failed).toMatchObject({ failure: 'home-runs' });
    expect(failed['message']).toContain(`instance mi, offset ${MIN}`);
    expect(failed['hint']).toContain('--private gives this one a home of its own');
    expect(kinds(second)).toEqual(['failed']);

    expect(isAlive(ready['pid'] as number)).toBe(true);
    expect(kinds(first).at(-1)).toBe('ready');
  });

  test('a server that was started by hand keeps its home, and is left alone', async () => {
    const home = sandbox.home('mi');
    const byHand = sandbox.startByHand(join(home, 'bin/micro-integrator.sh'), [`-DportOffset=${MIN + 9}`]);
    try {
      const jvm = await until('the pid file', () => pidInFile(home, nodeSystem.files));
      const cli = auto(home);

      expect(await cli.exited).toEqual({ code: 8, signal: null });
      const failed = await cli.event('failed');
      expect(failed['message']).toContain(`process ${jvm}, not started by wso2-launch`);
      expect(isAlive(jvm)).toBe(true);
    } finally {
      process.kill(-(byHand.pid as number), 'SIGTERM');
    }
  });

  test('a stale pid file that names a stranger keeps nobody out, and the stranger lives on', async () => {
    const stranger = spawn('sleep', ['600'], { cwd: '/', stdio: 'ignore' });
    try {
      const home = sandbox.home('mi');
      const bytes = Buffer.alloc(100);
      bytes.write(`${stranger.pid}\n`);
      writeFileSync(join(home, 'wso2carbon.pid'), bytes);

      const cli = auto(home);
      const ready = await cli.event('ready');
      expect(ready['pid']).not.toBe(stranger.pid);
      cli.kill('SIGINT');
      expect(await cli.exited).toEqual({ code: 130, signal: null });
      expect(isAlive(stranger.pid as number)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  test('of two launches in the same instant one wins, the other ends with code 8', async () => {
    const home = sandbox.home('mi');
    const both = [auto(home), auto(home)];
    const loser = await Promise.race(both.map((cli) => cli.exited.then(() => cli)));
    const [winner] = both.filter((cli) => cli !== loser) as [Cli];

    expect(await loser.exited).toEqual({ code: 8, signal: null });
    expect(kinds(loser)).toEqual(['failed']);
    expect(await winner.event('ready')).toMatchObject({ offset: MIN });
  });
});

describe('side by side', () => {
  test('launches in the same instant get offsets of their own, however late they bind, and names in turn', async () => {
    const behaviour = { bindAfterMs: 1000 };
    const launches = ['a', 'b', 'c'].map((name) => auto(sandbox.home(name, { behaviour })));
    const ready = await Promise.all(launches.map((cli) => cli.event('ready')));

    expect(ready.map(({ offset }) => offset).sort()).toEqual([MIN, MIN + 1, MIN + 2]);
    expect(ready.map(({ name }) => name).sort()).toEqual(['mi', 'mi-2', 'mi-3']);
    const retries = launches.flatMap((cli) => kinds(cli)).filter((kind) => kind === 'retrying');
    expect(retries).toEqual([]);
  });

  test.each(['mi', 'MI'])('the name %s of a living instance mi is refused with code 8', async (name) => {
    await auto(sandbox.home('a')).event('ready');
    const cli = auto(sandbox.home('b'), '--name', name);

    expect(await cli.exited).toEqual({ code: 8, signal: null });
    expect(await cli.event('failed')).toMatchObject({ failure: 'name-taken' });
  });
});
