import { describe, expect, test } from '@jest/globals';
import { jvmWayOf } from '../../src/domain/jvm-variable.js';

/** A start script of the shape that the products' own have. */
const shell = ({ reads, helper = false }: { reads: string; helper?: boolean }): string => `#!/bin/sh
# The diagnostics.sh of a comment, and java called for its version, are no part of it.
java_version=$("$JAVACMD" -version 2>&1)
if [ -z "$JVM_MEM_OPTS" ]; then
   JVM_MEM_OPTS="-Xms256m -Xmx1024m"
   JVM_MEM_OPTS="$JVM_MEM_OPTS -XX:MaxPermSize=256m"
fi
${helper ? '"$CARBON_HOME"/diagnostics-tool/bin/diagnostics.sh &' : ''}
"$JAVACMD" -cp "$CARBON_HOME/bin/*" KeyGenerator "$CARBON_HOME/repository/conf"
while [ "$status" = "121" ]
do
    $JAVACMD \\
    -Xbootclasspath/a:"$CARBON_XBOOTCLASSPATH" \\
    ${reads} \\
    org.wso2.carbon.bootstrap.Bootstrap $*
    status=$?
done
`;

const BATCH = `@echo off\r
set CMD_LINE_ARGS=-Xms256m -Xmx1024m %JAVA_OPTS%\r
set CMD_LINE_ARGS=%CMD_LINE_ARGS% -Dcarbon.home="%CARBON_HOME%"\r
:runJava\r
"%JAVA_HOME%\\bin\\java" %CMD_LINE_ARGS% org.wso2.carbon.bootstrap.Bootstrap %CMD%\r
`;

const ALL = '$JVM_MEM_OPTS $JAVA_OPTS $NODE_PARAMS';
const BOTH = '$JVM_MEM_OPTS $JAVA_OPTS';
const HEAP = '-Xms256m -Xmx1024m';

describe('options reach the JVM of the server alone', () => {
  test.each<[what: string, script: Parameters<typeof jvmWayOf>[0], variable: string, usual: string]>([
    ['MI', { text: shell({ reads: ALL, helper: true }), isDebugged: false }, 'NODE_PARAMS', ''],
    ['MI with --debug', { text: shell({ reads: ALL, helper: true }), isDebugged: true }, 'NODE_PARAMS', ''],
    [
      'API Manager with its helper',
      { text: shell({ reads: BOTH, helper: true }), helper: 'exec java $JAVA_OPTS', isDebugged: false },
      'JVM_MEM_OPTS',
      HEAP,
    ],
    ['a kernel', { text: shell({ reads: BOTH }), isDebugged: false }, 'JAVA_OPTS', ''],
    ['a kernel with --debug', { text: shell({ reads: BOTH }), isDebugged: true }, 'JVM_MEM_OPTS', HEAP],
    ['Carbon 5', { text: shell({ reads: '$JAVA_OPTS' }), isDebugged: false }, 'JAVA_OPTS', ''],
    ['a batch file', { text: BATCH, isDebugged: false }, 'JAVA_OPTS', ''],
  ])('%s', (_what, script, variable, usual) => {
    expect(jvmWayOf(script)).toEqual({ variable, usual });
  });

  test.each<[what: string, script: Parameters<typeof jvmWayOf>[0], why: string]>([
    ['with --debug in JAVA_OPTS alone', { text: shell({ reads: '$JAVA_OPTS' }), isDebugged: true }, '--debug'],
    ['a batch file with --debug', { text: BATCH, isDebugged: true }, '--debug'],
    ['none at all', { text: shell({ reads: '-server' }), isDebugged: false }, 'no variable'],
    [
      'none that the helper does not read',
      { text: shell({ reads: BOTH, helper: true }), helper: 'exec java $JAVA_OPTS $JVM_MEM_OPTS', isDebugged: false },
      'the helper',
    ],
  ])('there is no way: %s', (_what, script, why) => {
    const found = jvmWayOf(script);
    expect(found).toMatchObject({ why: expect.stringContaining(why), line: expect.any(Number) });
    const { line, text } = found as { line: number; text: string };
    expect(script.text.split(/\r?\n/)[line - 1]?.trim().slice(0, 8)).toBe(text.slice(0, 8));
  });

  test('a script that only calls another starts no JVM', () => {
    const text = 'java -cp "$CARBON_HOME/bin/tools/*" install\n"$CARBON_HOME/wso2/server/bin/carbon.sh" $*\n';
    expect(jvmWayOf({ text, isDebugged: false })).toBeUndefined();
  });
});
