import { stripColours } from '../../domain/log.js';
import { type Instance, isRunning, listInstances } from '../../instance/list.js';
import { LineSplitter } from '../../server/log-lines.js';
import { followFile } from '../../system/follow.js';
import type { System } from '../../system/index.js';
import type { FollowedLog, Liveness } from './deployment-words.js';
import { RecordJoiner } from './record-joiner.js';

const PATIENCE_MS = 2_000;

/** Hands over whole records of a log, without colours, from a position on. */
export function followRecords(logFile: string, from: number, take: (lines: readonly string[]) => void): FollowedLog {
  const splitter = new LineSplitter();
  const decoder = new TextDecoder();
  const records = new RecordJoiner((lines) => take(lines.map(stripColours)));
  const follower = followFile(logFile, from, (block) => {
    records.take(splitter.take(decoder.decode(block, { stream: true })));
  });
  return {
    caughtUp: async () => {
      await follower.caughtUp(PATIENCE_MS);
      records.take(splitter.rest());
      records.finish();
    },
    close: () => {
      follower.close();
      records.finish();
    },
  };
}

/** The same instance by now: another one may have got its name, and then this one has ended. */
export async function livenessOf({ leaseId }: Instance, system: System): Promise<Liveness> {
  const now = (await listInstances(system)).find((one) => one.leaseId === leaseId);
  if (!now || !isRunning(now)) return 'ended';
  return now.status === 'starting' || now.status === 'restarting' ? 'not-up' : 'up';
}
