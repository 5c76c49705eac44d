import { beforeEach, expect, test } from '@jest/globals';
import { type Liveness, type Told, untilTold } from '../../src/api/internal/deployment-words.js';
import { type AwaitedArtifact, type DeploymentAction, SILENCE_MS } from '../../src/domain/deployment.js';
import { FakeClock, type Outcome } from '../support/fake-system.js';

const words = {
  deployed: ['Deployed {file}'],
  undeployed: ['Undeployed {file}'],
  faulty: ['Failed {file}'],
} as const;
const ONE: AwaitedArtifact = { file: 'one.war', names: [], words };
const QUIET: AwaitedArtifact = {
  file: 'quiet.dbs',
  names: [],
  words: { ...words, deployed: [], unsaid: ['deployed'] },
};

let clock: FakeClock;
let told: Told<AwaitedArtifact>[];
let liveness: Liveness;
/** Handed over when the log is caught up with, and not before. */
let late: string[];
let write: (lines: readonly string[]) => void;
let isClosed: boolean;
beforeEach(() => {
  clock = new FakeClock();
  told = [];
  liveness = 'up';
  late = [];
  isClosed = false;
});

interface Asked {
  readonly artifacts?: readonly AwaitedArtifact[];
  readonly action?: DeploymentAction;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const watch = ({ artifacts = [ONE], action = 'deploy', ...more }: Asked = {}): Promise<Outcome<string>> =>
  clock.watch(
    untilTold(
      {
        ...{ artifacts, action, timeoutMs: 300_000, signal: new AbortController().signal },
        ...more,
        follow: (take) => {
          write = take;
          return {
            caughtUp: async () => take(late),
            close: () => {
              isClosed = true;
            },
          };
        },
        look: async () => liveness,
        tell: (one) => told.push(one),
      },
      { clock },
    ),
  );

const after = (ms: number, act: () => void): void => clock.after(ms, act);

test('each is told when its word comes, and the wait ends with the last', async () => {
  const two = { ...ONE, file: 'two.war' };
  after(2_000, () => write(['Deployed two.war']));
  after(5_000, () => write(['ERROR Failed one.war']));
  expect(await watch({ artifacts: [ONE, two] })).toMatchObject({ value: 'all-told' });
  expect(told.map(({ artifact, verdict }) => [artifact.file, verdict])).toEqual([
    ['two.war', { kind: 'done' }],
    ['one.war', { kind: 'faulty', lines: ['ERROR Failed one.war'] }],
  ]);
  const [first] = told;
  expect(first?.durationMs).toBeGreaterThanOrEqual(2_000);
  expect(first?.durationMs).toBeLessThan(2_500);
  expect(isClosed).toBe(true);
});

test('a server that ends ends the wait, once all that it has written is read', async () => {
  after(3_000, () => {
    late = ['Deployed one.war'];
    liveness = 'ended';
  });
  expect(await watch({ artifacts: [ONE, { ...ONE, file: 'two.war' }] })).toMatchObject({ value: 'server-ended' });
  expect(told).toMatchObject([{ artifact: ONE, verdict: { kind: 'done' } }]);
});

test('its time is over when it is, and what was written until then counts', async () => {
  expect(await watch({ timeoutMs: 1_500 })).toEqual({ value: 'time-over', tookMs: 1_500 });
  after(1_400, () => {
    late = ['Deployed one.war'];
  });
  expect(await watch({ timeoutMs: 1_500 })).toMatchObject({ value: 'all-told' });
});

test('one of which nothing is said has had its rounds once the server is up', async () => {
  liveness = 'not-up';
  after(60_000, () => {
    liveness = 'up';
  });
  expect(await watch({ artifacts: [QUIET] })).toMatchObject({ value: 'all-told' });
  expect(told).toMatchObject([{ verdict: { kind: 'unsaid' } }]);
  expect(told[0]?.durationMs).toBeGreaterThanOrEqual(60_000 + SILENCE_MS);
});

test('of others silence says nothing', async () => {
  expect(await watch({ artifacts: [QUIET], action: 'undeploy', timeoutMs: 2 * SILENCE_MS })).toMatchObject({
    value: 'time-over',
  });
  expect(await watch({ timeoutMs: 2 * SILENCE_MS })).toMatchObject({ value: 'time-over' });
});

test('a fault within that time is a fault', async () => {
  after(20_000, () => write(['ERROR Failed quiet.dbs']));
  await watch({ artifacts: [QUIET] });
  expect(told).toMatchObject([{ verdict: { kind: 'faulty' } }]);
});

test('a signal ends it', async () => {
  const abort = new AbortController();
  after(1_000, () => abort.abort(new Error('enough')));
  expect(await watch({ signal: abort.signal })).toMatchObject({ error: new Error('enough') });
  expect(isClosed).toBe(true);
});
