import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ForeignProject, type Program } from '../support/foreign-project.js';
import { giveBack, holdersIn } from '../support/holders.js';
import { isAlive } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('library-acquire');

let project: ForeignProject;
let sandbox: Sandbox;
let home: string;
beforeAll(async () => {
  project = await ForeignProject.install();
}, 120_000);
beforeEach(() => {
  sandbox = new Sandbox();
  home = sandbox.home('mi');
});
afterEach(() => sandbox.close());
afterAll(() => project.close());

const { options, holder, untilNothingIsLeft } = holdersIn(() => ({ project, sandbox, home }), MIN);

describe('one server', () => {
  test('is started by two who come at once, shown with both, and stopped when the last gives it back', async () => {
    const both = [holder("label: 'the first'"), holder()] as const;
    const [pid, other] = [await both[0].tells(1), await both[1].tells(1)];
    expect(other).toBe(pid);
    const [[shown]] = await project.run(sandbox, 'tell(await instances());');
    expect(shown.holders).toHaveLength(2);
    expect(shown.holders).toEqual(
      expect.arrayContaining([
        { pid: both[0].pid, label: 'the first', since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) },
        {
          pid: both[1].pid,
          label: expect.stringMatching(new RegExp(`^program-\\d+\\.mjs, pid ${both[1].pid}$`)),
          since: expect.any(String),
        },
      ]),
    );
    await giveBack(both[0]);
    expect(both[0].told.slice(1)).toEqual([{ how: 'graceful', durationMs: expect.any(Number) }, { code: 0 }]);
    expect(isAlive(pid)).toBe(true);
    expect(sandbox.records).toMatchObject([{ status: 'ready', pid, holders: [{ pid: both[1].pid }] }]);
    await giveBack(both[1]);
    expect(isAlive(pid)).toBe(false);
    await untilNothingIsLeft();
  });

  test('from a private home is started once by two who come at once, and its home stays', async () => {
    const both = [holder('private: true'), holder('private: true')] as const;
    const [pid, other] = [await both[0].tells(1), await both[1].tells(1)];
    expect(other).toBe(pid);
    const [[shown]] = await project.run(sandbox, 'tell(await instances());');
    expect(shown).toMatchObject({ home: join(sandbox.folder, '.wso2-launch-homes/mi'), installation: home });
    await giveBack(both[0]);
    await giveBack(both[1]);
    await untilNothingIsLeft();
    expect(existsSync(join(sandbox.folder, '.wso2-launch-homes/mi/.wso2-launch-home.json'))).toBe(true);
  });

  test('leaves no trace in its host, which ends by itself, as the first one and as a later one', async () => {
    const body = `await settled();
      tell(traces());
      const server = await acquire('mi', ${options()});
      tell(server.pid);
      await word();
      await server.restart();
      for await (const line of server.logs({ tail: 1 })) void line;
      await server.stop();
      await settled();
      tell({ ...traces(), replaced: replaced() });`;
    const [first, second] = [project.start(sandbox, body), project.start(sandbox, body, { way: 'require' })];
    expect(await first.tells(2)).toBe(await second.tells(2));
    for (const program of [first, second]) {
      program.say('go on');
      expect(await program.exited).toEqual({ code: 0, signal: null });
      expect(program.stdout + program.stderr).toBe('');
      expect(program.told[2]).toEqual({ ...program.told[0], replaced: [] });
    }
    await untilNothingIsLeft();
  });

  test('is held by each call, also in one process', async () => {
    const [told] = await project.run(
      sandbox,
      `const [one, two] = await Promise.all([acquire('mi', ${options()}), acquire('mi', ${options()})]);
      const same = one.pid === two.pid;
      await Promise.all([one.stop(), one.stop()]);
      const afterOne = alive(two.pid);
      await two.stop();
      tell([same, afterOne, alive(two.pid), (await instances()).length]);`,
    );
    expect(told).toEqual([true, true, false, 0]);
  });

  test('outlives the program that started it, as long as another holds it', async () => {
    const first = holder();
    const pid = await first.tells(1);
    const second = holder();
    expect(await second.tells(1)).toBe(pid);
    first.kill('SIGKILL');
    await first.ended;
    await until('its release', () => sandbox.records[0]?.holders?.length === 1);
    expect(isAlive(pid)).toBe(true);
    await giveBack(second);
    await untilNothingIsLeft();
  });

  test('is stopped when its only holder is killed, though that could say nothing', async () => {
    const only = holder();
    await only.tells(1);
    only.kill('SIGKILL');
    await only.ended;
    await untilNothingIsLeft();
    expect(sandbox.records).toMatchObject([{ status: 'exited', exit: { code: 0 } }]);
  });

  test('does not outlive a program that dies at whatever moment of its call', async () => {
    const die = "process.kill(process.pid, 'SIGKILL')";
    const after = [0, 40, 80, 120, 160, 200, 240, 300].map((ms) => [`setTimeout(() => ${die}, ${ms});`, '']);
    const at = ['planned', 'starting', 'ready'].map((kind) => [
      '',
      `onEvent: ({ event }) => event === '${kind}' && ${die}`,
    ]);
    for (const [before, more] of [...after, ...at]) {
      const worker = project.start(sandbox, `${before}\nawait acquire('mi', ${options(more)});`);
      expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
      await untilNothingIsLeft();
    }
  });
});

describe('the key', () => {
  const SAME: readonly [what: string, first: string, second: string][] = [
    ['how long things may take', 'readyTimeoutMs: 50_000, stopTimeoutMs: 9_000', 'readyTimeoutMs: 40_000'],
    ['who asks', "label: 'a', lingerMs: 1", "label: 'b', lingerMs: 0"],
    ['the order of variables', "env: { A: '1', B: '2' }", "env: { B: '2', A: '1' }"],
  ];
  test.each(SAME)('has no part of %s', async (_what, first, second) => {
    const [told] = await project.run(
      sandbox,
      `const one = await acquire('mi', ${options(first)});
      const two = await acquire('mi', ${options(second)});
      tell(one.pid === two.pid);
      await one.stop();
      await two.stop();`,
    );
    expect(told).toBe(true);
  });

  test('has no part of the environment, nor of the path by which a home is named', async () => {
    const link = join(sandbox.folder, 'link');
    symlinkSync(home, link);
    const first = holder('', { env: { OF_THE_USER: 'a' } });
    const pid = await first.tells(1);
    home = link;
    const second = holder('', { env: { OF_THE_USER: 'b', WSO2_LAUNCH_NAME: 'other' } });
    expect(await second.tells(1)).toBe(pid);
    await giveBack(first);
    await giveBack(second);
  });

  test('of another name, offset, args or env is refused for a home that runs, with code 8', async () => {
    const others = [
      options("name: 'other'"),
      `{ home: ${JSON.stringify(home)}, offset: ${MIN} }`,
      `{ home: ${JSON.stringify(home)} }`,
      `{ home: ${JSON.stringify(home)}, offset: 'auto', minOffset: ${MIN + 1} }`,
      options('maxOffset: 20_000'),
      options("args: ['-Da=b']"),
      options("env: { A: 'secret-of-a-test' }"),
    ];
    const [refusals, pids] = await project.run(
      sandbox,
      `const server = await acquire('mi', ${options()});
      const refusals = [];
      for (const other of [${others.join(', ')}]) refusals.push(await failing(() => acquire('mi', other)));
      tell(refusals);
      tell([server.pid, (await instances())[0].pid]);
      await server.stop();`,
    );
    for (const [index, other] of others.entries()) {
      expect({ other, ...refusals[index] }).toMatchObject({ other, isOurs: true, code: 8, failure: 'home-runs' });
    }
    expect(refusals[0].message).toContain('instance mi, launched with another name, offset, args or env');
    expect(pids[0]).toBe(pids[1]);
  });

  test('tells no secret: neither in the record nor on a command line', async () => {
    const program = holder("env: { PASSWORD: 'secret-of-a-test' }");
    await program.tells(1);
    expect(JSON.stringify(sandbox.records)).not.toContain('secret-of-a-test');
    expect(sandbox.processes().filter(({ command }) => command.includes('secret-of-a-test'))).toEqual([]);
    await giveBack(program);
  });

  test('of a launch in the foreground that is the same uses that, and leaves it running', async () => {
    const cli = sandbox.start(['mi', '--home', home, '-a', '--min-offset', String(MIN), '--json']);
    const { pid } = await cli.event('ready');
    const program = holder();
    expect(await program.tells(1)).toBe(pid);
    await giveBack(program);
    expect(isAlive(pid as number)).toBe(true);
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
  });
});

test('a server that was started by hand with -d is used, and left running', async () => {
  const args = ['mi', '--home', home, '-a', '--min-offset', String(MIN), '-d', '--json'];
  const detached = sandbox.start(args);
  expect(await detached.exited).toEqual({ code: 0, signal: null });
  const { pid } = await detached.event('ready');
  const both = [holder(), holder()];
  for (const program of both) expect(await program.tells(1)).toBe(pid);
  await giveBack(both[0] as Program);
  both[1]?.kill('SIGKILL');
  await both[1]?.ended;
  await until('their release', () => sandbox.records[0]?.holders?.length === 0);
  expect(sandbox.records).toMatchObject([{ status: 'ready', pid }]);
  expect((await sandbox.run(['stop', 'mi'])).code).toBe(0);
  await untilNothingIsLeft();
});

test('its output is that of its log, from the beginning, for whoever holds it', async () => {
  const first = holder();
  await first.tells(1);
  const second = holder("output: 'inherit'");
  await second.tells(1);
  second.say('give it back');
  await second.exited;
  const log = readFileSync(sandbox.records[0]?.logFile as string, 'utf8');
  expect(second.stdout).toContain('started in');
  expect(log.startsWith(second.stdout)).toBe(true);
  await giveBack(first);
});

describe('what Node was told of the host', () => {
  test('does not reach the supervisor, and reaches the server', async () => {
    const seen = join(sandbox.folder, 'seen');
    const preload = join(sandbox.folder, 'preload.cjs');
    writeFileSync(
      preload,
      `require('node:fs').appendFileSync(${JSON.stringify(seen)}, process.argv.slice(1).join(' ') + '\\n');`,
    );
    const NODE_OPTIONS = `--inspect=127.0.0.1:0 --require ${preload}`;
    const program = holder('', { env: { NODE_OPTIONS } });
    const pid = await program.tells(1);
    expect(existsSync(seen)).toBe(true);
    const lines = readFileSync(seen, 'utf8').trim().split('\n');
    expect(lines.filter((line) => line.includes('wso2-launch.cjs'))).toEqual([]);
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')).toContain(`NODE_OPTIONS=${NODE_OPTIONS}`);
    const supervisor = sandbox.records[0]?.supervisor.pid;
    expect(readFileSync(`/proc/${supervisor}/environ`, 'utf8')).not.toContain('NODE_OPTIONS=');
    program.say('give it back');
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });
});

describe('another version of the package', () => {
  test('whose supervisor does not know what it is asked is told as that', async () => {
    const first = holder();
    await first.tells(1);
    const { socket, supervisor } = sandbox.records[0] as (typeof sandbox.records)[0];
    rmSync(socket);
    const refused = `The supervisor of mi (process ${supervisor.pid}) does not know the request: it is of another version.`;
    const older = createServer((client) => {
      client.on('error', () => {});
      client.once('data', () => client.end(`${JSON.stringify({ refused, hint: 'Ask another.' })}\n`));
    });
    await new Promise<void>((resolve) => older.listen(socket, resolve));
    const [error] = await project.run(sandbox, `tell(await failing(() => acquire('mi', ${options()})));`);
    expect(error).toMatchObject({ isOurs: true, code: 1, failure: 'refused', message: refused, hint: 'Ask another.' });
    await new Promise((resolve) => older.close(resolve));
    await giveBack(first);
  });

  test('that wrote down no key is told as that', async () => {
    const first = holder();
    await first.tells(1);
    const file = join(sandbox.state, 'instances/mi.json');
    const { key: _, ...older } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(older));
    const [error] = await project.run(sandbox, `tell(await failing(() => acquire('mi', ${options()})));`);
    expect(error).toMatchObject({ isOurs: true, code: 8, failure: 'home-runs' });
    expect(error.message).toContain('instance mi, launched by another version of wso2-launch');
    await giveBack(first);
  });
});

test('a supervisor that does not answer is told of', async () => {
  const first = holder();
  await first.tells(1);
  const pid = sandbox.records[0]?.supervisor.pid as number;
  process.kill(pid, 'SIGSTOP');
  try {
    const [error] = await project.run(sandbox, `tell(await failing(() => acquire('mi', ${options()})));`);
    expect(error).toMatchObject({ isOurs: true, code: 1, failure: 'no-answer' });
    expect(error.message).toContain(`The supervisor of mi (process ${pid}) does not answer`);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await giveBack(first);
});
