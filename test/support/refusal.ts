import { LaunchError } from '../../src/domain/failure.js';
import { failureWords } from './failure-words.js';

export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The exit code and the words with which some work is refused. */
export function refusal(work: () => unknown): Refusal {
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    if (error instanceof LaunchError) return { code: error.exitCode, ...failureWords(error.failure) };
    throw error;
  }
  throw new Error(`nothing was refused, and the result is ${JSON.stringify(result)}`);
}
