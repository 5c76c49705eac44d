import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instancesIn } from '../support/instances.js';
import { guardOf, isAlive } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('homes-and-names');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const {
  foreground,
  detaching,
  misbehaving,
  detach,
  list,
  stop,
  recordOf,
  fileOf,
  expectNothingLeft,
  untilNothingIsLeft,
} = instancesIn(() => sandbox, MIN);

describe('a home runs once', () => {
  test('also against a detached instance, through a link, and whatever the offset', async () => {
    const home = sandbox.home('mi');
    const link = join(sandbox.folder, 'link');
    symlinkSync(home, link);
    await detach(link);
    for (const path of [home, link]) {
      for (const mode of [[], ['--detach']]) {
        const second = foreground(path, ['--name', 'second', ...mode]);
        expect(await second.exited).toEqual({ code: 8, signal: null });
        const failed = await second.event('failed');
        expect(failed).toMatchObject({ code: 8, failure: 'home-runs' });
        expect(failed['message']).toContain(`instance mi, offset ${MIN}`);
      }
    }
    expect((await list('--all')).map(({ name, status }) => [name, status])).toEqual([['mi', 'ready']]);
    await stop();
    await expectNothingLeft();
  });

  test('of two launches in one moment, one', async () => {
    const home = sandbox.home('mi');
    const both = [detaching(home), detaching(home)];
    const codes = await Promise.all(both.map(async (cli) => (await cli.exited).code));
    expect(codes.sort()).toEqual([0, 8]);
    expect(await list()).toMatchObject([{ name: 'mi', offset: MIN, status: 'ready' }]);
    await stop('mi');
    await expectNothingLeft();
  });

  test('two homes in one moment get two names and two offsets', async () => {
    const both = ['one', 'two'].map((name) => detaching(sandbox.home(name)));
    for (const cli of both) expect(await cli.exited).toEqual({ code: 0, signal: null });
    const instances = await list();
    expect(instances.map(({ name, offset }) => [name, offset]).sort()).toEqual(
      expect.arrayContaining([
        ['mi', expect.any(Number)],
        ['mi-2', expect.any(Number)],
      ]),
    );
    expect(instances.map(({ offset }) => offset).sort()).toEqual([MIN, MIN + 1]);
    await stop('--all');
    await expectNothingLeft(MIN + 1);
  });

  test('a name is taken while its instance lives, and free afterwards', async () => {
    await detach(sandbox.home('one'), ['--name', 'blue']);
    const taken = detaching(sandbox.home('two'), ['--name', 'blue']);
    expect(await taken.exited).toEqual({ code: 8, signal: null });
    expect(await taken.event('failed')).toMatchObject({ failure: 'name-taken' });
    await stop('blue');
    expect(await detach(join(sandbox.folder, 'two'), ['--name', 'blue'])).toMatchObject({ name: 'blue', offset: MIN });
    await stop('blue');
    await expectNothingLeft();
  });

  test('the record of a name belongs to whoever has it, though the one before is still on its way out', async () => {
    await detach(sandbox.home('one'));
    const { supervisor } = recordOf();
    const guard = guardOf(supervisor.pid) as number;
    process.kill(guard, 'SIGSTOP'); // it is waited for at the very end
    process.kill(supervisor.pid, 'SIGTERM');
    const next = detaching(misbehaving({ bindAfterMs: 60_000 }, 'two'), ['--name', 'mi']);
    const taken = await Promise.race([next.event('starting'), next.exited]);
    if ('code' in taken) throw new Error(`the name was not free yet: ${next.stderr}`);
    await until('the one before to be gone', () => !isAlive(supervisor.pid));
    expect(await list()).toMatchObject([{ name: 'mi', status: 'starting', home: join(sandbox.folder, 'two') }]);
    next.kill('SIGTERM');
    await next.exited;
    await untilNothingIsLeft();
  });
});

describe('records that are torn, foreign or of another version', () => {
  test('say nothing, and stand in nobody’s way', async () => {
    await detach(sandbox.home('mi'));
    const record = recordOf();
    const put = (name: string, text: string): void => writeFileSync(fileOf(name), text);
    put('torn', JSON.stringify({ ...record, name: 'torn' }).slice(0, 200));
    put('empty', '');
    put('null', 'null');
    put('list', '[]');
    put('newer', JSON.stringify({ ...record, name: 'newer', schemaVersion: 2 }));
    put('renamed', JSON.stringify(record));
    put('portless', JSON.stringify({ ...record, name: 'portless', ports: [null] }));
    put('endless', JSON.stringify({ ...record, name: 'endless', urls: undefined }));
    put('anonymous', JSON.stringify({ ...record, name: 7 }));
    writeFileSync(join(sandbox.state, 'instances/mi.json.tmp'), '{"half');
    mkdirSync(fileOf('folder'));
    symlinkSync('/dev/null', fileOf('device'));
    expect((await list('--all')).map(({ name }) => name)).toEqual(['mi']);
    for (const name of ['torn', 'newer', 'portless', 'endless']) {
      expect(await sandbox.run(['url', name])).toMatchObject({ code: 10 });
    }
    expect(await detach(sandbox.home('next'), ['--name', 'torn'])).toMatchObject({ name: 'torn' });
    await stop('--all');
    await expectNothingLeft(MIN + 1);
  });

  test('fields that only a newer version knows do no harm', async () => {
    await detach(sandbox.home('mi'));
    writeFileSync(fileOf('mi'), JSON.stringify({ ...recordOf(), status: 'pondering', mood: 'good' }));
    expect(await list()).toMatchObject([{ name: 'mi', status: 'pondering' }]);
    expect((await sandbox.run(['status', 'mi'])).code).toBe(6);
    await stop('mi');
    await expectNothingLeft();
  });

  test('are private, as are the sockets', async () => {
    await detach(sandbox.home('mi'));
    expect(statSync(fileOf('mi')).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(fileOf('mi'))).mode & 0o777).toBe(0o700);
    const { socket } = recordOf();
    expect(dirname(socket)).toBe(`/tmp/wso2-launch-${process.getuid?.()}`);
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    await stop();
  });

  test('that can not be written are warned of, and cost no server', async () => {
    mkdirSync(sandbox.state, { mode: 0o700 });
    writeFileSync(join(sandbox.state, 'instances'), 'not a folder');
    const cli = foreground(sandbox.home('mi'));
    await cli.event('ready');
    expect(cli.stderr).toMatch(/can't be written down .*: ps will not show it\./);
    expect(cli.stderr.match(/can't be written down/g)).toHaveLength(1);
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
  });
});

test('ports NAME shows what the instance was really launched with', async () => {
  const home = sandbox.home('mi', { configuration: '[server]\noffset = 7\n' });
  const { pid } = await detach(home, ['--name', 'real']);
  // Whatever the file says by now.
  writeFileSync(join(home, 'conf/deployment.toml'), '[server]\noffset = 3\n\n[transport.http.listener]\nport = 8270\n');
  const { code, stdout } = await sandbox.run(['ports', 'real', '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as { ports: readonly object[] };
  expect(report).toMatchObject({ product: 'mi', version: '4.4.0', home, offset: MIN });
  const by = { pid, command: expect.any(String), instance: 'real' };
  expect(report.ports[0]).toEqual({
    name: 'http',
    base: 8280,
    number: 8280 + MIN,
    scheme: 'http',
    shifted: true,
    required: true,
    source: 'default',
    state: 'taken',
    by,
  });
  await stop();
  expect((await sandbox.run(['ports', 'real'])).code).toBe(10);
});
