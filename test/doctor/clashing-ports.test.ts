import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeClashes } from '../../src/doctor/clashing-ports.js';
import { Examination } from '../support/examination.js';
import { inWords, troubles } from '../support/findings.js';

test.each<[what: string, warnings: readonly string[], words: string]>([
  ['no clash', [], 'ok clashing-ports'],
  [
    'a clash',
    ['a and b both want port 1.'],
    'warning clashing-ports: a and b both want port 1. → Give one of them another port; where only one of them moves, another offset parts them.',
  ],
])('%s', (_what, warnings, words) => {
  expect(judgeClashes(warnings).map(inWords)).toEqual([words]);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('one port that two listeners want is told', async () => {
    const toml = '[transport.http]\nlistener.port = 8243\n';
    const home = examination.home('mi', '4.4.0', toml);
    expect(troubles(await examination.findings(home))).toEqual(['warning clashing-ports']);
  });
});
