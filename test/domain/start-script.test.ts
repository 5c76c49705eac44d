import { describe, expect, test } from '@jest/globals';
import { readBatchFile } from '../../src/domain/start-script/batch.js';
import { decidesMore, type StartScript } from '../../src/domain/start-script/java-line.js';
import { readShellScript } from '../../src/domain/start-script/posix.js';

const FILES: Readonly<Record<string, string>> = {
  '/home/bin/setenv.sh': 'JAVA_OPTS="$JAVA_OPTS -Dd=4"\nexport IP=1.2.3.4\n',
  '/home/bin/self.sh': '. /home/bin/self.sh\nA=-Da=1\n',
};
const around = {
  variable: (name: string) => ({ CARBON_HOME: '/home', GIVEN: '-Dg=1 -Dh=2', ONE: '1' })[name],
  sourced: (path: string) => {
    const text = FILES[path];
    return text === undefined ? undefined : { text, name: path.slice('/home/bin/'.length) };
  },
};

const MAIN = 'org.wso2.carbon.bootstrap.Bootstrap';

/** The options and arguments of a script, an open one with a question mark before it. */
const said = ({ java }: StartScript) => {
  const words = (list: readonly ({ readonly text: string; readonly isOpen?: true } | 'JAVA_OPTS')[] = []) =>
    list.map((word) => (word === 'JAVA_OPTS' ? word : `${word.isOpen ? '?' : ''}${word.text}`));
  return java && { options: words(java.options), before: words(java.before), behind: words(java.behind) };
};

describe('the options of a shell script’s own java command', () => {
  test.each<[what: string, script: string, options: readonly string[]]>([
    ['in one line', `exec java -Da=1 -Db="$CARBON_HOME/x y" ${MAIN} $*`, ['-Da=1', '-Db=/home/x y']],
    ['in several', `$JAVACMD \\\n  -Da=1 \\\n  $JAVA_OPTS \\\n -Db=2\\\n  ${MAIN} $*`, ['-Da=1', 'JAVA_OPTS', '-Db=2']],
    ['in a loop', `while [ "$status" = 121 ]\ndo\n  java -Da=1 ${MAIN} "$@"\n  status=$?\ndone`, ['-Da=1']],
    ['quoted in parts', `java '-Da=$x' -D"b"=2 -Dc\\ d=3 ${MAIN}`, ['-Da=$x', '-Db=2', '-Dc d=3']],
    ['of a variable, word by word', `java $GIVEN "$GIVEN" ${MAIN}`, ['-Dg=1', '-Dh=2', '-Dg=1 -Dh=2']],
    ['of a variable of its own', `OPTS="-Da=1 -Db=\${ONE}"\njava $OPTS ${MAIN}`, ['-Da=1', '-Db=1']],
    ['with defaults', `java -Da=\${NONE:-7} -Db=\${ONE:-8} -Dc=$NONE ${MAIN}`, ['-Da=7', '-Db=1', '-Dc=']],
    [
      'of JAVA_OPTS that it adds to',
      `JAVA_OPTS="-Da=1 $JAVA_OPTS -Db=2"\njava $JAVA_OPTS ${MAIN}`,
      ['-Da=1', 'JAVA_OPTS', '-Db=2'],
    ],
    ['of a file that it takes in', `. "$CARBON_HOME/bin/setenv.sh"\njava $JAVA_OPTS ${MAIN}`, ['JAVA_OPTS', '-Dd=4']],
    ['of a file that takes itself in', `source /home/bin/self.sh\njava $A ${MAIN}`, ['-Da=1']],
    [
      'that only the shell knows',
      `java -Da=$(date) -Db=\`id\` -Dc=\${x#y} ${MAIN}`,
      ['?-Da=$(date)', '?-Db=`id`', '?-Dc=${x#y}'],
    ],
    [
      'behind conditions',
      `if [ 1 ]; then A=-Da=1; fi\n[ 1 ] && B=-Db=1\nB=-Db=2\n[ 1 ] || B=-Db=3\njava $A $B ${MAIN}`,
      ['-Db=2'],
    ],
    ['beside comments', `# java -Dx=1 ${MAIN}\njava -Da=1#2 ${MAIN} # -Db=1`, ['-Da=1#2']],
    ['of Carbon 5', 'java -Da=1 org.wso2.carbon.launcher.Main $*', ['-Da=1']],
  ])('%s', (_what, script, options) => {
    expect(said(readShellScript(script, 'x.sh', around))?.options).toEqual(options);
  });

  test('come with their places', () => {
    const script = `\nA="-Da=1"\njava \\\n  $A \\\n  -Db=2 ${MAIN} -Dc=3 $* -Dd=4\n`;
    const { java } = readShellScript(script, 'wso2server.sh', around);
    expect(java).toEqual({
      options: [
        { text: '-Da=1', source: 'wso2server.sh:4' },
        { text: '-Db=2', source: 'wso2server.sh:5' },
      ],
      before: [{ text: '-Dc=3', source: 'wso2server.sh:5' }],
      behind: [{ text: '-Dd=4', source: 'wso2server.sh:5' }],
    });
  });

  test.each(['', '#!/bin/sh\nexec sleep 1\n', '"$JAVACMD" -version', 'nohup sh wso2server.sh "unclosed', "echo 'a"])(
    'are not there in %j',
    (script) => {
      expect(readShellScript(script, 'x.sh', around).java).toBeUndefined();
    },
  );
});

describe('the variables that a shell script sets for its server', () => {
  test.each<[script: string, exports: Readonly<Record<string, string | undefined>>]>([
    ['export A=1 B="$ONE x"\n', { A: '1', B: '1 x' }],
    ['A=1\nexport A\nB=2\n', { A: '1' }],
    ['A=$(hostname)\nexport A\n', { A: undefined }],
    ['if [ 1 ]; then export A=1; fi\n', { A: undefined }],
    [`A=1 java ${MAIN}\n`, { A: '1' }],
    ['set -a\nA=1\nset +a\nB=2\n', { A: '1' }],
    ['. /home/bin/setenv.sh\n', { IP: '1.2.3.4' }],
  ])('%j', (script, exports) => {
    expect(Object.fromEntries(readShellScript(script, 'x.sh', around).exports)).toEqual(exports);
  });
});

test('the options of a batch file’s own java command are told, those of its variables with their lines', () => {
  const script = `@echo off\r
rem set CMD_LINE_ARGS=-Dx=1\r
set JAVA_OPTS=-Xdebug -Xrunjdwp:address=%DEBUG_PORT%\r
set "JAVA_OPTS=%JAVA_OPTS% -Da=1"\r
set CMD_LINE_ARGS=-Xms256m %JAVA_OPTS% -Dhome="%CARBON_HOME%\\x y" ^\r
  -Dopen=%NONE% -Ddelayed=!ARG!\r
"%JAVA_HOME%\\bin\\java" %CMD_LINE_ARGS% -Db=2 ${MAIN} -Dc=3 %CMD%\r
`;
  const read = readBatchFile(script, 'wso2server.bat', around);
  expect(said(read)).toEqual({
    options: ['-Xms256m', 'JAVA_OPTS', '-Da=1', '-Dhome=/home\\x y', '?-Dopen=%NONE%', '?-Ddelayed=!ARG!', '-Db=2'],
    before: ['-Dc=3'],
    behind: [],
  });
  expect(read.java?.options[0]).toMatchObject({ source: 'wso2server.bat:5' });
});

describe('a script is read as a whole only where it may decide more than the products’ own', () => {
  const own = `java $JAVA_OPTS -Dcom.sun.management.jmxremote -DenableManagementApi=true -DworkerNode=false ${MAIN} $*\n`;
  test.each([own, `${own}JAVA_OPTS="-Xrunjdwp:transport=dt_socket,server=y,address=$PORT"\n`])('not %j', (text) => {
    expect(decidesMore(text)).toBe(false);
  });
  test.each([
    '-DportOffset=2',
    '-Dcom.sun.management.jmxremote.port=9010',
    '-Dtomcat.https.port=1',
    '-DenableManagementApi=false',
    '-agentlib:jdwp=transport=dt_socket,server=y,address=5005',
    '\n. ./setenv.sh\n',
  ])('with %j', (more) => {
    expect(decidesMore(`${own}${more}`)).toBe(true);
  });
  test('without JAVA_OPTS', () => {
    expect(decidesMore(`java ${MAIN} $*`)).toBe(true);
  });
});
