import { expect, test } from '@jest/globals';
import { inCommandLine } from '../../src/cli/wording.js';
import { parseScriptArguments } from '../../src/domain/command.js';
import { awaitedDebuggers, awaitedText } from '../../src/domain/debuggers.js';

const LATE = ', however long that takes.';

test.each<[args: string[], options: string, says: string | undefined]>([
  [['--debug', '5005'], '', `The server waits for a debugger on 5005 (--debug) before it goes on${LATE}`],
  [['debug', '5005'], '', `The server waits for a debugger on 5005 (--debug) before it goes on${LATE}`],
  [['-Desb.debug=true'], '', `The server waits for Synapse's debugger (-Desb.debug) before it goes on${LATE}`],
  [
    [],
    '-Xmx1g -agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=*:5006',
    'The server waits for a debugger on 5006 (JAVA_OPTS) before it goes on; --ready-timeout counts all the same.',
  ],
  [
    [],
    '-Xrunjdwp:transport=dt_socket,server=y,address=5006',
    'The server waits for a debugger on 5006 (JAVA_OPTS) before it goes on; --ready-timeout counts all the same.',
  ],
  [[], '-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=5006', undefined],
  [[], '-agentlib:jdwp=transport=dt_socket,server=n,suspend=y,address=5006', undefined],
  [['-Desb.debug=false'], '', undefined],
])('%j with JAVA_OPTS "%s"', (args, options, says) => {
  const script = parseScriptArguments(args);
  const awaited = awaitedDebuggers(script, [{ source: 'JAVA_OPTS', words: options.split(' ') }]);
  const said = awaitedText(awaited, script);
  expect(said && inCommandLine(said)).toBe(says);
});
