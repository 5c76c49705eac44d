import { describe, expect, test } from '@jest/globals';
import {
  applyChanges,
  buildCommand,
  commandEnvironment,
  serverEnvironment as environmentOfServer,
  hasShellSpecials,
  instanceVariables,
  parseScriptArguments,
  passOffset,
  variablePrefix,
} from '../../src/domain/command.js';
import { LaunchError } from '../../src/domain/failure.js';
import { failureWords } from '../support/failure-words.js';

const wordingOf = (work: () => unknown): { message: string; hint: string; code: number } => {
  try {
    work();
  } catch (error) {
    if (error instanceof LaunchError) return { ...failureWords(error.failure), code: error.exitCode };
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('what the start script can carry is passed on in its order', () => {
  test.each([
    [['--debug', '5005']],
    [['--car', 'a.car', '--env-file=/opt/.env', '--optimize']],
    [['-Dfoo=bar', '-Dpath=/a:/b,c;d', '-DportOffsets=3', '-Dx.portOffset=3']],
    [['---start', 'starts', '-Dstart', 'start=1', '--Start']],
    [["it's", '$HOME', '"quoted"', 'a\\b', '{a,b}', '~']],
  ])('%j', (args) => {
    const script = parseScriptArguments(args);
    expect(script.others).toEqual(args);
    expect(script.offset).toBeUndefined();
  });
});

describe('a sub-command of the start script is refused', () => {
  const words = ['start', 'stop', 'restart', 'version', 'test'];
  test.each(words.flatMap((word) => [word, `-${word}`, `--${word}`]))('%s', (word) => {
    expect(wordingOf(() => parseScriptArguments(['-Da=b', word]))).toEqual({
      code: 2,
      message: `"${word}" after -- is a sub-command of the start script: it would not run the server in the foreground.`,
      hint: 'wso2-launch starts, stops and supervises the server itself; leave it out.',
    });
  });
});

describe('an argument that the script would split or expand is refused', () => {
  test.each(['', ' ', '-Da=b c', '-Da=b\tc', '-Da=b\nc', '-Da=*', '-Da=?', '-Da=[x', 'x]', '*'])('%j', (argument) => {
    expect(wordingOf(() => parseScriptArguments([argument]))).toEqual({
      code: 2,
      message: `The start script can't carry the argument ${JSON.stringify(argument)}: it expands its arguments unquoted, so empty values, spaces and * ? [ ] don't arrive as they are.`,
      hint: 'Put the value into deployment.toml or JAVA_OPTS, or use one without these characters.',
    });
  });
});

describe('the offset after --', () => {
  test.each([
    ['-DportOffset=3', 3],
    ['-DportOffset=0', 0],
    ['-DportOffset=-5', -5],
  ])('%s is understood and taken out', (argument, offset) => {
    expect(parseScriptArguments(['-Da=b', argument, '-Dc=d'])).toMatchObject({ offset, others: ['-Da=b', '-Dc=d'] });
  });

  test.each(['-DportOffset', '-DportOffset=', '-DportOffset=x', '-DportOffset=1e2', '-DportOffset=1.5'])(
    '%s holds none',
    (argument) => {
      expect(wordingOf(() => parseScriptArguments([argument]))).toMatchObject({
        code: 2,
        message: `${argument} after -- holds no offset: -DportOffset= takes a plain integer.`,
      });
    },
  );

  test('is refused when it is given twice', () => {
    expect(wordingOf(() => parseScriptArguments(['-DportOffset=1', '-DportOffset=1']))).toMatchObject({
      code: 2,
      message: '-DportOffset is given 2 times after --.',
    });
  });
});

test.each([
  [['--debug', '5005'], true],
  [['-debug', '5005'], true],
  [['debug', '5005'], true],
  [['-Desb.debug=true'], true],
  [['-Desb.debug'], true],
  [['-Desb.debug=false', '--debugger'], false],
])('%j: a debugger %s', (args, waitsForDebugger) => {
  expect(parseScriptArguments(args)).toMatchObject({ waitsForDebugger });
});

describe('the port of a debugger', () => {
  test.each<[string[], number | undefined]>([
    [['--debug', '5005'], 5005],
    [['-Da=b', '-debug', '1', '-Dc=d'], 1],
    [['debug', '65535'], 65_535],
    [['--debug', '5005', '--debug', '5006'], 5006],
    [['-Ddebug=5005'], undefined],
  ])('in %j is %s', (args, debugPort) => {
    expect(parseScriptArguments(args).debugPort).toBe(debugPort);
  });

  test.each([['--debug'], ['--debug', 'x'], ['--debug', '0'], ['--debug', '65536'], ['--debug', '-Da=b']])(
    'is missing in %j %j',
    (...args) => {
      expect(wordingOf(() => parseScriptArguments(args))).toMatchObject({
        code: 2,
        message: '--debug after -- needs a port from 1 to 65535 as the next word: --debug 5005.',
      });
    },
  );
});

test('properties are those of the server, the last of a name winning, without the offset', () => {
  const { properties } = parseScriptArguments(['-Da=1', '-DportOffset=3', '-Da=2', '-DosgiConsole', '--x']);
  expect(Object.fromEntries(properties)).toEqual({
    a: { value: '2', source: '-Da' },
    osgiConsole: { value: 'true', source: '-DosgiConsole' },
  });
});

test('of several files of variables the last one counts', () => {
  expect(parseScriptArguments(['--env-file=/a', '--env-file=b.env']).variablesFile).toBe('b.env');
  expect(parseScriptArguments(['--env-files=/a']).variablesFile).toBeUndefined();
});

test('servlet ports at random are refused', () => {
  expect(wordingOf(() => parseScriptArguments(['-Dtomcat.random.port.enable=true']))).toEqual({
    code: 2,
    message:
      'With -Dtomcat.random.port.enable the server chooses its servlet ports at random: nobody could say whether they are free, or when it is ready.',
    hint: 'Leave it out; --auto-offset finds free ports.',
  });
  expect(parseScriptArguments(['-Dtomcat.random.port.enable=false']).others).toHaveLength(1);
});

const PARTS = {
  script: '/opt/my apim/bin/api-manager.sh',
  carbonHome: '/opt/my apim',
  javaHome: '/opt/jdk',
  others: ['-Da=b', '--debug', '5005'],
};

const passed = (offset: number) => passOffset({ kind: 'argument' }, offset, '');

describe('the command', () => {
  test('runs the script in the foreground, in its home, with the offset last', () => {
    expect(buildCommand({ ...PARTS, passed: passed(3) }, {})).toEqual({
      file: '/opt/my apim/bin/api-manager.sh',
      args: ['-Da=b', '--debug', '5005', '-DportOffset=3'],
      cwd: '/opt/my apim',
      env: { set: { CARBON_HOME: '/opt/my apim', JAVA_HOME: '/opt/jdk' }, unset: [] },
    });
  });

  test.each([0, -5])('passes offset %d like any other', (offset) => {
    expect(buildCommand({ ...PARTS, others: [], passed: passed(offset) }, {}).args).toEqual([`-DportOffset=${offset}`]);
  });

  test('names the configuration that takes the place of any other, before the offset', () => {
    const named = '-Ddeployment.config.file.path=/opt/mine.toml';
    const parts = { ...PARTS, others: [named, '-Da=b', `${named}x`] };
    const passed = { args: ['-DportOffset=3'], variables: {} };
    expect(buildCommand({ ...parts, passed, configuration: '/state/mi.toml' }, {}).args).toEqual([
      '-Da=b',
      '-Ddeployment.config.file.path=/state/mi.toml',
      '-DportOffset=3',
    ]);
    expect(buildCommand(parts, {}).args).toEqual(parts.others);
  });

  test('passes nothing where the configured offset holds', () => {
    expect(buildCommand({ ...PARTS, others: [] }, {}).args).toEqual([]);
  });
});

describe('an offset', () => {
  test.each([
    [{ kind: 'argument' } as const, ['-DportOffset=-3'], {}],
    [{ kind: 'overlay', textFor: () => '' } as const, ['-Dconfig=/s/a.yaml'], { WSO2_CARBON__PORTS_OFFSET: '-3' }],
    [{ kind: 'property' } as const, ['-DWSO2.CARBON_PORTS_OFFSET=-3'], {}],
  ])('is passed as %j', (passing, args, variables) => {
    expect(passOffset(passing, -3, '/s/a.yaml')).toEqual({ args, variables });
  });

  test('stands in JAVA_OPTS as well where the script may lose its arguments', () => {
    const told = (javaOptions: string) => passOffset({ kind: 'argument' }, 3, '', javaOptions);
    expect(told('')).toEqual({ args: ['-DportOffset=3'], variables: { JAVA_OPTS: '-DportOffset=3' } });
    expect(told('-Xmx1g').variables).toEqual({ JAVA_OPTS: '-Xmx1g -DportOffset=3' });
  });

  test('in a variable takes the place of one that is there', () => {
    const told = passOffset({ kind: 'overlay', textFor: () => '' }, 2, '/s/a.yaml');
    const { env } = buildCommand({ ...PARTS, passed: told }, { WSO2_CARBON__PORTS_OFFSET: '9' });
    expect(applyChanges({ WSO2_CARBON__PORTS_OFFSET: '9' }, env)['WSO2_CARBON__PORTS_OFFSET']).toBe('2');
  });
});

describe('the environment of a server', () => {
  const serverEnvironment = (env: Record<string, string>): Record<string, string> =>
    applyChanges(env, buildCommand(PARTS, env).env);

  test.each([
    'RUNTIME_HOME',
    'SIDDHI_STORES_QUERY_API__LISTENERCONFIGURATIONS_0_PORT',
    'CMD',
    'PORT',
    'ARGUMENT',
    'OPTARG',
    'NODE_PARAMS',
    'JAVACMD',
    'RUNTIME',
    'CAR_NAME',
  ])('has no %s from ours', (name) => {
    expect(serverEnvironment({ [name]: 'x', PATH: '/bin' })).toEqual({
      PATH: '/bin',
      CARBON_HOME: '/opt/my apim',
      JAVA_HOME: '/opt/jdk',
    });
    expect(buildCommand(PARTS, { [name]: 'x' }).env.unset).toEqual([name]);
  });

  test('has its own CARBON_HOME and JAVA_HOME, whatever ours are', () => {
    const env = { CARBON_HOME: '/other', JAVA_HOME: '/other' };
    expect(serverEnvironment(env)).toEqual({ CARBON_HOME: '/opt/my apim', JAVA_HOME: '/opt/jdk' });
    expect(buildCommand(PARTS, env).env.unset).toEqual([]);
  });

  test.each(['WSO2_LAUNCH_OFFSET', 'WSO2_LAUNCH_HOME', 'WSO2_LAUNCH_STATE_DIRECTORY', 'WSO2_LAUNCH_'])(
    'has no %s',
    (name) => {
      expect(serverEnvironment({ [name]: 'x' })).not.toHaveProperty(name);
    },
  );

  test.each(['WSO2_LAUNCH_STATE_DIR', 'WSO2_APIM_OFFSET', 'JAVA_OPTS', 'JVM_MEM_OPTS', 'PORTS', 'port'])(
    'keeps %s',
    (name) => {
      expect(serverEnvironment({ [name]: 'x' })).toHaveProperty(name, 'x');
    },
  );
});

test('what a server sees of our environment is what we leave it', () => {
  const env = {
    PATH: '/bin',
    PORT: '80',
    CARBON_HOME: '/x',
    WSO2_LAUNCH_OFFSET: '3',
    JAVA_HOME: '/jdk',
    UNSET: undefined,
  };
  expect(environmentOfServer(env)).toEqual({ PATH: '/bin', JAVA_HOME: '/jdk' });
});

test('a command beside a server gets its variables and not our options', () => {
  const env = { PATH: '/bin', PORT: '80', WSO2_LAUNCH_OFFSET: '3', WSO2_LAUNCH_STATE_DIR: '/s', UNSET: undefined };
  expect(commandEnvironment(env, { WSO2_MI_OFFSET: '10' })).toEqual({
    PATH: '/bin',
    PORT: '80',
    WSO2_LAUNCH_STATE_DIR: '/s',
    WSO2_MI_OFFSET: '10',
  });
});

describe('the variables of an instance', () => {
  test('name its offset, home, process, ports and addresses', () => {
    const instance = {
      name: 'apim',
      offset: 1,
      home: '/opt/apim',
      pid: 812,
      ports: [
        { name: 'servlet-https', number: 9444, scheme: 'https' },
        { name: 'amqp', number: 5673, scheme: 'tcp' },
        { name: 'amqp-ssl', number: 8673, scheme: 'tls' },
        { name: 'wss', number: 8100, scheme: 'wss' },
        { name: 'clustering.local_member_port', number: 4000, scheme: 'tcp', movesOn: true as const },
      ],
      urls: { console: 'https://localhost:9444/carbon' },
    };
    expect(instanceVariables(instance)).toEqual({
      WSO2_APIM_OFFSET: '1',
      WSO2_APIM_HOME: '/opt/apim',
      WSO2_APIM_PID: '812',
      WSO2_APIM_SERVLET_HTTPS_PORT: '9444',
      WSO2_APIM_SERVLET_HTTPS_URL: 'https://localhost:9444',
      WSO2_APIM_AMQP_PORT: '5673',
      WSO2_APIM_AMQP_SSL_PORT: '8673',
      WSO2_APIM_WSS_PORT: '8100',
      WSO2_APIM_WSS_URL: 'wss://localhost:8100',
      WSO2_APIM_CONSOLE_URL: 'https://localhost:9444/carbon',
    });
  });

  test.each([
    ['apim', 'WSO2_APIM_'],
    ['apim-2', 'WSO2_APIM_2_'],
    ['a.b-c_D', 'WSO2_A_B_C_D_'],
  ])('of %s begin with %s', (name, prefix) => {
    expect(variablePrefix(name)).toBe(prefix);
  });
});

test.each([
  ['/opt/jdk-17_x86.64+9', false],
  ['/opt/my jdk', true],
  ['/opt/jdk\t', true],
  ['/opt/jdk*', true],
  ['/opt/[jdk]', true],
  ['/opt/jdk?', true],
])('%j can be called unquoted: not so is %s', (path, isSpecial) => {
  expect(hasShellSpecials(path)).toBe(isSpecial);
});
