import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ForeignProject, type Program } from '../support/foreign-project.js';
import { isAlive, leaseFilesOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { addDependent, buildOtherVersion, OTHER_VERSION } from '../support/other-version.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('library-versions');

let checkout: string;
let projects: Readonly<Record<'one' | 'other', ForeignProject>>;
let sandbox: Sandbox;
let home: string;
beforeAll(async () => {
  checkout = await buildOtherVersion();
  projects = { one: await ForeignProject.install(), other: await ForeignProject.install(checkout) };
}, 180_000);
beforeEach(() => {
  sandbox = new Sandbox();
  home = sandbox.home('mi');
});
afterEach(() => sandbox.close());
afterAll(() => {
  for (const project of Object.values(projects)) project.close();
  rmSync(checkout, { recursive: true, force: true });
});

const options = (): string => `{ home: ${JSON.stringify(home)}, offset: 'auto', minOffset: ${MIN} }`;

/** A program that holds the server, tells its pid now and at a word, and gives it back at the next word. */
const holder = (project: ForeignProject): Program =>
  project.start(
    sandbox,
    `const server = await acquire('mi', ${options()});
    tell(server.pid);
    await word();
    tell(server.pid);
    await word();
    await server.stop();
    tell(await server.ended);`,
  );

test('the two are not the same', async () => {
  expect(await projects.other.command(sandbox, ['--version'])).toBe(`${OTHER_VERSION}\n`);
  expect(await projects.one.command(sandbox, ['--version'])).not.toBe(`${OTHER_VERSION}\n`);
});

describe.each([
  ['one', 'other'],
  ['other', 'one'],
] as const)('a server that the %s version has started', (first, second) => {
  test(`is held by the ${second} version as well, and shown with both by both`, async () => {
    const both = [holder(projects[first]), holder(projects[second])] as const;
    const pid = await both[0].tells(1);
    expect(await both[1].tells(1)).toBe(pid);
    for (const project of Object.values(projects)) {
      const [held] = await project.run(sandbox, 'tell((await instances())[0].holders.map(({ pid }) => pid).sort());');
      expect(held).toEqual(both.map((program) => program.pid).sort());
    }
    both[0].kill('SIGKILL');
    await both[0].ended;
    await until('its release', () => sandbox.records[0]?.holders?.length === 1);
    expect(isAlive(pid)).toBe(true);
    both[1].say('tell');
    await both[1].tells(2);
    both[1].say('give it back');
    expect(await both[1].exited).toEqual({ code: 0, signal: null });
    expect(both[1].told[2]).toEqual({ code: 0 });
    await until('the end of everything', () => sandbox.processes().length + leaseFilesOf(sandbox.state).length === 0);
  });

  test(`is shown, restarted, used and stopped by the command of the ${second} version`, async () => {
    const program = holder(projects[first]);
    const pid = await program.tells(1);
    const command = (...args: readonly string[]): Promise<string> => projects[second].command(sandbox, args);
    expect(JSON.parse(await command('ps', '--json')).instances).toMatchObject([{ name: 'mi', status: 'ready', pid }]);
    expect(await command('logs', 'mi', '--tail', '1')).toContain('started in');
    await command('restart', 'mi');
    const show = ['-p', 'process.env.WSO2_MI_PID'];
    const reused = Number(await command('exec', 'mi', '--home', home, '--reuse', '--', process.execPath, ...show));
    program.say('tell');
    expect(await program.tells(2)).toBe(reused);
    expect(reused).not.toBe(pid);
    await command('stop', 'mi');
    program.say('give it back');
    expect(await program.tells(3)).toEqual({ code: 0 });
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });
});

test('a dependency with a version of its own shares the server, and its errors are known by their name', async () => {
  addDependent(projects.one, projects.other);
  const [shared, error] = await projects.one.run(
    sandbox,
    `const { default: other } = await import('dependent');
    const servers = await Promise.all([acquire('mi', ${options()}), other.acquire('mi', ${options()})]);
    tell(new Set(servers.map(({ pid }) => pid)).size);
    await Promise.all(servers.map((server) => server.stop()));
    const { name, code, failure } = await other.acquire('nothing').catch((error) => error);
    tell({ name, code, failure, isTheSame: other.LaunchError === LaunchError });`,
  );
  expect(shared).toBe(1);
  expect(error).toEqual({ name: 'LaunchError', code: 2, failure: 'usage', isTheSame: false });
});
