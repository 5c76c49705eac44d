import { describe, expect, test } from '@jest/globals';
import { configure, NO_RULES } from '../../src/domain/configuration.js';
import { checkByRules, type RuleChecks } from '../../src/domain/rule-checks.js';
import { flatten } from '../../src/domain/toml.js';
import { refusal } from '../support/refusal.js';

const CHECKS: RuleChecks = {
  units: { time: { timeout: 'm', delay: 'ms' } },
  validations: {
    name: [{}],
    type: [{ regex: '\\Aone\\Z|\\Atwo\\Z' }],
    'one.url': [{ if: { type: 'one' }, regex: '.+' }],
    'java.only': [{ regex: '(?i)x' }],
  },
};
const DEFAULTS = { type: 'two', 'java.only': 'y', name: 'n' };

function check(text: string, defaults: Readonly<Record<string, unknown>> = DEFAULTS): void {
  const { settings } = configure(flatten(text, 'deployment.toml'), { ...NO_RULES, defaults });
  checkByRules(settings, (key) => settings.get(key), CHECKS, 'deployment.toml');
}

// As config-mapper 1.0.22 itself has decided, in its UnitResolver and its Validator.
describe('a value of the right kind is taken', () => {
  test.each([
    '',
    'type = "one"\none.url = "x"\n',
    'name = ""\n',
    'timeout = "15m"\ndelay = "2 h"\n',
    'timeout = 15\ndelay = 1.5\n',
    'timeout = 3.0\n',
    'timeout = "15"\n',
    'timeout = "0s"\n',
    'type = "$env{TYPE}"\n',
    'timeout = "$sys{timeout}"\n',
  ])('%j', (text) => {
    expect(() => check(text)).not.toThrow();
  });
});

describe('a value of the wrong kind is refused', () => {
  test.each<[string, string, string]>([
    ['type = "three"\n', 'type', 'is not of the form \\Aone\\Z|\\Atwo\\Z'],
    ['type = "one"\none.url = ""\n', 'one.url', 'is not of the form .+'],
    ['name = 5\n', 'name', 'has to be a text'],
    ['name = 5.0\n', 'name', 'has to be a text'],
    ['name = 1979-05-27\n', 'name', 'has to be a text'],
    ['name = ["x"]\n', 'name', 'has to be a text'],
    ['[[name]]\nx = 1\n', 'name', 'has to be a text'],
    ['timeout = "soon"\n', 'timeout', 'is no time'],
    ['timeout = "$env{MINUTES"\n', 'timeout', 'is no time'],
    ['timeout = true\n', 'timeout', 'is no time'],
    ['timeout = ["15m"]\n', 'timeout', 'is no time'],
    ['timeout = 07:32:00\n', 'timeout', 'is no time'],
    ['timeout = "15x"\n', 'timeout', 'has no unit that there is (d, h, m, s, ms)'],
    ['timeout = "30s"\n', 'timeout', 'is less than 1 m'],
  ])('%j', (text, key, trouble) => {
    const line = text.split('\n').length - 1;
    expect(refusal(() => check(text))).toEqual({
      code: 3,
      message: expect.stringMatching(/^deployment\.toml, line \d \(/) as unknown,
      hint: 'The server would end with this file; mend that value.',
    });
    expect(refusal(() => check(text)).message).toContain(
      `: the value of ${key} ${trouble}, which the server's own rules refuse.`,
    );
    expect(refusal(() => check(text)).message).toContain(`, line ${line} (`);
  });

  test('that nobody has set', () => {
    expect(refusal(() => check('', { ...DEFAULTS, type: undefined })).message).toBe(
      "deployment.toml: the value of type, which it does not set, is not of the form \\Aone\\Z|\\Atwo\\Z, which the server's own rules refuse.",
    );
  });
});
