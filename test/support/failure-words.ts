import { inCommandLine } from '../../src/cli/wording.js';
import { describeFailure, type Failure } from '../../src/domain/failure.js';

export interface FailureWords {
  readonly message: string;
  readonly hint: string;
}

/** The words of a failure, as the command line says them unless told otherwise. */
export function failureWords(failure: Failure, wording = inCommandLine): FailureWords {
  const { message, hint } = describeFailure(failure);
  return { message: wording(message), hint: wording(hint) };
}
