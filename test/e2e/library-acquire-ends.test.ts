import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ForeignProject, type Program, type Told } from '../support/foreign-project.js';
import { giveBack, holdersIn } from '../support/holders.js';
import { isAlive } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('library-acquire-ends');

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

describe('lingering', () => {
  test('keeps the server for whoever comes meanwhile', async () => {
    const [told] = await project.run(
      sandbox,
      `const first = await acquire('mi', ${options('lingerMs: 300_000.5')});
      const { pid } = first;
      await first.stop();
      const kept = await instances();
      const second = await acquire('mi', ${options()});
      tell([alive(pid), kept.map(({ status, holders }) => ({ status, holders })), second.pid === pid]);
      await second.stop();
      tell(alive(pid));`,
    );
    expect(told).toEqual([true, [{ status: 'ready', holders: [] }], true]);
    await untilNothingIsLeft();
  });

  test('ends after its time, also behind a holder that was killed', async () => {
    const program = holder('lingerMs: 1_000');
    const pid = await program.tells(1);
    program.kill('SIGKILL');
    await program.ended;
    await until('its release', () => sandbox.records[0]?.holders?.length === 0);
    expect(isAlive(pid)).toBe(true);
    await untilNothingIsLeft();
  });
});

describe('whoever comes during the stop', () => {
  test('waits for it, and gets a new server', async () => {
    home = sandbox.home('slow', { behaviour: { shutdownMs: 2_000 } });
    const first = holder();
    const pid = await first.tells(1);
    first.say('give it back');
    await until('its stop', () => sandbox.records[0]?.status === 'stopping');
    const second = holder();
    expect(await second.tells(1)).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
    expect(await first.exited).toEqual({ code: 0, signal: null });
    await giveBack(second);
  });

  test('gets a new one also where it was asked for from elsewhere', async () => {
    home = sandbox.home('slow', { behaviour: { shutdownMs: 2_000 } });
    const first = holder();
    const pid = await first.tells(1);
    const stopping = sandbox.run(['stop', 'mi']);
    await until('its stop', () => sandbox.records[0]?.status === 'stopping');
    const second = holder();
    expect(await second.tells(1)).not.toBe(pid);
    expect((await stopping).code).toBe(0);
    await giveBack(first);
    expect(first.told[2]).toEqual({ code: 0 });
    await giveBack(second);
  });
});

describe('what happens to it reaches every holder', () => {
  const LISTENING = `
    const heard = [];
    const server = await acquire('mi', OPTIONS);
    const listening = (async () => { for await (const event of server.events()) heard.push(event); })();
    tell(server.pid);
    const ended = await server.ended;
    await listening;
    tell([ended, heard, (await server.stop()).how]);`;
  const listener = (more = ''): Program =>
    project.start(
      sandbox,
      LISTENING.replace('OPTIONS', () => options(more)),
    );

  test('a crash', async () => {
    home = sandbox.home('crashing', { behaviour: { onSignal: 'crash' } });
    const both = [listener(), listener()];
    const pids = await Promise.all(both.map((program) => program.tells(1)));
    process.kill(pids[0], 'SIGUSR2');
    for (const program of both) {
      const [ended, heard, how] = await program.tells(2);
      expect(ended).toEqual({ code: 5, failure: 'crashed' });
      expect(heard.at(-1)).toMatchObject({
        schemaVersion: 1,
        event: 'failed',
        name: 'mi',
        code: 5,
        failure: 'crashed',
      });
      expect(how).toBe('graceful');
      expect(await program.exited).toEqual({ code: 0, signal: null });
    }
    await untilNothingIsLeft();
  });

  test('the end of its supervisor, however that came', async () => {
    const both = [listener(), listener()];
    await Promise.all(both.map((program) => program.tells(1)));
    process.kill(sandbox.records[0]?.supervisor.pid as number, 'SIGKILL');
    for (const program of both) {
      const [ended, heard] = await program.tells(2);
      expect(ended).toEqual({ code: 5, failure: 'crashed' });
      expect(heard.at(-1)).toMatchObject({ event: 'failed', failure: 'crashed' });
      expect(heard.at(-1).message).toContain('the supervisor of mi was killed');
      expect(await program.exited).toEqual({ code: 0, signal: null });
    }
    await untilNothingIsLeft();
  });

  test('a restart, whoever has asked for it', async () => {
    const both = [listener(), listener()];
    const [pid] = await Promise.all(both.map((program) => program.tells(1)));
    const [fields] = await project.run(
      sandbox,
      `const server = await acquire('mi', ${options()});
      const before = server.pid;
      await server.restart();
      tell([before, server.pid, (await instances())[0].pid]);
      await server.stop();`,
    );
    expect(fields).toEqual([pid, fields[1], fields[1]]);
    expect(fields[1]).not.toBe(pid);
    expect((await sandbox.run(['stop', 'mi'])).code).toBe(0);
    for (const program of both) {
      const [ended, heard] = await program.tells(2);
      expect(ended).toEqual({ code: 0 });
      expect(heard.map(({ event }: Told) => event)).toEqual(['restarting', 'starting', 'ready', 'stopping', 'stopped']);
    }
  });

  test('a start that fails, also whoever comes at whatever moment of it', async () => {
    home = sandbox.home('broken', { behaviour: { exitAtBoot: 3 } });
    const [failures] = await project.run(
      sandbox,
      `const all = [];
      const start = () => all.push(acquire('mi', ${options()}).catch(({ failure }) => failure));
      start();
      const joining = setInterval(start, 20);
      await all[0];
      clearInterval(joining);
      tell([...new Set(await Promise.all(all))]);`,
    );
    expect(failures).toEqual(['exited-before-ready']);
    await untilNothingIsLeft();
  });

  test('a start that fails', async () => {
    home = sandbox.home('broken', { behaviour: { exitAtBoot: 3, bootLine: 'no license' } });
    const failing = `let last;
      tell(await failing(() => acquire('mi', ${options('onEvent: (event) => { last = event; }')})));
      tell(last);`;
    const both = [project.start(sandbox, failing), project.start(sandbox, failing)];
    for (const program of both) {
      expect(await program.tells(1)).toMatchObject({ isOurs: true, code: 5, failure: 'exited-before-ready' });
      expect((await program.tells(1)).lastLines.join('\n')).toContain('no license');
      expect(await program.tells(2)).toMatchObject({ event: 'failed', code: 5, failure: 'exited-before-ready' });
      expect(await program.exited).toEqual({ code: 0, signal: null });
    }
    await untilNothingIsLeft();
  });
});

describe('its signal', () => {
  test('that fires while it starts gives it up, and rejects with its reason', async () => {
    home = sandbox.home('slow', { behaviour: { bindAfterMs: 60_000 } });
    const [before, told, after] = await project.run(
      sandbox,
      `const { getEventListeners } = await import('node:events');
      const control = new AbortController();
      const reason = new Error('enough');
      await settled();
      tell(traces());
      const onEvent = ({ event }) => event === 'starting' && control.abort(reason);
      const error = await acquire('mi', ${options('signal: control.signal, onEvent')}).catch((error) => error);
      tell([error === reason, getEventListeners(control.signal, 'abort').length]);
      await settled();
      tell(traces());`,
    );
    expect(told).toEqual([true, 0]);
    expect(after).toEqual(before);
    expect(sandbox.processes()).toEqual([]);
  });

  test('that fires while another one waits for it too leaves it to that', async () => {
    home = sandbox.home('slow', { behaviour: { bindAfterMs: 2_000 } });
    const impatient = project.start(
      sandbox,
      `const control = new AbortController();
      void word().then(() => control.abort('enough'));
      const onEvent = ({ event }) => event === 'starting' && tell(event);
      tell(await failing(() => acquire('mi', ${options('signal: control.signal, onEvent')})));`,
    );
    await impatient.tells(1);
    const patient = holder();
    await until('both to hold it', () => sandbox.records[0]?.holders?.length === 2);
    impatient.say('go');
    expect(await impatient.tells(2)).toBe('enough');
    expect(await impatient.exited).toEqual({ code: 0, signal: null });
    expect(isAlive(await patient.tells(1))).toBe(true);
    await giveBack(patient);
  });

  test('that fires at whatever moment around its being ready gives it back, or gives it up', async () => {
    const [ends] = await project.run(
      sandbox,
      `const one = await acquire('mi', ${options()});
      const ends = [];
      for (let turns = 0; turns < 30; turns++) {
        const control = new AbortController();
        const onEvent = async () => {
          for (let turn = 0; turn < turns; turn++) await null;
          control.abort('enough');
        };
        const end = await acquire('mi', ${options('signal: control.signal, onEvent')}).then(({ ended }) => ended, (reason) => reason);
        ends.push(JSON.stringify(end));
      }
      tell([...new Set(ends)].sort());
      while ((await instances())[0].holders.length > 1) await settled();
      await one.stop();`,
    );
    expect(ends).toEqual(['"enough"', '{"code":0}']);
  });

  test('that fires when it is ready gives it back', async () => {
    const [told] = await project.run(
      sandbox,
      `const control = new AbortController();
      const one = await acquire('mi', ${options('signal: control.signal')});
      const two = await acquire('mi', ${options()});
      control.abort();
      const ended = await one.ended;
      tell([ended, alive(two.pid)]);
      await two.stop();`,
    );
    expect(told).toEqual([{ code: 0 }, true]);
  });
});
