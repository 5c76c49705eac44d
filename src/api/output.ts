import type { Writable } from 'node:stream';
import { LogCopy } from './internal/log-copy.js';
import type { LaunchOptions } from './types.js';

/** The longest wait for a reader that takes nothing at the end. */
const READER_PATIENCE_MS = 30_000;

/** Copies what a server writes to its log, at the pace of whoever reads. */
export interface OutputCopy {
  /** Copies a log from its beginning; the log that was followed before has ended. */
  follow(logFile: string): void;
  /** Resolves once all of it is handed over, or nobody takes it. */
  finish(): Promise<void>;
}

export function copyOutput(output: LaunchOptions['output']): OutputCopy {
  const stream = output === 'inherit' ? process.stdout : output;
  if (stream === undefined || stream === 'ignore') return { follow: () => {}, finish: async () => {} };
  // The buffer is used again once it is taken. A log that is removed while its server runs costs no more than what was
  // in it.
  const failed = output === 'inherit' ? hearError : () => {};
  const copy = new LogCopy((block) => taken(stream, Buffer.from(block), failed), { rolls: true });
  return {
    follow: (logFile) => copy.follow(logFile),
    async finish() {
      await copy.caughtUp(READER_PATIENCE_MS);
      copy.close();
    },
  };
}

/** Keeps a host whose output nobody reads any more from an error that it has no part in, as its `console.log` does. */
function hearError(stream: Writable): void {
  if (stream.listenerCount('error') === 0) stream.once('error', () => {});
}

/**
 * Whether the stream takes the block; false where nobody reads any more.
 * @param failed called before the stream emits its error, which is else for its maker
 */
const taken = (stream: Writable, block: Buffer, failed: (stream: Writable) => void): Promise<boolean> =>
  new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) return resolve(false);
    const leave = (): void => resolve(false);
    stream.once('close', leave);
    stream.write(block, (error) => {
      stream.removeListener('close', leave);
      if (error) failed(stream);
      resolve(!error);
    });
  });
