import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('together');
const LAUNCHERS = 8;
// The long form: ROUNDS=10 BIND_AFTER_MS=4000 npm test -- together
const rounds = Number(process.env['ROUNDS'] ?? 1);
const bindAfterMs = Number(process.env['BIND_AFTER_MS'] ?? 1500);

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

test(
  'launchers that start together get different offsets without a gap, and no server misses a port',
  async () => {
    const homes = Array.from({ length: LAUNCHERS }, (_, index) =>
      sandbox.home(`mi-${index}`, { behaviour: { bindAfterMs } }),
    );
    for (let round = 0; round < rounds; round++) {
      const launchers = homes.map((home) =>
        sandbox.start(['mi', '--home', home, '-a', '--min-offset', String(MIN), '--json']),
      );
      const ready = await Promise.all(launchers.map((launcher) => launcher.event('ready')));
      const offsets = ready.map(({ offset }) => Number(offset)).sort((a, b) => a - b);
      expect(offsets).toEqual(Array.from({ length: LAUNCHERS }, (_, index) => MIN + index));
      expect(ready.flatMap(({ warnings }) => warnings)).toEqual([]);
      expect(launchers.flatMap(({ events }) => events.filter(({ event }) => event === 'retrying'))).toEqual([]);

      for (const launcher of launchers) launcher.kill('SIGTERM');
      const codes = await Promise.all(launchers.map(async (launcher) => (await launcher.exited).code));
      expect(codes).toEqual(Array(LAUNCHERS).fill(143));
    }
  },
  60_000 * rounds,
);
