import { expect, test } from '@jest/globals';
import { BottomLine } from '../../src/cli/bottom-line.js';
import { bootText, progressText } from '../../src/cli/progress.js';
import type { BootPhase } from '../../src/domain/facts.js';
import { inWords } from '../../src/domain/words.js';

test.each<[phase: BootPhase, elapsedMs: number, usualMs: number | undefined, words: string]>([
  ['jvm', 2_400, undefined, 'JVM, 2 s'],
  ['bundles', 31_000, 58_400, 'OSGi bundles, 31 s of about 58 s'],
  ['artifacts', 58_000, 58_000, 'artifacts, 58 s of about 58 s'],
  ['listeners', 71_000, 58_000, 'listeners, 71 s; about 58 s is usual'],
])('a boot in the phase %s after %i ms of %s', (phase, elapsedMs, usualMs, words) => {
  expect(`${progressText('mi', { phase, elapsedMs, usualMs })}`).toBe(`wso2-launch: mi starts: ${words}`);
});

test('a boot that waits for somebody says for whom', () => {
  const look = { phase: 'jvm', elapsedMs: 31_000, usualMs: 58_000, awaits: ['a debugger on 5005'] } as const;
  expect(`${progressText('mi', look)}`).toBe('wso2-launch: mi waits for a debugger on 5005, 31 s');
});

test('where the time went is a line for all of it, and one for each thing that took long', () => {
  const report = {
    durationMs: 15_000,
    phases: [
      { phase: 'jvm', durationMs: 6_100 },
      { phase: 'listeners', durationMs: 8_900 },
    ],
    gaps: [{ durationMs: 5_600, after: 'Registry: mounted' }],
    artifacts: [{ name: 'orders_1.0.0', durationMs: 3_000 }],
  } as const;
  expect(`${bootText(report)}`).toBe(
    'boot took 15.0 s: JVM 6.1 s, listeners 8.9 s\n' +
      '  5.6 s without a line after: Registry: mounted\n' +
      '  3.0 s for orders_1.0.0\n',
  );
});

/** A terminal with one screen: what is on it after all that was written to it. */
function screenOf(written: string): string {
  return written
    .replaceAll('\u001b[?7l', '')
    .replaceAll('\u001b[?7h', '')
    .split('\n')
    .map((line) => line.split('\r\u001b[2K').at(-1))
    .join('\n');
}

test('the line below stays below whatever else is written, and goes without a trace', async () => {
  let written = '';
  const put = (text: string): void => {
    written += text;
  };
  const line = new BottomLine(put);
  line.say(inWords`one`);
  line.show(inWords`31 s`);
  expect(screenOf(written)).toBe('one\n31 s');
  line.say(inWords`two`);
  expect(screenOf(written)).toBe('one\ntwo\n31 s');
  await line.above(async () => put('its '), false);
  line.show(inWords`32 s`);
  expect(screenOf(written)).toBe('one\ntwo\nits ');
  await line.above(async () => put('own\n'), true);
  expect(screenOf(written)).toBe('one\ntwo\nits own\n32 s');
  line.show(undefined);
  line.say(inWords`ready`);
  expect(screenOf(written)).toBe('one\ntwo\nits own\nready\n');
});
