import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createStandInJdk } from '../../src/standin/home.js';
import { ForeignProject, type Program, type Told } from '../support/foreign-project.js';
import { isAlive, isFree, leaseFilesOf, portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('library-launch');

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

/** The options of a launch on the smallest free offset of ours, with more in the text of a program. */
const options = (more = ''): string => `{ home: ${JSON.stringify(home)}, offset: 'auto', minOffset: ${MIN}, ${more} }`;

async function expectNothingLeft(): Promise<void> {
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.state)).toEqual([]);
  expect(await isFree(MIN)).toBe(true);
}

/** As above, where the guard still clears up. */
async function untilNothingIsLeft(): Promise<void> {
  await until(
    'the end of everything',
    () => sandbox.processes().length + leaseFilesOf(sandbox.state).length === 0,
    30_000,
  );
  await expectNothingLeft();
}

describe.each(['import', 'require'] as const)('by %s', (way) => {
  test('a host that launches, restarts and stops prints nothing, changes in nothing, and ends by itself', async () => {
    const [before, between, after] = await project.run(
      sandbox,
      `await settled(); tell(traces());
      const server = await launch('mi', ${options()});
      const first = server.pid;
      await server.restart();
      const during = traces();
      tell({ ...during, resources: [], first, second: server.pid, replaced: replaced() });
      await server.stop();
      await settled();
      tell({ ...traces(), isOver: !alive(first) && !alive(server.pid), replaced: replaced() });`,
      { way },
    );
    expect(after).toEqual({ ...before, isOver: true, replaced: [] });
    expect(between).toMatchObject({ env: before.env, cwd: before.cwd, exitCode: null, replaced: [] });
    expect(between.listeners).toEqual(before.listeners);
    expect(between.second).not.toBe(between.first);
    await expectNothingLeft();
  });
});

test('a server keeps its host as long as it runs', async () => {
  const program = project.start(sandbox, `const server = await launch('mi', ${options()});\ntell(server.pid);`);
  const pid = await program.tells(1);
  expect((await sandbox.run(['stop', 'mi'])).code).toBe(0);
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(isAlive(pid)).toBe(false);
});

test('a JDK that has to be asked for its version changes nothing in the host', async () => {
  rmSync(join(sandbox.jdk, 'release'));
  const [before, during] = await project.run(
    sandbox,
    `await settled(); tell(traces().listeners);
    const seen = [];
    const timer = setInterval(() => seen.push(...replaced(), ...process.eventNames().filter((name) => String(name).startsWith('SIG'))), 1);
    const server = await launch('mi', ${options()});
    clearInterval(timer);
    await server.stop();
    tell([...new Set(seen)]);`,
  );
  expect(JSON.stringify(before)).not.toContain('SIG');
  expect(during).toEqual([]);
});

describe('it ends with its process, however that ends', () => {
  const launching = (then: string): Program =>
    project.start(sandbox, `const server = await launch('mi', ${options()});\ntell(server.pid);\n${then}`);

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('by %s', async (signal) => {
    const program = launching('setInterval(() => {}, 1_000);');
    const pid = await program.tells(1);
    program.kill(signal);
    expect(await program.ended).toEqual({ code: null, signal });
    await until('the end of the server', () => !isAlive(pid), 30_000);
    await untilNothingIsLeft();
  });

  test.each([
    ['process.exit', 'process.exit(3);', 3],
    ['an error that nobody catches', "setImmediate(() => { throw new Error('ours'); });", 1],
  ])('by %s', async (_how, then, code) => {
    const program = launching(then);
    const pid = await program.tells(1);
    expect(await program.ended).toEqual({ code, signal: null });
    await until('the end of the server', () => !isAlive(pid), 30_000);
    await untilNothingIsLeft();
  });

  test('by SIGKILL while it starts', async () => {
    home = sandbox.home('slow', { behaviour: { bindAfterMs: 60_000 } });
    const onEvent = "onEvent: ({ event, pid }) => event === 'starting' && tell(pid)";
    const program = project.start(sandbox, `await launch('mi', ${options(onEvent)});`);
    const pid = await program.tells(1);
    program.kill('SIGKILL');
    await program.ended;
    await until('the end of the script', () => !isAlive(pid), 30_000);
    await untilNothingIsLeft();
  });
});

test('it ends with its thread, and keeps neither its home nor its name in a process that goes on', async () => {
  const thread = `
    const { parentPort } = require('node:worker_threads');
    const { launch } = require('wso2-launch');
    void launch('mi', ${options()}).then(({ pid }) => parentPort.postMessage(pid));`;
  const [ended, name, shared] = await project.run(
    sandbox,
    `const { Worker } = await import('node:worker_threads');
    const worker = new Worker(${JSON.stringify(thread)}, { eval: true });
    const pid = await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    while (alive(pid)) await settled();
    while ((await instances()).length > 0) await settled();
    tell((await instances({ all: true })).filter(({ name }) => name === 'mi').map(({ status }) => status));
    for (const start of [acquire, launch]) {
      const server = await start('mi', ${options()});
      tell(server.name);
      await server.stop();
    }`,
  );
  expect(ended).toEqual(['exited']);
  expect([name, shared]).toEqual(['mi', 'mi']);
  await untilNothingIsLeft();
});

describe('of the environment', () => {
  test('the variables of the command line are not read', async () => {
    const env = {
      ...{
        WSO2_LAUNCH_OFFSET: '99999',
        WSO2_LAUNCH_NAME: 'other',
        WSO2_LAUNCH_HOME: '/nowhere',
        WSO2_LAUNCH_JSON: '1',
      },
      ...{ WSO2_LAUNCH_DETACH: '1', WSO2_LAUNCH_READY_TIMEOUT: 'rubbish', WSO2_LAUNCH_JAVA_HOME: '/nowhere' },
      ...{ WSO2_LAUNCH_PROFILE: 'none', WSO2_LAUNCH_RESTART: 'rubbish', WSO2_LAUNCH_DRY_RUN: '1' },
    };
    const [launched, acquired, found] = await project.run(
      sandbox,
      `for (const start of [launch, acquire]) {
        const server = await start('mi', ${options()});
        tell({ name: server.name, offset: server.offset, home: server.home });
        await server.stop();
      }
      tell([(await ports({ home: ${JSON.stringify(home)} })).offset, (await doctor({ home: ${JSON.stringify(home)} })).home]);`,
      { env },
    );
    expect(launched).toEqual({ name: 'mi', offset: MIN, home });
    expect(acquired).toEqual({ name: 'mi', offset: MIN, home });
    expect(found).toEqual([10, home]);
  });

  test("the home's variable is, and the option beats it", async () => {
    const other = sandbox.home('other');
    const [named, given] = await project.run(
      sandbox,
      `const { home: _, ...others } = ${options()};
      const named = await launch('mi', others);
      tell(named.home);
      await named.stop();
      const given = await launch('mi', ${options()});
      tell(given.home);
      await given.stop();`,
      { env: { MI_HOME: other } },
    );
    expect([named, given]).toEqual([other, home]);
  });

  test('the state folder is that of its variable', async () => {
    const state = join(sandbox.folder, 'elsewhere');
    const [logFile] = await project.run(
      sandbox,
      `const server = await launch('mi', ${options()}); tell(server.logFile); await server.stop();`,
      { env: { WSO2_LAUNCH_STATE_DIR: state } },
    );
    expect(logFile).toBe(join(state, 'logs/mi.log'));
  });
});

describe('options', () => {
  const WRONG: readonly [option: string, value: string, says: string][] = [
    ['home', '7', 'home takes a text that is not empty, not 7.'],
    ['home', "''", 'home takes a text that is not empty, not "".'],
    ['profile', '[]', 'profile takes a text'],
    ['name', 'true', 'name takes a text'],
    ['name', "'a/b'", 'name takes letters, digits'],
    ['offset', "'3'", 'offset takes an integer or \'auto\', not "3".'],
    ['offset', '1.5', "offset takes an integer or 'auto', not 1.5."],
    ['offset', 'NaN', "offset takes an integer or 'auto', not NaN."],
    ['offset', '99999', 'offset 99999 of offset is out of range'],
    ['minOffset', "'3'", 'minOffset takes an integer'],
    ['minOffset', '3', "minOffset goes with offset: 'auto'."],
    ['maxOffset', '{}', 'maxOffset takes an integer, not {}.'],
    ['javaHome', '1', 'javaHome takes a text'],
    ['readyTimeoutMs', "'5m'", 'readyTimeoutMs takes a number of milliseconds, at most 2147483647, not "5m".'],
    ['readyTimeoutMs', '-1', 'readyTimeoutMs takes a number of milliseconds'],
    ['readyTimeoutMs', '2 ** 31', 'readyTimeoutMs takes a number of milliseconds'],
    ['stopTimeoutMs', 'Infinity', 'stopTimeoutMs takes a number of milliseconds'],
    ['readyUrl', "'carbon'", "readyUrl takes a path on the server's first URL"],
    ['restart', "'sometimes'", "restart takes one of 'never', 'on-failure', 'always', not \"sometimes\"."],
    ['maxRestarts', '-1', 'maxRestarts takes an integer from 0 on, not -1.'],
    ['followOffset', "'yes'", 'followOffset takes true or false, not "yes".'],
    ['args', "'-Da=b'", 'args takes an array of texts'],
    ['args', '[1]', 'args takes an array of texts, not [1].'],
    ['args', "['stop']", '"stop" among args is a sub-command'],
    ['args', "['two words']", "can't carry the argument"],
    ['env', "'A=B'", 'env takes an object of variables, whose values are texts'],
    ['env', '{ A: 1 }', 'env takes an object of variables, whose values are texts, not {"A":1}.'],
    ['env', "['A']", 'env takes an object of variables, whose values are texts, not ["A"].'],
    ['env', "{ 'A=B': 'c' }", 'env takes an object of variables, whose values are texts'],
    ['env', "{ A: 'b\\0c' }", 'env takes an object of variables, whose values are texts'],
    ['env', "{ WSO2_LAUNCH_NAME: 'x' }", 'env holds WSO2_LAUNCH_NAME'],
    ['output', "'pipe'", "output takes 'ignore', 'inherit' or a writable stream, not \"pipe\"."],
    ['signal', '{}', 'signal takes an AbortSignal, not {}.'],
    ['onEvent', '3', 'onEvent takes a function, not 3.'],
    ['ofset', '3', 'There is no option ofset. Did you mean offset?'],
    ['lingerMs', '3', 'There is no option lingerMs.'],
    ['args', '[, 1]', 'args takes an array of texts'],
    ['env', "new Map([['A', 'b']])", 'env takes an object of variables, whose values are texts'],
    ['env', "{ PASSWORD: 'hush', COUNT: 5 }", 'not {"PASSWORD":"***","COUNT":5}.'],
    ['output', '{ write() {} }', "output takes 'ignore', 'inherit' or a writable stream"],
  ];

  test('of a wrong type are named with code 2, and nothing is started', async () => {
    const cases = WRONG.map(([option, value]) => `{ home: ${JSON.stringify(home)}, ${option}: ${value} }`);
    const told = await project.run(
      sandbox,
      `let events = 0;
      for (const wrong of [${cases.join(', ')}]) {
        tell(await failing(() => launch('mi', { onEvent: ({ event }) => { events += event !== 'failed'; }, ...wrong })));
      }
      tell(events);`,
    );
    for (const [index, [option, value, says]] of WRONG.entries()) {
      const { message, ...error } = told[index];
      expect({ option, value, ...error, message }).toMatchObject({
        option,
        value,
        code: 2,
        failure: 'usage',
        isOurs: true,
      });
      expect(message).toContain(says);
      expect(error.hint).not.toBe('');
    }
    expect(told.at(-1)).toBe(0);
    expect(sandbox.records).toEqual([]);
  });

  test('that are no object, and what is no product, are wrong as well', async () => {
    const calls = [
      "launch('mi', null)",
      "launch('mi', 'apim')",
      "launch('mi', [])",
      "launch('mi', Object.create({ offset: 'auto' }))",
      "launch('mi', new (class { get offset() { return 'auto'; } })())",
      'launch()',
      'launch({})',
      "launch('mii')",
      "acquire('mi', null)",
      "acquire('mi', { lingerMs: -1 })",
      "acquire('mi', { label: '' })",
      "acquire('mi', { label: 'x'.repeat(201) })",
      'instances(null)',
      "instances({ all: 'yes' })",
      'ports(7)',
      "ports({ product: 'mii' })",
      'doctor(null)',
      "doctor({ offset: '3' })",
      'offset.get(null)',
      'offset.set()',
      'offset.set({})',
      'offset.set(Object.create({ offset: 3 }))',
      "offset.set({ offset: '3' })",
      'offset.unset({ forse: true })',
    ];
    const told = await project.run(sandbox, calls.map((call) => `tell(await failing(() => ${call}));`).join('\n'));
    for (const [index, call] of calls.entries()) {
      expect({ call, ...told[index] }).toMatchObject({ call, code: 2, failure: 'usage', isOurs: true });
    }
    const mii = told[calls.indexOf("launch('mii')")];
    expect(mii.message).toContain('"mii" is no product');
    expect(mii.message).toContain('Did you mean mi?');
  });

  test('args and env reach the server, and only the server', async () => {
    const [pid, has] = await project.run(
      sandbox,
      `const server = await launch('mi', ${options("args: ['-Dsome.property=1'], env: { OF_THE_HOST: 'a b=c' }")});
      tell(server.pid);
      tell([process.env.OF_THE_HOST ?? null, fs.readFileSync('/proc/' + server.pid + '/cmdline', 'utf8').includes('-Dsome.property=1\\0'),
        fs.readFileSync('/proc/' + server.pid + '/environ', 'utf8').split('\\0').includes('OF_THE_HOST=a b=c')]);
      await server.stop();`,
    );
    expect(pid).toBeGreaterThan(0);
    expect(has).toEqual([null, true, true]);
  });

  test('name, offset and JDK are those that were asked for', async () => {
    const [told] = await project.run(
      sandbox,
      `const server = await launch('mi', { home: ${JSON.stringify(home)}, name: 'mine', offset: ${MIN + 3}, javaHome: ${JSON.stringify(sandbox.jdk)} });
      tell([server.name, server.offset, server.port('http'), fs.readFileSync('/proc/' + server.pid + '/environ', 'utf8')]);
      await server.stop();`,
      { env: { JAVA_HOME: '/nowhere' } },
    );
    expect(told.slice(0, 3)).toEqual(['mine', MIN + 3, portsAt(MIN + 3)['http']]);
    expect(told[3]).toContain(`JAVA_HOME=${sandbox.jdk}\0`);
  });

  test('profile chooses one of the runtimes of a home', async () => {
    const jdk = join(sandbox.folder, 'jdk-11');
    createStandInJdk(jdk, { version: '11.0.20' });
    home = sandbox.home('analytics', { product: 'analytics', version: '7.1.0' });
    const [told] = await project.run(
      sandbox,
      `const at = { home: ${JSON.stringify(home)}, javaHome: ${JSON.stringify(jdk)}, offset: 'auto', minOffset: ${MIN} };
      const portal = await launch('analytics', { ...at, profile: 'portal' });
      const server = await acquire('analytics', { ...at, profile: 'server' });
      const other = await failing(() => acquire('analytics', { ...at, name: server.name, profile: 'portal' }));
      tell([portal.port('https') - portal.offset, server.port('https') - server.offset, other.failure]);
      await Promise.all([portal.stop(), server.stop()]);`,
    );
    expect(told).toEqual([9643, 9443, 'home-runs']);
  });

  test('readyUrl is waited for, and named where it does not answer as it should', async () => {
    home = sandbox.home('pages', { behaviour: { pages: { '/app': 302, '/broken': 500 } } });
    const [error] = await project.run(
      sandbox,
      `const server = await launch('mi', ${options("readyUrl: '/app'")});
      await server.stop();
      tell(await failing(() => launch('mi', ${options("readyUrl: '/broken', readyTimeoutMs: 3_000")})));`,
    );
    expect(error).toMatchObject({ code: 6, failure: 'not-ready-in-time', isOurs: true });
    expect(error.message).toContain('/broken to answer 200 or 302 (it answers 500)');
  });

  test('followOffset starts with a copy in which the URLs follow', async () => {
    const configuration = '[[apim.gateway.environment]]\nws_endpoint = "ws://localhost:9099"\n';
    home = sandbox.home('apim', { product: 'apim', version: '4.5.0', configuration });
    const [told] = await project.run(
      sandbox,
      `const told = [];
      for (const followOffset of [true, false]) {
        const server = await launch('apim', ${options('followOffset')});
        const command = fs.readFileSync('/proc/' + server.pid + '/cmdline', 'utf8');
        told.push([server.warnings.some((text) => text.startsWith('URLs follow the offset in ')), command.includes('/generated/apim.toml')]);
        await server.stop();
      }
      tell(told);`,
    );
    expect(told).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  test('maxOffset, readyTimeoutMs, restart and maxRestarts do what they do on the command line', async () => {
    await sandbox.hold(portsAt(MIN)['management'] as number);
    const never = sandbox.home('never', { behaviour: { neverReady: true } });
    const crashing = sandbox.home('crashing', { behaviour: { exitAtBoot: 3 } });
    const [range, late, crashed, restarts] = await project.run(
      sandbox,
      `const at = { offset: 'auto', minOffset: ${MIN} };
      tell(await failing(() => launch('mi', { home: ${JSON.stringify(home)}, ...at, maxOffset: ${MIN} })));
      tell(await failing(() => launch('mi', { home: ${JSON.stringify(never)}, ...at, readyTimeoutMs: 500 })));
      const events = [];
      const onEvent = ({ event }) => events.push(event);
      tell(await failing(() => launch('mi', { home: ${JSON.stringify(crashing)}, ...at, restart: 'on-failure', maxRestarts: 1, onEvent })));
      tell(events);`,
    );
    expect(range).toMatchObject({ code: 4, failure: 'no-free-offset', isOurs: true });
    expect(late).toMatchObject({ code: 6, failure: 'not-ready-in-time', isOurs: true });
    expect(crashed).toMatchObject({ code: 5, failure: 'exited-before-ready', isOurs: true });
    expect(restarts).toEqual(['planned', 'starting', 'restarting', 'starting', 'failed']);
  });

  test('stopTimeoutMs is how long a stop may take before the server is killed', async () => {
    home = sandbox.home('stubborn', { behaviour: { isStubborn: true } });
    const [stopped] = await project.run(
      sandbox,
      `const server = await launch('mi', ${options('stopTimeoutMs: 300')}); tell(await server.stop());`,
    );
    expect(stopped).toEqual({ how: 'killed', durationMs: expect.any(Number) });
    await expectNothingLeft();
  });
});

describe('a launch that fails', () => {
  test('says why in a LaunchError, with who holds which port', async () => {
    await sandbox.hold(portsAt(MIN)['http'] as number);
    const [error, event] = await project.run(
      sandbox,
      `let last;
      const error = await failing(() => launch('mi', { home: ${JSON.stringify(home)}, offset: ${MIN}, onEvent: (event) => { last = event; } }));
      tell(error);
      tell(last);`,
    );
    const taken = [
      { name: 'http', number: portsAt(MIN)['http'], by: { pid: process.pid, command: expect.any(String) } },
    ];
    expect(error).toMatchObject({
      name: 'LaunchError',
      isOurs: true,
      code: 4,
      failure: 'ports-taken',
      lastLines: [],
      taken,
    });
    expect(error.message).toContain(`Offset ${MIN} can't be used`);
    expect(error.hint).toMatch(/^The smallest free offset is 10: use offset: 10, or offset: 'auto'\./);
    const { name: _, isOurs: __, ...report } = error;
    expect(event).toEqual({ schemaVersion: 1, event: 'failed', at: expect.any(String), name: null, ...report });
  });

  test('says what its options are to be, not those of the command line', async () => {
    const [jdk, product, finding] = await project.run(
      sandbox,
      `tell(await failing(() => launch('mi', { home: ${JSON.stringify(home)}, javaHome: '/no/jdk' })));
      tell(await failing(() => launch('apim', { home: ${JSON.stringify(home)} })));
      tell((await doctor({ home: ${JSON.stringify(home)}, javaHome: '/no/jdk' })).findings.find(({ id }) => id === 'jdk'));`,
    );
    expect(jdk).toMatchObject({
      code: 3,
      message: '/no/jdk (from javaHome) is not a JDK: it has no program bin/java.',
    });
    expect(finding).toMatchObject({ level: 'error', what: jdk.message, mend: jdk.hint });
    expect(product.message).toContain('(from home) is the home of a');
    expect(product.hint).toBe("Use the product 'mi', or name another folder.");
  });

  test('says which ports were lost', async () => {
    home = sandbox.home('slow', { behaviour: { bindAfterMs: 3_000 } });
    const program = project.start(
      sandbox,
      `tell(await failing(() => launch('mi', { home: ${JSON.stringify(home)}, offset: ${MIN}, onEvent: ({ event }) => event === 'starting' && tell(event) })));`,
    );
    await program.tells(1);
    await sandbox.hold(portsAt(MIN)['http'] as number);
    expect(await program.tells(2)).toMatchObject({
      code: 9,
      failure: 'ports-lost',
      lost: [{ name: 'http', number: portsAt(MIN)['http'] }],
      lastLines: expect.arrayContaining([expect.stringContaining('Address already in use')]),
    });
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });

  test('leaves nothing, and its host ends by itself', async () => {
    home = sandbox.home('broken', { behaviour: { exitAtBoot: 3, bootLine: 'no license' } });
    const [before, error, after] = await project.run(
      sandbox,
      `await settled(); tell(traces()); tell(await failing(() => launch('mi', ${options()}))); await settled(); tell(traces());`,
    );
    expect(error).toMatchObject({
      code: 5,
      lastLines: expect.arrayContaining([expect.stringContaining('no license')]),
    });
    expect(after).toEqual(before);
    await expectNothingLeft();
  });
});

describe('its signal', () => {
  const abortable = (body: string): Promise<Told[]> =>
    project.run(
      sandbox,
      `const { getEventListeners } = await import('node:events');
      const control = new AbortController();
      const reason = new Error('enough');
      const { signal } = control;
      const listening = () => getEventListeners(signal, 'abort').length;
      ${body}`,
    );

  test('that has fired before starts nothing', async () => {
    const [told, reached] = await abortable(
      `control.abort(reason);
      let events = 0;
      const error = await launch('mi', ${options('signal, onEvent: () => { events += 1; }')}).catch((error) => error);
      tell([error === reason, events]);
      const shared = await acquire('mi', ${options('signal')}).catch((error) => error);
      tell([shared === reason, listening()]);`,
    );
    expect([told, reached]).toEqual([
      [true, 0],
      [true, 0],
    ]);
    expect(sandbox.records).toEqual([]);
  });

  test('that fires during a launch stops the server, and rejects with its reason', async () => {
    home = sandbox.home('slow', { behaviour: { bindAfterMs: 60_000 } });
    const [before, told, after] = await abortable(
      `await settled(); tell(traces());
      const events = [];
      const onEvent = ({ event }) => {
        events.push(event);
        if (event === 'starting') control.abort(reason);
      };
      const error = await launch('mi', ${options('signal, onEvent')}).catch((error) => error);
      tell([error === reason, events, listening()]);
      await settled(); tell(traces());`,
    );
    expect(told).toEqual([true, ['planned', 'starting', 'stopping', 'stopped'], 0]);
    expect(after).toEqual(before);
    await expectNothingLeft();
  });

  test('that fires when it is ready stops it as SIGTERM does', async () => {
    const [ended, events, stopped] = await abortable(
      `const events = [];
      const server = await launch('mi', ${options('signal, onEvent: (event) => events.push(event)')});
      control.abort(reason);
      tell([await server.ended, listening()]);
      tell(events.slice(-2));
      tell((await server.stop()).how);`,
    );
    expect(ended).toEqual([{ code: 143 }, 0]);
    expect(events).toMatchObject([
      { event: 'stopping', reason: 'signal' },
      { event: 'stopped', reason: 'signal', how: 'graceful' },
    ]);
    expect(stopped).toBe('graceful');
    await expectNothingLeft();
  });

  test('that never fires has nobody listening in the end', async () => {
    const [during, after] = await abortable(
      `const server = await launch('mi', ${options('signal')});
      tell(listening());
      for await (const line of server.logs({ tail: 1, signal })) void line;
      await server.stop();
      tell(listening());`,
    );
    expect(during).toBeGreaterThan(0);
    expect(after).toBe(0);
  });
});

describe('its output', () => {
  test("of 'inherit' is on the host's own", async () => {
    const program = project.start(
      sandbox,
      `const server = await launch('mi', ${options("output: 'inherit'")}); await server.stop(); tell(server.logFile);`,
    );
    const logFile = await program.tells(1);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stderr).toBe('');
    expect(program.stdout).toContain('started in');
    expect(program.stdout).toBe(readFileSync(logFile, 'utf8'));
  });

  test("of 'inherit' that nobody reads any more costs the host nothing", async () => {
    const program = project.start(
      sandbox,
      `const before = traces().listeners;
      const server = await launch('mi', ${options("output: 'inherit'")});
      tell(1);
      await word();
      await server.restart();
      const { how } = await server.stop();
      await settled();
      tell([how, JSON.stringify(traces().listeners) === JSON.stringify(before)]);`,
    );
    await program.tells(1);
    program.child.stdout?.destroy();
    program.say('go on');
    expect(await program.tells(2)).toEqual(['graceful', true]);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stderr).toBe('');
  });

  test('goes to a stream as it is in the log, also where that takes its time', async () => {
    home = sandbox.home('loud', { behaviour: { outputMiB: 1 } });
    const [sizes] = await project.run(
      sandbox,
      `const { Writable } = await import('node:stream');
      let text = '';
      const slow = new Writable({ highWaterMark: 1_000, write(block, _encoding, done) {
        text += block;
        setTimeout(done, 5);
      } });
      const server = await launch('mi', ${options('output: slow')});
      while (!fs.existsSync(${JSON.stringify(join(sandbox.folder, 'loud/flooded'))})) await settled();
      await server.stop();
      tell([text === fs.readFileSync(server.logFile, 'utf8'), text.length > 1024 ** 2, slow.listenerCount('close'), slow.writableEnded]);`,
    );
    expect(sizes).toEqual([true, true, 0, false]);
  });

  test('to a stream that is destroyed costs the server nothing', async () => {
    const [before, told, after] = await project.run(
      sandbox,
      `await settled(); tell(traces());
      const { Writable } = await import('node:stream');
      const stuck = new Writable({ write() { tell === undefined; } });
      const server = await launch('mi', ${options('output: stuck')});
      stuck.destroy();
      const { how } = await server.stop();
      tell([how, await server.ended]);
      await settled(); tell(traces());`,
    );
    expect(told).toEqual(['graceful', { code: 0 }]);
    expect(after).toEqual(before);
  });
});

test('what onEvent throws is an error of the host, and costs no server', async () => {
  const program = project.start(
    sandbox,
    `let thrown = 0;
    process.on('uncaughtException', () => { thrown += 1; });
    const server = await launch('mi', ${options("onEvent: () => { throw new Error('of the host'); }")});
    const { how } = await server.stop();
    tell([how, await server.ended, thrown]);`,
  );
  expect(await program.tells(1)).toEqual(['graceful', { code: 0 }, 5]);
  expect(await program.exited).toEqual({ code: 0, signal: null });
  await expectNothingLeft();
});
