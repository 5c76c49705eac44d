import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeClientPorts } from '../../src/doctor/ephemeral-ports.js';
import { atOffset, Examination } from '../support/examination.js';
import { inWords, troubles } from '../support/findings.js';

const SUBJECT = { id: 'apim', home: '/opt/my am' };

test.each<[what: string, warnings: readonly string[], words: string]>([
  ['no ports of outgoing connections', [], 'ok ephemeral-ports'],
  [
    'ports of outgoing connections',
    ['Port 33000 is.'],
    "warning ephemeral-ports: Port 33000 is. → wso2-launch apim --home '/opt/my am' --auto-offset --min-offset 0",
  ],
])('%s', (_what, warnings, words) => {
  expect(judgeClientPorts(warnings, SUBJECT).map(inWords)).toEqual([words]);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('the offset decides whether ports are those of outgoing connections', async () => {
    const home = examination.home('apim', '4.5.0');
    expect(troubles(await examination.findings(home))).toEqual([]);
    expect(troubles(await examination.findings(home, atOffset(30_000)))).toEqual(['warning ephemeral-ports']);
  });
});
