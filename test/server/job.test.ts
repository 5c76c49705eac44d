import { describe, expect, test } from '@jest/globals';
import { jobEndOf } from '../../src/server/job.js';
import type { LogSummary } from '../../src/server/log-watch.js';
import type { RunningServer } from '../../src/server/start.js';
import type { Exit } from '../../src/system/spawning.js';

const OWN = '[2026-11-29 07:29:39,379]  INFO {Main} - Starting';
const SHUT_DOWN: Partial<LogSummary> = { shutdownAtMs: 1 };

interface Ended {
  readonly exit?: Partial<Exit>;
  readonly lines?: readonly string[];
  readonly seen?: Partial<LogSummary>;
  readonly scriptsPassCode?: boolean;
  readonly tellsShutdown?: boolean;
}

function endOf({ exit = { code: 0 }, lines = [OWN], seen = {}, ...more }: Ended) {
  const { scriptsPassCode = false, tellsShutdown = true } = more;
  const log = {
    lastLines: () => [...lines],
    since: (): LogSummary => ({ bindFailures: [], fatals: [], asksForPassword: false, ...seen }),
  };
  const server = { exit: { code: null, signal: null, ...exit }, log } as unknown as RunningServer;
  return jobEndOf(server, { since: 0, tellsShutdown, host: { scriptsPassCode } })?.code;
}

describe('the end of a job', () => {
  test.each<[what: string, ended: Ended, code: number | undefined]>([
    ['whose script passes a code on', { exit: { code: 3 }, seen: SHUT_DOWN }, 3],
    ['whose script passes 0 on, as batch files do', { scriptsPassCode: true }, 0],
    ['whose script was killed', { exit: { signal: 'SIGKILL' } }, 137],
    ['whose JVM was killed', { lines: [OWN, 'bin/mi.sh: line 3:  7 Killed   java'] }, 137],
    ['whose JVM was terminated', { lines: [OWN, 'Terminated'] }, 143],
    ['that says that it shuts down', { seen: SHUT_DOWN }, 0],
    ['that says that it shuts down, and what is fatal', { seen: { ...SHUT_DOWN, fatals: ['Cannot start'] } }, 1],
    ['that says nothing', {}, 1],
    ['of a server that never says it', { tellsShutdown: false }, 0],
    [
      'of a server that never says it, but why it fell',
      { tellsShutdown: false, lines: [OWN, '[2026-11-29 07:29:40,000] ERROR {X} - java.lang.OutOfMemoryError'] },
      1,
    ],
    ['that had not begun: no line is the server’s own', { lines: ['Unrecognized VM option'] }, undefined],
    ['that had not begun, whatever its code is', { exit: { code: 1 }, lines: [] }, undefined],
    ['whose script could not be started', { exit: { error: new Error('ENOENT') } }, undefined],
  ])('%s', (_, ended, code) => {
    expect(endOf(ended)).toBe(code);
  });

  test('that still runs is none', () => {
    const server = { exit: undefined } as RunningServer;
    expect(jobEndOf(server, { since: 0, tellsShutdown: true, host: { scriptsPassCode: false } })).toBeUndefined();
  });
});
