import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ForeignProject, type Told } from '../support/foreign-project.js';
import { isFree, portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('library-server');

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

/** Runs a program with a `server` that it has launched, and stops. */
const withServer = (body: string, more = ''): Promise<Told[]> =>
  project.run(
    sandbox,
    `const server = await launch('mi', { home: ${JSON.stringify(home)}, offset: 'auto', minOffset: ${MIN}, ${more} });
    try {
      ${body}
    } finally {
      await server.stop();
    }`,
  );

test('a server has the fields of its launch, and what it is asked for by name', async () => {
  const [fields, variables, asked, unknown] = await withServer(
    `const { name, product, version, home, offset, pid, ports, urls, logFile, warnings } = server;
    tell({ name, product, version, home, offset, pid, ports, urls, logFile, warnings });
    tell(server.env());
    tell([server.url(), server.url('management'), server.port('internal')]);
    tell([await failing(async () => server.url('toString')), await failing(async () => server.port('nowhere'))]);
    const [{ pid: listed }] = await instances();
    tell(listed);`,
    "name: 'my-mi'",
  );
  expect(fields).toEqual({
    name: 'my-mi',
    product: 'mi',
    version: '4.4.0',
    home,
    offset: MIN,
    pid: expect.any(Number),
    ports: portsAt(MIN),
    urls: expect.objectContaining({ http: `http://localhost:${portsAt(MIN)['http']}` }),
    logFile: join(sandbox.state, 'logs/my-mi.log'),
    warnings: [],
  });
  expect(variables).toMatchObject({
    WSO2_MY_MI_HOME: home,
    WSO2_MY_MI_OFFSET: String(MIN),
    WSO2_MY_MI_PID: String(fields.pid),
    WSO2_MY_MI_HTTP_PORT: String(fields.ports.http),
    WSO2_MY_MI_MANAGEMENT_URL: fields.urls.management,
  });
  expect(asked).toEqual([Object.values(fields.urls)[0], fields.urls.management, portsAt(MIN)['internal']]);
  const usage = { isOurs: true, code: 2, failure: 'usage' };
  expect(unknown).toMatchObject([usage, usage]);
  expect(unknown[0].message).toContain('my-mi has no endpoint toString: it has ');
  expect(unknown[1].message).toBe('my-mi has no port nowhere: it has http, https, management, internal.');
});

test('its variables are those that the command line prints', async () => {
  const program = project.start(
    sandbox,
    `const server = await launch('mi', { home: ${JSON.stringify(home)}, offset: ${MIN} });
    tell(server.env());
    await word();
    await server.stop();`,
  );
  const variables = await program.tells(1);
  const printed = await sandbox.run(['env', 'mi', '--format', 'json']);
  expect(JSON.parse(printed.stdout)).toEqual(variables);
  program.say('go on');
  expect(await program.exited).toEqual({ code: 0, signal: null });
});

describe('events', () => {
  test('are told to onEvent from the first, to each iterator from then on, and end with the launch', async () => {
    const [all, first, second] = await project.run(
      sandbox,
      `const all = [];
      const server = await launch('mi', { home: ${JSON.stringify(home)}, offset: ${MIN}, onEvent: (event) => all.push(event) });
      const listen = async (events, enough) => {
        const heard = [];
        for await (const event of events) if (heard.push(event) === enough) break;
        return heard;
      };
      const lists = [listen(server.events(), Infinity), listen(server.events(), 1)];
      await server.restart();
      await server.stop();
      const [first, second] = await Promise.all(lists);
      for (const list of [all, first, second]) tell(list);
      tell(await listen(server.events(), Infinity));`,
    );
    const kinds = (list: Told): string[] => list.map(({ event }: Told) => event);
    const again = ['restarting', 'starting', 'ready', 'stopping', 'stopped'];
    expect(kinds(all)).toEqual(['planned', 'starting', 'ready', ...again]);
    expect(first).toEqual(all.slice(3));
    expect(second).toEqual([first[0]]);
    for (const event of all) {
      expect(event).toMatchObject({
        schemaVersion: 1,
        name: 'mi',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
    }
    expect(all[0]).toMatchObject({ product: 'mi', version: '4.4.0', home, offset: MIN, skipped: [] });
    expect(all.at(-1)).toMatchObject({ reason: 'asked', how: 'graceful', durationMs: expect.any(Number) });
  });

  test('are the lines of --json', async () => {
    const cli = sandbox.start(['mi', '--home', home, '--offset', String(MIN), '--json']);
    await cli.event('ready');
    cli.kill('SIGTERM');
    await cli.exited;
    const [told] = await withServer(
      `tell(all);`.replace('all', 'globalThis.all'),
      'onEvent: (event) => (globalThis.all ??= []).push(event)',
    );
    const shape = (events: readonly object[]): string[][] => events.map((event) => Object.keys(event).sort());
    expect(shape(told)).toEqual(shape(cli.events.slice(0, 3)));
  });

  test('of an iterator that is left keep nobody', async () => {
    await withServer(
      `const events = server.events()[Symbol.asyncIterator]();
      void events.next();
      const restarting = (async () => {
        for await (const event of server.events()) if (event) break;
      })();
      await Promise.all([server.restart(), restarting]);`,
    );
  });
});

describe('logs', () => {
  test('are its lines since its launch, without colours, or the last ones of them', async () => {
    home = sandbox.home('red', { behaviour: { bootLine: '\u001b[31mred\u001b[0m' } });
    const [all, text, last, none, young] = await withServer(
      `const lines = async (options) => {
        const all = [];
        for await (const line of server.logs(options)) all.push(line);
        return all;
      };
      tell(await lines());
      tell(fs.readFileSync(server.logFile, 'utf8'));
      tell(await lines({ tail: 2 }));
      tell([await lines({ tail: 0 }), await lines({ since: new Date(Date.now() + 60_000) }), await lines({ since: 0 })]);
      tell([await lines({ since: 3_600_000 }), await lines({ since: new Date(0) })]);`,
    );
    expect(text).toContain('\u001b[31mred\u001b[0m');
    const plain = text.replaceAll('\u001b[31m', '').replaceAll('\u001b[0m', '').trimEnd().split('\n');
    expect(all).toEqual(plain);
    expect(last).toEqual(plain.slice(-2));
    expect(none).toEqual([[], [], []]);
    // The script's own first lines carry no time, and are older than any that does.
    const timed = plain.filter((line: string) => line.startsWith('['));
    expect(young).toEqual([timed, timed]);
  });

  test('that are followed go on through a restart to the end of the launch', async () => {
    const [followed, text] = await project.run(
      sandbox,
      `const server = await launch('mi', { home: ${JSON.stringify(home)}, offset: ${MIN} });
      const lines = (async () => {
        const all = [];
        for await (const line of server.logs({ follow: true })) all.push(line);
        return all;
      })();
      await server.restart();
      await server.stop();
      tell(await lines);
      tell(fs.readFileSync(server.logFile, 'utf8'));`,
    );
    expect(followed).toEqual(text.trimEnd().split('\n'));
    expect(text.match(/Shutdown complete/g)).toHaveLength(2);
  });

  test('end with their signal, and with whoever leaves them', async () => {
    const [told] = await withServer(
      `const control = new AbortController();
      const seen = [];
      for await (const line of server.logs({ follow: true, signal: control.signal })) {
        if (seen.push(line) === 1) setImmediate(() => control.abort());
      }
      for await (const line of server.logs({ follow: true })) {
        seen.push(line);
        break;
      }
      for await (const line of server.logs({ follow: true, signal: AbortSignal.abort() })) seen.push('never');
      tell(seen.includes('never'));`,
    );
    expect(told).toBe(false);
  });

  test('that nobody takes any more, though they are not left, keep no host', async () => {
    home = sandbox.home('loud', { behaviour: { outputMiB: 1 } });
    const [taken] = await withServer(
      `const lines = server.logs({ follow: true })[Symbol.asyncIterator]();
      tell((await lines.next()).done);
      while (!fs.existsSync(${JSON.stringify(join(sandbox.folder, 'loud/flooded'))})) await settled();`,
    );
    expect(taken).toBe(false);
  });

  test('are refused what makes no sense, and a log that is gone', async () => {
    const [wrong, gone] = await withServer(
      `const bad = [{ tail: -1 }, { tail: '3' }, { since: 'x' }, { since: new Date(NaN) }, { follow: 1 }, { signal: 1 }, { tial: 1 }, null];
      tell(await Promise.all(bad.map((options) => failing(async () => server.logs(options)))));
      fs.rmSync(server.logFile);
      tell(await failing(async () => { for await (const line of server.logs()) void line; }));`,
    );
    for (const error of wrong) expect(error).toMatchObject({ isOurs: true, code: 2, failure: 'usage' });
    expect(wrong[6].message).toBe('There is no option tial. Did you mean tail?');
    expect(gone).toMatchObject({ isOurs: true, code: 3, failure: 'unusable-log' });
  });
});

describe('restart', () => {
  test('brings another server at the same place, whose fields are told from then on', async () => {
    const [before, after] = await withServer(
      `const fields = () => ({ pid: server.pid, offset: server.offset, urls: server.urls, env: server.env() });
      tell(fields());
      await server.restart();
      tell({ ...fields(), wasStopped: true });`,
    );
    expect(after).toMatchObject({ offset: before.offset, urls: before.urls, env: { WSO2_MI_PID: String(after.pid) } });
    expect(after.pid).not.toBe(before.pid);
  });

  test('is refused once it is being stopped', async () => {
    const [refused] = await withServer(
      `const stopping = server.stop(); tell(await failing(() => server.restart())); await stopping;`,
    );
    const message = 'mi was stopped before it was ready.';
    expect(refused).toMatchObject({ isOurs: true, code: 5, failure: 'stopped-meanwhile', message });
  });

  test('that a stop cuts off rejects, and does not say that somebody else has asked for it', async () => {
    const [refused, stopped] = await withServer(
      `const starting = (async () => { for await (const { event } of server.events()) if (event === 'starting') break; })();
      const restarting = failing(() => server.restart());
      await starting;
      const { how } = await server.stop();
      tell(await restarting);
      tell([how, await server.ended]);`,
    );
    const message = 'mi was stopped before it was ready.';
    expect(refused).toMatchObject({ isOurs: true, failure: 'stopped-meanwhile', message });
    expect(refused.hint).toContain('By stop()');
    expect(stopped).toEqual(['graceful', { code: 0 }]);
  });

  test('that fails rejects with the reason, and the launch is over', async () => {
    const [refused, ended, stopped] = await withServer(
      `const behaviour = ${JSON.stringify(join(home, 'stand-in.json'))};
      fs.writeFileSync(behaviour, JSON.stringify({ ...JSON.parse(fs.readFileSync(behaviour, 'utf8')), exitAtBoot: 1, bootLine: 'no license' }));
      tell(await failing(() => server.restart()));
      tell(await server.ended);
      tell(await server.stop());`,
    );
    expect(refused).toMatchObject({ isOurs: true, code: 5, failure: 'exited-before-ready' });
    expect(refused.lastLines.join('\n')).toContain('no license');
    expect(ended).toEqual({ code: 5, failure: 'exited-before-ready' });
    expect(stopped.how).toBe('graceful');
  });
});

describe('stop', () => {
  test('once, often and together is one stop', async () => {
    const [told] = await project.run(
      sandbox,
      `const server = await launch('mi', { home: ${JSON.stringify(home)}, offset: ${MIN} });
      const both = await Promise.all([server.stop(), server.stop()]);
      tell([...both, await server.stop(), await server.ended]);`,
    );
    const stopped = { how: 'graceful', durationMs: expect.any(Number) };
    expect(told).toEqual([stopped, told[0], told[0], { code: 0 }]);
    expect(await isFree(MIN)).toBe(true);
  });

  test('is what is done at the end of a scope', async () => {
    const [told] = await project.run(
      sandbox,
      `const server = await launch('mi', { home: ${JSON.stringify(home)}, offset: ${MIN} });
      await server[Symbol.asyncDispose]();
      tell([alive(server.pid), await server.ended]);`,
    );
    expect(told).toEqual([false, { code: 0 }]);
  });

  test('of what survives it is a LaunchError with code 7', async () => {
    home = sandbox.home('heir', { behaviour: { forks: 'socket-heir' } });
    const [error, ended] = await project.run(
      sandbox,
      `const server = await launch('mi', { home: ${JSON.stringify(home)}, offset: ${MIN} });
      tell(await failing(() => server.stop()));
      tell(await server.ended);
      process.kill(Number(fs.readFileSync(${JSON.stringify(join(home, 'heir.pid'))}, 'utf8')), 'SIGKILL');`,
    );
    expect(error).toMatchObject({ isOurs: true, code: 7, failure: 'survived-stop' });
    expect(ended).toEqual({ code: 7, failure: 'survived-stop' });
  });

  test('from elsewhere ends it as asked', async () => {
    const program = project.start(
      sandbox,
      `const server = await launch('mi', { home: ${JSON.stringify(home)}, offset: ${MIN} });
      tell(1);
      tell(await server.ended);
      tell((await server.stop()).how);`,
    );
    await program.tells(1);
    expect((await sandbox.run(['stop', 'mi'])).code).toBe(0);
    expect([await program.tells(2), await program.tells(3)]).toEqual([{ code: 0 }, 'graceful']);
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });
});

test('a crash is told by `ended`, which never rejects, and by the last event', async () => {
  home = sandbox.home('crashing', { behaviour: { onSignal: 'crash' } });
  const [ended, last, refused] = await withServer(
    `const events = (async () => { const all = []; for await (const event of server.events()) all.push(event); return all; })();
    process.kill(server.pid, 'SIGUSR2');
    tell(await server.ended);
    tell((await events).at(-1));
    tell(await failing(() => server.restart()));`,
  );
  expect(ended).toEqual({ code: 5, failure: 'crashed' });
  expect(last).toMatchObject({ event: 'failed', name: 'mi', code: 5, failure: 'crashed' });
  expect(refused).toMatchObject({ isOurs: true, code: 5, failure: 'crashed' });
});

test('instances, ports, doctor and offset tell what the command line prints', async () => {
  const program = project.start(
    sandbox,
    `const home = ${JSON.stringify(home)};
    tell([await offset.set({ home, offset: ${MIN + 5} }), await offset.get({ home, product: 'mi' })]);
    const server = await launch('mi', { home });
    tell([await instances(), await ports({ name: 'mi' }), await ports({ home }), await doctor({ home, offset: ${MIN} })]);
    await word();
    await server.stop();
    tell([await instances(), (await instances({ all: true })).filter(({ name }) => name === 'mi').map(({ status }) => status), await offset.unset({ home })]);`,
  );
  const offsets = await program.tells(1);
  const [list, byName, ofHome, doctor] = await program.tells(2);
  const json = async (...words: readonly string[]): Promise<Told> => {
    const { stdout } = await sandbox.run([...words, '--json']);
    return JSON.parse(stdout);
  };
  /** What two looks a moment apart may tell differently. */
  const settled = (value: Told): Told =>
    JSON.parse(JSON.stringify(value, (key, each) => (/^(cpuPercent|memoryBytes)$/.test(key) ? 0 : each)));
  expect(offsets[0]).toEqual(offsets[1]);
  expect(offsets[1]).toEqual(await json('offset', 'get', 'mi', '--home', home));
  expect(offsets[1]).toMatchObject({ schemaVersion: 1, product: 'mi', home, offset: MIN + 5 });
  expect(settled(list)).toEqual(settled((await json('ps')).instances));
  expect(byName).toEqual(await json('ports', 'mi'));
  expect(ofHome).toEqual(await json('ports', '--home', home));
  const ids = ({ findings }: Told): string[] => findings.map(({ id, level }: Told) => `${id} ${level}`);
  expect(ids(doctor)).toEqual(ids(await json('doctor', '--home', home, '--offset', String(MIN))));
  program.say('go on');
  expect(await program.tells(3)).toEqual([[], ['exited'], expect.objectContaining({ home, offset: 10 })]);
  expect(await program.exited).toEqual({ code: 0, signal: null });
});
