import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeReadyLine } from '../../src/doctor/ready-line.js';
import type { LogRoute } from '../../src/domain/log-route.js';
import { Examination } from '../support/examination.js';
import { inWords, one } from '../support/findings.js';

test.each<[route: LogRoute, words: string]>([
  [{ kind: 'console' }, 'ok ready-line'],
  [{ kind: 'file', path: '/is/repository/logs/wso2carbon.log' }, 'ok ready-line'],
  [
    { kind: 'nowhere' },
    'warning ready-line: conf/log4j2.properties keeps the line that the server has started from console and log file. → Let INFO of org.Boot through to the console there.',
  ],
])('a ready line that goes to %j', (route, words) => {
  const logging = { configFile: 'conf/log4j2.properties', readyLogger: 'org.Boot', folders: {} };
  expect(inWords(judgeReadyLine(route, logging))).toBe(words);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test.each([
    ['rootLogger = INFO, C', 'ok', 'The server says on its console that it has started.'],
    ['rootLogger = INFO, F', 'ok', 'The server says in /var/log/carbon.log that it has started.'],
    [
      'rootLogger = WARN, C, F',
      'warning',
      'repository/conf/log4j2.properties keeps the line that the server has started from console and log file.',
    ],
  ])('tells where the logging configuration sends the ready line: %s', async (root, level, what) => {
    const home = examination.home('is', '7.1.0');
    const appenders = [
      'C.type = Console',
      'C.name = C',
      'F.type = File',
      'F.name = F',
      'F.fileName = /var/log/carbon.log',
    ];
    const text = [...appenders.map((line) => `appender.${line}`), root].join('\n');
    examination.write(join(home, 'repository/conf/log4j2.properties'), text);
    expect(one(await examination.findings(home), 'ready-line')).toMatchObject({ level, what });
  });
});
