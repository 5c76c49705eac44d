import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { isTimeout, untilAborted, withinTime } from '../../src/system/clock.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('a time-out fires whatever garbage is collected meanwhile', async () => {
  let collecting: NodeJS.Timeout | undefined;
  const reason = await new Promise((resolve) => {
    withinTime(new AbortController().signal, 200).addEventListener('abort', ({ target }) =>
      resolve((target as AbortSignal).reason),
    );
    const deadlineMs = performance.now() + 10_000;
    collecting = setInterval(() => {
      collectGarbage();
      if (performance.now() > deadlineMs) resolve('never');
    }, 10);
  }).finally(() => clearInterval(collecting));
  expect(isTimeout(reason)).toBe(true);
});

test('it fires with another signal, which is no time-out', async () => {
  const asked = new AbortController();
  const either = withinTime(asked.signal, 60_000);
  asked.abort();
  await untilAborted(either);
  expect(isTimeout(either.reason)).toBe(false);
});
