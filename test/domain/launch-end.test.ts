import { expect, test } from '@jest/globals';
import { endOf, exitCodeOf, type LaunchEnd, StopAsked } from '../../src/domain/launch-end.js';

const stopped = (...why: ConstructorParameters<typeof StopAsked>): LaunchEnd => endOf(new StopAsked(...why));

const ROWS: readonly [string, LaunchEnd, number][] = [
  ['a stop from elsewhere', stopped('asked'), 0],
  ['a shutdown from inside', stopped('from-inside'), 0],
  ['Ctrl-C', stopped('signal', 'SIGINT'), 130],
  ['SIGTERM', stopped('signal', 'SIGTERM'), 143],
  ['a terminal that was closed', stopped('signal', 'SIGHUP'), 129],
  ['a parent that is gone', stopped('parent-gone'), 129],
  ['work that has ended', { kind: 'work-done', code: 42 }, 42],
];
test.each(ROWS)('%s', (_, end, code) => {
  expect(exitCodeOf(end)).toBe(code);
});
