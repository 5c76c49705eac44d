import { describe, expect, test } from '@jest/globals';
import { batchCommandLine, checkBatchArguments, checkBatchHome } from '../../src/domain/batch.js';
import type { LaunchError } from '../../src/domain/failure.js';

const failureOf = (work: () => void): unknown => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as LaunchError).failure;
  }
};

describe('a home', () => {
  test.each(['C:\\Program Files (x86)\\wso2am-4.5.0', 'D:/wso2', "C:\\it's\\mi~1"])('in %s is carried', (home) => {
    expect(failureOf(() => checkBatchHome(home))).toBeUndefined();
  });

  test.each(['"', '%', '!', '^', '&', '|', '<', '>'])('whose path holds %s is refused', (special) => {
    expect(failureOf(() => checkBatchHome(`C:\\a${special}b`))).toEqual({
      kind: 'unusable-home',
      what: `The home's path C:\\a${special}b holds the character ${special}, which cmd.exe takes for its own in the start script.`,
      hint: 'Move it to a path without " % ! ^ & | < and >; spaces and brackets are no harm.',
    });
  });

  test.each(['\\\\server\\share\\wso2', '//server/share/wso2'])('on the network, %s, is refused', (home) => {
    expect(failureOf(() => checkBatchHome(home))).toMatchObject({
      kind: 'unusable-home',
      what: `The home ${home} is on a network path, into which the start script can't change.`,
    });
  });
});

describe('an argument', () => {
  test.each(['--debug', '5005', '-Da.b_c=C:\\x\\y', '-Dlist=a,b;c', '--car'])('%s is carried', (argument) => {
    expect(failureOf(() => checkBatchArguments([argument]))).toBeUndefined();
  });

  test.each([
    '-Da=%PATH%',
    '-Da=b&calc',
    '-Da="b"',
    '-Da=b^c',
    '-Da=!x!',
    'a|b',
    'a<b',
    'a>b',
    '-Da=(b)',
    'ä',
    'a b',
    '',
  ])('%j is refused', (argument) => {
    expect(failureOf(() => checkBatchArguments(['-Dfine=1', argument]))).toMatchObject({
      kind: 'usage',
      what: `The start script can't carry the argument ${JSON.stringify(argument)}: only letters, digits and _ . : / \\ = , ; - get through cmd.exe as they are.`,
    });
  });
});

describe('the command line', () => {
  const argumentsIn = (...args: string[]): string =>
    batchCommandLine('C:\\Program Files (x86)\\mi\\bin\\mi.bat', args)
      .replace(/^.*mi\.bat" ?/, '')
      .slice(0, -1);

  test('waits for a line, and runs the script only where one came', () => {
    expect(batchCommandLine('C:\\Program Files (x86)\\mi\\bin\\mi.bat', ['-DportOffset=3'])).toBe(
      '/d /s /c "set /p WSO2LAUNCH_GATE=& if defined WSO2LAUNCH_GATE "C:\\Program Files (x86)\\mi\\bin\\mi.bat" -DportOffset=3"',
    );
  });

  test('holds a path of ours together', () => {
    const argument = '-Ddeployment.config.file.path=C:\\Users\\J. Doe (x)\\a.toml';
    expect(argumentsIn(argument)).toBe(`"${argument}"`);
  });

  test.each(['-Dfoo=stop', '-Dlog.level=debug', '-Da=1;--version', '-Da=b,c'])(
    'holds %s together, which the script would split into words that it knows',
    (argument) => {
      expect(argumentsIn(argument)).toBe(`"${argument}"`);
    },
  );

  test.each(['--debug', '-DportOffset=3', '-Dprofile=gateway-worker', '-Dpath=C:\\logs'])(
    'leaves %s bare',
    (argument) => {
      expect(argumentsIn(argument)).toBe(argument);
    },
  );

  test('keeps a backslash from taking the quote behind it', () => {
    expect(argumentsIn('-Da=stop,C:\\x\\', '-Db=1')).toBe('"-Da=stop,C:\\x\\\\" -Db=1');
  });
});
