import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createStandInJdk } from '../../src/standin/home.js';
import type { CliOptions } from '../support/cli.js';
import { instanceRecord } from '../support/instance-record.js';
import { leaseFilesOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { type Ended, Sandbox } from '../support/sandbox.js';
import { where } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('bad-input');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

/** A launch as somebody asks for it, and how its environment differs from an ordinary one. */
interface Asked extends CliOptions {
  readonly args: readonly string[];
}

const WHAT_AND_WHAT_TO_DO = /^wso2-launch: \S.*\n {2}\S.*\n$/;

/** Runs what has to be refused: with one message and a next step, nothing started, nothing changed. */
async function refusal({ args, ...options }: Asked): Promise<Ended> {
  const before = everythingInSandbox();
  const ended = await sandbox.run(args, options);
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.folder)).toEqual([]);
  expect(everythingInSandbox()).toEqual(before);
  expect(ended.stderr).toMatch(WHAT_AND_WHAT_TO_DO);
  return ended;
}

/** All files with whatever changes when they are touched; an empty state folder may come, a log in it may not. */
function everythingInSandbox(): string[] {
  const { folder, state } = sandbox;
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  return paths.flatMap((path) => {
    const { mode, size, mtimeMs, ...stat } = lstatSync(path);
    const isStateFolder = path.startsWith(state) && (mode & 0o170000) === 0o040000;
    return isStateFolder ? [] : [`${path} ${mode} ${size} ${mtimeMs} ${stat.ino}`];
  });
}

function expectAll(text: string, parts: readonly string[]): void {
  for (const part of parts) expect(text).toContain(part);
}

const atFreeOffset = ['-a', '--min-offset', String(MIN)];

// What an option may hold, and in which words it is refused, is a table in test/cli/command-line.test.ts.
describe('a command line that makes no sense is refused with code 2', () => {
  test.each<[what: string, args: readonly string[], says: readonly string[]]>([
    ['an offset that is no number', ['--offset', 'abc'], ['--offset', 'integer', '"abc"']],
    ['a misspelt option', ['--ofset', '3400'], ['no option --ofset', 'Did you mean --offset?']],
    [
      'an offset above the range',
      ['--offset', '99999'],
      ['offset 99999 of --offset', 'out of range', 'from -8242 to 56344'],
    ],
    ['a minimum above the maximum', ['-a', '--min-offset', '9', '--max-offset', '8'], ['No offset', '(9)', '(8)']],
    ['an offset after -- out of range', ['--', '-DportOffset=99999'], ['99999', 'out of range', 'from -8242 to 56344']],
    ['a sub-command of the start script', ['--', '-Dfirst=1', 'stop'], ['"stop" after --', 'sub-command']],
    ['an argument that the script can not carry', ['--', '-Da=two words'], ['"-Da=two words"', 'unquoted']],
    ['loud and quiet at once', ['--quiet', '--verbose'], ['--quiet and --verbose contradict']],
  ])('%s', async (_what, args, says) => {
    const { code, stdout, stderr } = await refusal({ args: ['mi', '--home', sandbox.home('mi'), ...args] });
    expectAll(stderr, says);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test.each<[what: string, args: readonly string[], says: readonly string[]]>([
    ['a misspelt command', ['apmi'], ['no command "apmi"', 'Did you mean apim?']],
    [
      'run, which is no product, for exec',
      ['exec', 'run', '--', 'true'],
      ['"run" is no product: one of apim, control-plane,', 'wso2-launch exec apim --auto-offset -- npm test'],
    ],
    ['a misspelt product for exec', ['exec', 'apmi', '--', 'true'], ['"apmi" is no product', 'Did you mean apim?']],
    ['a misspelt product for doctor', ['doctor', 'apmi'], ['"apmi" is no product', 'Did you mean apim?']],
    ['a misspelt product for offset', ['offset', 'get', 'apmi'], ['"apmi" is no product', 'Did you mean apim?']],
    ['arguments for a command that takes none', ['demo', '--', 'x'], ['demo takes nothing after --']],
  ])('%s', async (_what, args, says) => {
    const { code, stderr } = await refusal({ args });
    expectAll(stderr, says);
    expect(code).toBe(2);
  });
});

test('a negative offset is understood', async () => {
  const args = ['mi', '--home', sandbox.home('mi'), '--dry-run', '--json', '--offset', '-5'];
  const { code, stdout } = await sandbox.run(args);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ offset: -5, command: { args: ['-DportOffset=-5'] } });
});

/** Makes something unusable, and says how it is asked for and what the refusal has to say. */
type Unusable = () => Asked & { readonly says: readonly string[] };

const launchOf = (home: string): string[] => ['mi', '--home', home, ...atFreeOffset];

const UNUSABLE_HOMES: Readonly<Record<string, Unusable>> = {
  'a folder that is no home': () => ({
    args: launchOf(sandbox.folder),
    says: [`${sandbox.folder} (from --home)`, 'not the home', 'holds bin/'],
  }),
  'a home of another product': () => {
    const home = sandbox.home('apim', { product: 'apim', version: '4.5.0' });
    return {
      args: launchOf(home),
      says: [home, 'WSO2 API Manager', 'not of a WSO2 Micro Integrator', 'wso2-launch apim'],
    };
  },
  'a folder that has been deleted': () => {
    const home = sandbox.home('mi');
    rmSync(home, { recursive: true });
    return { args: launchOf(home), says: [`${home} (from --home) is not a folder`, 'unpacked'] };
  },
  'a file': () => {
    const file = join(sandbox.home('mi'), 'bin/version.txt');
    return { args: launchOf(file), says: [`${file} (from --home) is not a folder`] };
  },
  'no home here or above': () => ({
    args: ['mi', ...atFreeOffset],
    says: ['No WSO2 Micro Integrator home was found', sandbox.folder, '--home', 'MI_HOME'],
  }),
  'another home here, with its name': () => {
    const home = sandbox.home('apim', { product: 'apim', version: '4.5.0' });
    return {
      args: ['mi', ...atFreeOffset],
      cwd: home,
      says: ['No WSO2 Micro Integrator home', `${home} is a WSO2 API Manager`],
    };
  },
  'a home without its start script': () => {
    const home = sandbox.home('mi');
    rmSync(join(home, 'bin/micro-integrator.sh'));
    return { args: launchOf(home), says: [`${home}/bin/micro-integrator.sh is missing`, 'Unpack the product again'] };
  },
  'a home without its deployment.toml, and without what a start would have rendered from it': () => {
    const home = sandbox.home('mi');
    rmSync(join(home, 'conf/deployment.toml'));
    mkdirSync(join(home, 'repository/resources/conf/templates/conf'), { recursive: true });
    writeFileSync(join(home, 'repository/resources/conf/templates/conf/carbon.xml.j2'), '<Server/>');
    return {
      args: launchOf(home),
      says: [`${home}/conf/deployment.toml is missing`, 'no start has rendered', 'unpack that file again'],
    };
  },
  'a start script without its run bit': () => {
    const home = sandbox.home('mi');
    chmodSync(join(home, 'bin/micro-integrator.sh'), 0o644);
    return { args: launchOf(home), says: ['has no run bit', `chmod +x '${home}/bin/micro-integrator.sh'`] };
  },
};

const UNUSABLE_JDKS: Readonly<Record<string, Unusable>> = {
  'none at all': () => {
    const tools = join(sandbox.folder, 'tools');
    mkdirSync(tools);
    symlinkSync('/bin/sh', join(tools, 'sh'));
    return {
      args: launchOf(sandbox.home('mi')),
      env: { PATH: tools },
      through: ['/usr/bin/env', '-u', 'JAVA_HOME', process.execPath],
      says: ['No JDK was found', 'JAVA_HOME is not set', 'no java is on PATH', '--java-home'],
    };
  },
  'a JAVA_HOME without bin/java': () => ({
    args: launchOf(sandbox.home('mi')),
    env: { JAVA_HOME: sandbox.folder },
    says: [`${sandbox.folder} (from JAVA_HOME) is not a JDK`, 'no program bin/java', 'folder that holds bin/java'],
  }),
  'a bin/java without its run bit': () => {
    chmodSync(join(sandbox.jdk, 'bin/java'), 0o644);
    return { args: launchOf(sandbox.home('mi')), says: [`${sandbox.jdk} (from JAVA_HOME) is not a JDK`] };
  },
  'a --java-home that is not there': () => ({
    args: [...launchOf(sandbox.home('mi')), '--java-home', join(sandbox.folder, 'no-jdk')],
    says: ['no-jdk (from --java-home) is not a JDK'],
  }),
  'a version that the product refuses, as the release file has it': () => {
    const jdk = join(sandbox.folder, 'jdk-8');
    createStandInJdk(jdk, { version: '1.8.0_402' });
    return {
      args: launchOf(sandbox.home('mi')),
      env: { JAVA_HOME: jdk },
      says: [`${jdk} is JDK 1.8.0_402`, 'WSO2 Micro Integrator 4.4.0 runs on JDK 11 to 21', '--java-home or JAVA_HOME'],
    };
  },
  'a version that the product refuses, as only java itself tells': () => {
    const jdk = join(sandbox.folder, 'jdk-25');
    createStandInJdk(jdk, { version: '25.0.1' });
    rmSync(join(jdk, 'release'));
    return {
      args: [...launchOf(sandbox.home('mi')), '--java-home', jdk],
      says: [`${jdk} is JDK 25.0.1`, 'runs on JDK 11 to 21'],
    };
  },
  'a space in its path': () => {
    const jdk = join(sandbox.folder, 'my jdk');
    createStandInJdk(jdk, { version: '17.0.9' });
    return {
      args: launchOf(sandbox.home('mi')),
      env: { JAVA_HOME: jdk },
      says: [jdk, 'space', 'unquoted', 'Make a link to it with a plain name'],
    };
  },
};

const configured = (toml: string | Buffer): string => {
  const home = sandbox.home('mi');
  writeFileSync(join(home, 'conf/deployment.toml'), toml);
  return home;
};

const unusableConfiguration =
  (toml: string | Buffer, says: readonly string[]): Unusable =>
  () => ({ args: launchOf(configured(toml)), says: ['deployment.toml', ...says] });

const UNUSABLE_CONFIGURATIONS: Readonly<Record<string, Unusable>> = {
  'two values on a line': unusableConfiguration('[server]\noffset = 3400 1\n', [
    'line 2, column 15',
    '"offset = 3400 1"',
  ]),
  'text without quotes': unusableConfiguration('[server]\nhostname = localhost\n', [
    'line 2, column 12',
    'a value is missing',
  ]),
  'a key that is set twice': unusableConfiguration('a = 1\nb = 2\na = 3\n', [
    'line 3',
    'sets a a second time, after line 1',
  ]),
  'text in UTF-16': unusableConfiguration(Buffer.from('\ufeff[server]\noffset = 3\n', 'utf16le'), ['UTF-16']),
  'a base port that is too large': unusableConfiguration('[transport.http.listener]\nport = 70000\n', [
    'line 2 (transport.http.listener.port)',
    '70000',
    'from 1 to 65535',
  ]),
  'a base port of 0': unusableConfiguration('[transport.http.listener]\nport = 0\n', ['line 2', 'from 1 to 65535']),
  'a base port that is no number': unusableConfiguration('[mediation]\n\ninternal_http_api_port = "abc"\n', [
    'line 3 (mediation.internal_http_api_port)',
    '"abc"',
    'not a number from 1 to 65535',
  ]),
  'an offset that is no number': unusableConfiguration('[server]\noffset = "abc"\n', [
    'line 2 (server.offset)',
    '"abc"',
    'not an integer',
  ]),
  'an offset from a variable that is not set': unusableConfiguration('[server]\noffset = "$env{NO_SUCH_VARIABLE}"\n', [
    'line 2 (server.offset)',
    'NO_SUCH_VARIABLE',
    'not set',
  ]),
  'a reference that leads nowhere': unusableConfiguration('[transport.http.listener]\nport = "$ref{my.port}"\n', [
    'line 2 (transport.http.listener.port)',
    '$ref{my.port}',
    'The server would end',
  ]),
  'a system property that nothing sets': unusableConfiguration('[a]\nb = ["x", "$sys{no.such.property}"]\n', [
    'line 2 (a.b)',
    'no.such.property',
    'not set',
  ]),
  'a rule file that is no JSON': () => {
    const home = sandbox.home('mi');
    const file = join(home, 'repository/resources/conf/key-mappings.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '{\n  "a": "b",\n  "c"\n}\n');
    return { args: launchOf(home), says: [file, 'not valid JSON', 'line 4, column 1'] };
  },
  'a carbon.xml that is not well-formed': () => {
    const home = sandbox.home('apim', {
      product: 'apim',
      version: '2.6.0',
      configuration: '<Server>\n  <Ports>\n</Server>',
    });
    return { args: ['apim', '--home', home, '-a'], says: ['carbon.xml, line 3', 'not well-formed XML'] };
  },
  'an offset that no port range allows': () => ({
    args: ['mi', '--home', configured('[server]\noffset = 60000\n')],
    says: ['60000', 'deployment.toml:2', 'out of range', 'from -8242 to 56344'],
  }),
};

const UNUSABLE_STATE_FOLDERS: Readonly<Record<string, Unusable>> = {
  'one that is a file': () => {
    writeFileSync(sandbox.state, '');
    return { args: launchOf(sandbox.home('mi')), says: [`state folder ${sandbox.state}`, 'WSO2_LAUNCH_STATE_DIR'] };
  },
  'one that lies below a file': () => {
    writeFileSync(sandbox.state, '');
    const folder = join(sandbox.state, 'below/it');
    return {
      args: launchOf(sandbox.home('mi')),
      env: { WSO2_LAUNCH_STATE_DIR: folder },
      says: [`state folder ${folder}`, "can't be used", 'WSO2_LAUNCH_STATE_DIR'],
    };
  },
};

describe('a state folder that others can write to', () => {
  const words = [['ps'], ['ps', '--all'], ['status', 'mi'], ['stop'], ['stop', '--all'], ['logs', 'mi'], ['url', 'mi']];

  test.each(['', 'instances'])('is refused with the mend, and nothing that is named there goes: %j', async (part) => {
    const open = join(sandbox.state, part);
    mkdirSync(join(sandbox.state, 'instances'), { recursive: true, mode: 0o700 });
    chmodSync(open, 0o777);
    const precious = forgeRecords();
    for (const asked of [...words, launchOf(sandbox.home('mi'))]) {
      const { code, stderr } = await sandbox.run(asked);
      expect({ code, says: stderr.includes(`chmod go-w ${open}\n`) }).toEqual({ code: 3, says: true });
    }
    expect(precious.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('is believed in nothing that it names when it has been mended', async () => {
    mkdirSync(join(sandbox.state, 'instances'), { recursive: true, mode: 0o700 });
    const precious = forgeRecords();
    for (const asked of words) await sandbox.run(asked);
    expect(precious.filter((path) => !existsSync(path))).toEqual([]);
  });

  /** Records of dead supervisors that name files of the user's as theirs. */
  function forgeRecords(): string[] {
    const precious = ['precious', 'precious.json', 'precious.sock'].map((name) => join(sandbox.folder, name));
    for (const path of precious) writeFileSync(path, 'precious');
    const up = relative('/tmp/wso2-launch', precious[0] as string);
    const forged = [
      { leaseId: up },
      { leaseId: up, socket: precious[0] as string },
      { socket: precious[0] as string },
      { socket: precious[0] as string, logFile: precious[1] as string },
    ];
    forged.forEach((more, index) => {
      const record = instanceRecord({ name: `mi-${index}`, supervisor: { pid: 4_194_305, startTime: '1' }, ...more });
      writeFileSync(join(sandbox.state, `instances/mi-${index}.json`), JSON.stringify(record));
    });
    return precious;
  }
});

test.each([
  ['a file', (file: string) => file],
  ['below a file', (file: string) => join(file, 'below/it')],
])('a state folder that is %s is not said to hold no instance', async (_what, folderBy) => {
  writeFileSync(sandbox.state, '');
  const folder = folderBy(sandbox.state);
  for (const words of [['ps'], ['status', 'mi'], ['stop'], ['stop', '--all'], ['logs', 'mi'], ['url', 'mi']]) {
    const { code, stdout, stderr } = await sandbox.run(words, { env: { WSO2_LAUNCH_STATE_DIR: folder } });
    expect({ words, code, stdout }).toEqual({ words, code: 3, stdout: '' });
    expect(stderr).toContain(`The state folder ${folder} can't be used: ${sandbox.state} is not a folder.`);
  }
});

describe.each([
  ['home', UNUSABLE_HOMES],
  ['JDK', UNUSABLE_JDKS],
  ['configuration', UNUSABLE_CONFIGURATIONS],
  ['state folder', UNUSABLE_STATE_FOLDERS],
])('an unusable %s is refused with code 3', (_what, cases) => {
  test.each(Object.entries(cases))('%s', async (_case, make) => {
    const { says, ...asked } = make();
    const { code, stdout, stderr } = await refusal(asked);
    expectAll(stderr, says);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });
});

describe('an offset in carbon.properties, which beats what is passed', () => {
  const homeWith = (text: string): string => {
    const home = sandbox.home('apim', { product: 'apim', version: '4.5.0' });
    writeFileSync(join(home, 'repository/conf/carbon.properties'), text);
    return home;
  };

  test('is refused where another would be passed', async () => {
    const { code, stderr } = await refusal({ args: ['apim', '--home', homeWith('a=b\nportOffset=7\n'), '-a'] });
    expectAll(stderr, ['carbon.properties:2', 'beats the offset', 'Remove that line']);
    expect(code).toBe(3);
  });

  test('is the configured one where nothing is passed', async () => {
    const args = ['apim', '--home', homeWith(`portOffset = ${MIN + 7}\n`), '--dry-run', '--json'];
    expect(JSON.parse((await sandbox.run(args)).stdout)).toMatchObject({ offset: MIN + 7, command: { args: [] } });
  });

  test('that is no number is refused', async () => {
    const { code, stderr } = await refusal({ args: ['apim', '--home', homeWith('portOffset=x\n')] });
    expectAll(stderr, ['carbon.properties:1', '"x"']);
    expect(code).toBe(3);
  });
});

describe('in a folder that has been deleted', () => {
  // No process can be started there: a shell deletes it under its own feet.
  const inDeletedFolder = (): CliOptions => {
    const cwd = join(sandbox.folder, 'deleted');
    mkdirSync(cwd);
    return { cwd, through: ['/bin/sh', '-c', 'rmdir "$PWD"; exec "$@"', 'sh', process.execPath] };
  };

  test('a launch that is told no home is refused with code 3', async () => {
    expect(await sandbox.run(['mi', ...atFreeOffset], inDeletedFolder())).toMatchObject({
      code: 3,
      stdout: '',
      stderr:
        'wso2-launch: The current folder has been deleted.\n' +
        '  Change into a folder that exists, or name one with --home.\n',
    });
    expect(sandbox.processes()).toEqual([]);
    expect(leaseFilesOf(sandbox.folder)).toEqual([]);
  });

  test('a launch of a home with an absolute path does its work', async () => {
    const cli = sandbox.start([...launchOf(sandbox.home('mi')), '--json'], inDeletedFolder());
    await cli.event('ready');
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
  });

  test('one in the background does its work as well, and is refused with the same words', async () => {
    const home = sandbox.home('mi');
    const launched = await sandbox.run([...launchOf(home), '-d'], inDeletedFolder());
    expect(launched).toMatchObject({ code: 0 });
    expect(await sandbox.run(['stop', 'mi'], inDeletedFolder())).toMatchObject({ code: 0 });
    const { code, stderr } = await sandbox.run(['mi', '-d', ...atFreeOffset], inDeletedFolder());
    expect(stderr).toContain('The current folder has been deleted');
    expect(code).toBe(3);
  });

  test('a home with a relative path is refused with code 3', async () => {
    sandbox.home('mi');
    const { code, stderr } = await sandbox.run(['mi', '--home', '../mi', ...atFreeOffset], inDeletedFolder());
    expect(stderr).toContain('The current folder has been deleted');
    expect(code).toBe(3);
  });

  test('a process that names a home by a relative path is nobody whom we know', async () => {
    const other = spawn('/bin/sh', ['-c', 'read -r go', 'sh', '-Dcarbon.home=not/there'], { stdio: 'pipe' });
    try {
      const args = [...launchOf(sandbox.home('mi')), '--dry-run'];
      expect(await sandbox.run(args, inDeletedFolder())).toMatchObject({ code: 0, stderr: '' });
    } finally {
      other.kill('SIGKILL');
    }
  });

  test('the version of a JDK without a release file is still found out', async () => {
    rmSync(join(sandbox.jdk, 'release'));
    const args = [...launchOf(sandbox.home('mi')), '--dry-run'];
    expect(await sandbox.run(args, inDeletedFolder())).toMatchObject({ code: 0, stderr: '' });
  });

  test('exec is refused before anything is started, as its command could not run there', async () => {
    const args = ['exec', ...launchOf(sandbox.home('mi')), '--', '/bin/sh', '-c', 'exit 0'];
    const { code, stderr } = await sandbox.run(args, inDeletedFolder());
    expect(stderr).toContain('The current folder has been deleted');
    expect(code).toBe(3);
    expect(leaseFilesOf(sandbox.folder)).toEqual([]);
  });

  test.each(['--help', '--version', 'ports apim'])('%s does its work', async (words) => {
    expect(await sandbox.run(words.split(' '), inDeletedFolder())).toMatchObject({ code: 0, stderr: '' });
  });
});

test('a home with a space in its path starts like any other', async () => {
  const cli = sandbox.start([...launchOf(sandbox.home('my micro integrator')), '--json']);
  expect(await cli.event('ready')).toMatchObject({ warnings: [] });
  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
});

describe('ports that are taken are refused with code 4', () => {
  test('whoever holds them is named, and the smallest free offset', async () => {
    const offset = MIN + 1;
    await sandbox.hold(8280 + offset);
    await sandbox.hold(9191 + offset);
    const home = sandbox.home('mi', { configuration: `[server]\noffset = ${offset}\n` });
    const { code, stderr } = await refusal({ args: ['mi', '--home', home] });
    expectAll(stderr, [
      `Offset ${offset} can't be used`,
      `port ${8280 + offset} (http), held by`,
      `port ${9191 + offset} (internal), held by`,
      `pid ${process.pid}`,
      `smallest free offset is ${offset + 1}: use --offset ${offset + 1}, or --auto-offset`,
    ]);
    expect(code).toBe(4);
  });

  test('no offset is left in the range', async () => {
    const offset = MIN + 3;
    await sandbox.hold(9154 + offset);
    const range = ['-a', '--min-offset', `${offset}`, '--max-offset', `${offset}`];
    const { code, stderr } = await refusal({ args: ['mi', '--home', sandbox.home('mi'), ...range] });
    expectAll(stderr, [`from ${offset} to ${offset}`, `port ${9154 + offset} (management)`, 'Widen the range']);
    expect(code).toBe(4);
  });

  const asUser = (id: number): string[] => [`--reuid=${id}`, `--regid=${id}`, '--clear-groups', process.execPath];
  const [us, others] = [asUser(65_533), asUser(65_534)];
  const canBecomeOthers = spawnSync('setpriv', [...us, 'bin/wso2-launch.cjs', '--version']).status === 0;

  where(canBecomeOthers, 'setpriv, as root').test(
    "another user's process, which can not be looked at, is called that",
    async () => {
      const home = sandbox.home('mi');
      chmodSync(sandbox.folder, 0o755);
      mkdirSync(sandbox.state, { mode: 0o700 });
      chownSync(sandbox.state, 65_533, 65_533);

      const port = 8243 + MIN + 4;
      const listen = `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('listening'))`;
      const holder = spawn('setpriv', [...others, '-e', listen], { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/' });
      try {
        let said = '';
        holder.stdout.on('data', (text) => {
          said += text;
        });
        await until(`the listener on ${port}`, () => said.includes('listening'));

        const args = ['mi', '--home', home, '--offset', String(MIN + 4), '--json'];
        const { code, stdout, stderr } = await refusal({ args, through: ['setpriv', ...us] });
        expectAll(stderr, [`port ${port} (https), held by another user's process`]);
        expect(code).toBe(4);
        expect(JSON.parse(stdout)).toMatchObject({
          taken: [{ name: 'https', number: port, by: { pid: null, command: null } }],
        });
      } finally {
        holder.kill('SIGKILL');
      }
    },
  );
});

const canMount = process.getuid?.() === 0 && spawnSync('/bin/sh', ['-c', 'unshare -m true']).status === 0;

where(canMount, 'unshare, as root').describe(
  'a home that can not be written is refused before anything is started',
  () => {
    function renderedHome(): string {
      const home = sandbox.home('mi');
      const template = join(home, 'repository/resources/conf/templates/conf/carbon.xml.j2');
      mkdirSync(dirname(template), { recursive: true });
      writeFileSync(template, '<Server/>');
      return home;
    }

    test('by root, on a read-only file system', async () => {
      const home = renderedHome();
      const script = `mount --bind '${home}' '${home}' && mount -o remount,ro,bind '${home}' && exec "$@"`;
      const through = ['unshare', '-m', '/bin/sh', '-c', script, 'sh', process.execPath];
      const { code, stderr } = await refusal({ args: launchOf(home), through });
      expectAll(stderr, [
        `In ${home} this user may not write what the server has to: the home itself, conf`,
        'read-only file system',
      ]);
      expect(code).toBe(3);
      const doctor = await sandbox.run(['doctor', '--home', home, '--json'], { through });
      expect(doctor.code).toBe(3);
      const { findings } = JSON.parse(doctor.stdout) as { findings: { id: string; level: string; what: string }[] };
      const found = findings.filter(({ id }) => id === 'unwritable-files');
      expect(found.map(({ level }) => level)).toEqual(['error', 'warning']);
      expectAll(found[1]?.what ?? '', [
        `In ${home} this user may not write tmp (`,
        'repository/logs (its own log files',
      ]);
    });

    const user = ['setpriv', '--reuid=65533', '--regid=65533', '--clear-groups', process.execPath];
    const canBecome = spawnSync(user[0] as string, [...user.slice(1), 'bin/wso2-launch.cjs', '--version']).status === 0;

    where(canBecome, 'setpriv, as root').test('by another user, with the way out', async () => {
      const home = renderedHome();
      chmodSync(sandbox.folder, 0o755);
      mkdirSync(sandbox.state, { mode: 0o700 });
      chownSync(sandbox.state, 65_533, 65_533);
      const { code, stderr } = await refusal({ args: [...launchOf(home), '--dry-run'], through: user });
      expectAll(stderr, ['the home itself, conf', `make it yours: sudo chown -R 65533 ${home}`]);
      expect(code).toBe(3);
    });
  },
);

test('a server that asks for its password is ended at once, and the file to put it in is named', async () => {
  const home = sandbox.home('mi', { behaviour: { asksPassword: true } });
  const { code, stdout, stderr } = await sandbox.run([...launchOf(home), '--json']);
  expectAll(stderr, ['asks for its keystore password', 'standard input', `${home}/password-tmp`]);
  expect(code).toBe(5);
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) as string)).toMatchObject({
    event: 'failed',
    name: 'mi',
    code: 5,
    failure: 'password-asked',
    lastLines: expect.arrayContaining([expect.stringContaining('Enter KeyStore and Private Key Password')]),
  });
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.folder)).toEqual([]);
});

describe('a command that can not be run costs no start of a server', () => {
  const execOf = (...command: string[]): Asked => ({
    args: ['exec', ...launchOf(sandbox.home('mi')), '--', ...command],
  });

  test('none at all is wrong usage', async () => {
    const { code, stderr } = await refusal({ args: ['exec', ...launchOf(sandbox.home('mi'))] });
    expectAll(stderr, ['exec lacks its command', '-- npm test']);
    expect(code).toBe(2);
  });

  test.each(['no-such-command', './no-such-command', '/no/such/command'])('%s is not found', async (command) => {
    const { code, stderr } = await refusal(execOf(command));
    expectAll(stderr, [`${command}: command not found`, 'Nothing was started', 'PATH']);
    expect(code).toBe(127);
  });

  test('a file without its run bit can not be executed', async () => {
    const file = join(sandbox.folder, 'script.sh');
    writeFileSync(file, 'exit 0\n', { mode: 0o644 });
    const { code, stderr } = await refusal(execOf(file, 'with', 'arguments'));
    expectAll(stderr, [`${file} can't be run`, 'no run bit']);
    expect(code).toBe(126);
  });

  test('a folder can not be executed', async () => {
    const { code, stderr } = await refusal(execOf(sandbox.folder));
    expectAll(stderr, [`${sandbox.folder} can't be run`, 'it is a folder']);
    expect(code).toBe(126);
  });

  test('with --json nothing is added for codes that belong to the command', async () => {
    const { args } = execOf('no-such-command');
    const { code, stdout } = await refusal({ args: ['exec', '--json', ...args.slice(1)] });
    expect({ code, stdout }).toEqual({ code: 127, stdout: '' });
  });
});

describe('with --json a refusal is one event, whose code is the exit code', () => {
  const first = (cases: Readonly<Record<string, Unusable>>): Unusable => Object.values(cases)[0] as Unusable;
  const scriptWithoutRunBit = UNUSABLE_HOMES['a start script without its run bit'] as Unusable;
  const wrong = (...args: string[]): Unusable => {
    return () => ({ args: [...launchOf(sandbox.home('mi')), ...args], says: [] });
  };

  test.each<[failure: string, exitCode: number, how: string, make: Unusable]>([
    ['usage', 2, 'an unknown command', () => ({ args: ['frobnicate'], says: [] })],
    ['usage', 2, 'an unknown option', wrong('--bogus')],
    ['usage', 2, 'a bad value', wrong('--ready-timeout', '5')],
    ['usage', 2, 'a bad argument after --', wrong('--', 'stop')],
    ['usage', 2, 'exec without its command', () => ({ args: ['exec', ...launchOf(sandbox.home('mi'))], says: [] })],
    ['unusable-home', 3, 'no home', first(UNUSABLE_HOMES)],
    ['unusable-script', 3, 'no run bit', scriptWithoutRunBit],
    ['unusable-jdk', 3, 'no JDK', first(UNUSABLE_JDKS)],
    ['unusable-configuration', 3, 'malformed TOML', first(UNUSABLE_CONFIGURATIONS)],
    ['unusable-state-folder', 3, 'a file as state folder', first(UNUSABLE_STATE_FOLDERS)],
  ])('%s (%i): %s', async (failure, exitCode, _how, make) => {
    const { says: _, args, ...options } = make();
    const [command, ...others] = args;
    const { code, stdout, stderr } = await refusal({ args: [command as string, '--json', ...others], ...options });
    const event: unknown = JSON.parse(stdout);
    expect(event).toEqual({
      schemaVersion: 1,
      event: 'failed',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      name: null,
      code: exitCode,
      failure,
      message: expect.any(String),
      hint: expect.any(String),
      lastLines: [],
    });
    const { message, hint } = event as { message: string; hint: string };
    expect(stderr).toBe(`wso2-launch: ${message}\n  ${hint}\n`);
    expect(code).toBe(exitCode);
  });

  test('of every command', async () => {
    const cases: readonly (readonly [code: number, failure: string, ...words: string[]])[] = [
      [2, 'usage', 'ps', '--prune'],
      [2, 'usage', 'doctor', 'frobnicate'],
      [2, 'usage', 'jdks', 'frobnicate'],
      [2, 'usage', 'offset', 'frobnicate'],
      [2, 'usage', 'completion', 'tcsh'],
      [2, 'usage', 'demo', 'extra'],
      [2, 'usage', 'status', '--bogus'],
      [10, 'no-such-instance', 'ports', 'frobnicate'],
      ...['status', 'wait', 'logs', 'stop', 'restart', 'env', 'url', 'port'].flatMap((command) => [
        [10, 'none-running', command] as const,
        [10, 'unknown-instance', command, 'nobody'] as const,
      ]),
    ];
    const answers = cases.map(async ([code, failure, ...words]) => {
      const ended = await sandbox.run([...words, '--json']);
      const { event, failure: told, code: its } = JSON.parse(ended.stdout) as Readonly<Record<string, unknown>>;
      return { asked: [code, failure, ...words], got: [ended.code, told, ...words], event, its };
    });
    for (const { asked, got, event, its } of await Promise.all(answers)) {
      expect([event, its, ...got]).toEqual(['failed', asked[0], ...asked]);
    }
  });

  test('taken ports come with their names and holders', async () => {
    const offset = MIN + 6;
    await sandbox.hold(9191 + offset);
    const args = ['mi', '--home', sandbox.home('mi'), '--offset', String(offset), '--json'];
    const { code, stdout } = await refusal({ args });
    expect(JSON.parse(stdout)).toMatchObject({
      event: 'failed',
      name: null,
      code: 4,
      failure: 'ports-taken',
      taken: [{ name: 'internal', number: 9191 + offset, by: { pid: process.pid, command: expect.any(String) } }],
    });
    expect(code).toBe(4);
  });
});
