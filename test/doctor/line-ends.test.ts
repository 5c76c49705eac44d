import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeLineEnds } from '../../src/doctor/line-ends.js';
import { windowsHost } from '../../src/system/windows/host.js';
import { Examination } from '../support/examination.js';
import { inWords, one } from '../support/findings.js';

test.each<[what: string, scripts: readonly string[], words: string]>([
  ['scripts as they should be', [], 'ok line-ends'],
  [
    'a script from Windows',
    ['/am/bin/api-manager.sh'],
    "error line-ends: /am/bin/api-manager.sh has the line ends of Windows. → sed -i 's/\\r$//' /am/bin/api-manager.sh",
  ],
  [
    'two, one with a space in its path',
    ['/a.sh', '/b c.sh'],
    "error line-ends: /a.sh, /b c.sh have the line ends of Windows. → sed -i 's/\\r$//' /a.sh '/b c.sh'",
  ],
])('%s', (_what, scripts, words) => {
  expect(inWords(judgeLineEnds(scripts))).toBe(words);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('scripts that the start script calls may have the line ends of Windows', async () => {
    const home = examination.home('mi', '4.4.0');
    examination.write(
      join(home, 'bin/micro-integrator.sh'),
      '#!/bin/sh\n. "$CARBON_HOME/bin/first.sh"\nbin/absent.sh\n',
    );
    examination.write(join(home, 'bin/first.sh'), 'sh second.sh\nsh first.sh\n');
    examination.write(join(home, 'bin/second.sh'), '#!/bin/sh\r\n');
    examination.write(join(home, 'bin/not-called.sh'), '#!/bin/sh\r\n');
    expect(one(await examination.findings(home), 'line-ends')).toMatchObject({
      level: 'error',
      mend: `sed -i 's/\\r$//' ${home}/bin/second.sh`,
    });
  });

  test('scripts on Windows end their lines as they please', async () => {
    const home = examination.home('mi', '4.4.0');
    examination.changed = { host: windowsHost };
    examination.write(join(home, 'bin/micro-integrator.bat'), '@echo off\r\n');
    expect(one(await examination.findings(home), 'line-ends')).toBeUndefined();
  });
});
