import { asLaunchError } from '../domain/failure.js';
import { LaunchError } from './error.js';
import { failureReport } from './events.js';
import { inLibrary } from './wording.js';

/** An error as whoever uses the library sees it. */
export function publicError(error: unknown): LaunchError {
  if (error instanceof LaunchError) return error;
  const expected = asLaunchError(error);
  const { cause } = expected;
  return new LaunchError(failureReport(expected, inLibrary), cause === undefined ? {} : { cause });
}

/** Does some work, and fails with a {@link LaunchError} where that fails. */
export async function withPublicErrors<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw publicError(error);
  }
}
