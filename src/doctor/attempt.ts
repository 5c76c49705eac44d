import { LaunchError } from '../domain/failure.js';

/** What a stage of a launch returns, or the LaunchError that it throws; other errors are thrown on. */
export function attempt<T>(stage: () => T): T | LaunchError {
  try {
    return stage();
  } catch (error) {
    if (error instanceof LaunchError) return error;
    throw error;
  }
}
