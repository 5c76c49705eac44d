import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('boot');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const SLOW = {
  bootLine: 'Pass-through HTTP Listener started on 0.0.0.0:8290',
  bindAfterMs: 4_000,
};

const launchOf = (home: string, ...more: readonly string[]): string[] => [
  ...['mi', '--home', home, '--offset', String(MIN)],
  ...more,
];

const ON_TERMINAL = ['sh', '-c', 'exec script -qfec "$0 $*" /dev/null', process.execPath];

needing('script').test('on a terminal a line tells how far it is, and what is usual once that is known', async () => {
  const home = sandbox.home('mi', { behaviour: SLOW });
  for (const usual of ['', ' of about \\d+ s  [█░]{20}|; about \\d+ s is usual']) {
    const cli = sandbox.start(launchOf(home), { through: ON_TERMINAL, env: { TERM: 'xterm', NO_COLOR: '1' } });
    await until('the banner', () => cli.stdout.includes('Ctrl-C stops it'), 30_000);
    const frame = new RegExp(`\\u001b\\[\\?7lwso2-launch: mi starts: listeners, \\d+ s(?:${usual})`);
    expect(cli.stdout).toMatch(frame);
    // What was on the line before the banner came is gone.
    const banner = cli.stdout.indexOf('ready in');
    expect(cli.stdout.lastIndexOf('\u001b[2K', banner)).toBeGreaterThan(cli.stdout.lastIndexOf('mi starts', banner));
    expect(cli.stdout.indexOf('mi starts', banner)).toBe(-1);
    await sandbox.run(['stop', 'mi']);
    await cli.exited;
  }
});

test('off a terminal nothing is drawn, and --verbose and status tell where the time went', async () => {
  const home = sandbox.home('mi', { behaviour: SLOW });
  const quiet = await sandbox.run(launchOf(home, '--detach'));
  expect(quiet.stderr).toMatch(/wso2-launch: mi ready, offset \d+, [\d.]+ s\n$/);
  expect(quiet.stderr).not.toContain('\u001b');
  await sandbox.run(['stop', 'mi']);

  const { stderr } = await sandbox.run(launchOf(home, '--detach', '--verbose'));
  const took = /boot took [\d.]+ s: JVM [\d.]+ s, OSGi bundles [\d.]+ s, listeners [\d.]+ s/;
  const silence = /[\d.]+ s without a line after: .*Listener started on/;
  for (const words of [stderr, (await sandbox.run(['status', 'mi'])).stdout]) {
    expect(words).toMatch(took);
    expect(words).toMatch(silence);
  }
  await sandbox.run(['stop', 'mi']);
});
