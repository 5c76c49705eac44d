import { LaunchError } from '../api/error.js';
import { printable } from '../domain/words.js';

/**
 * An error as a test runner is to print it: of a launch that failed its message, the hint and the last lines of the log.
 * The stack and the cause, which would only lead into this package, are left out.
 */
export function forRunner(error: unknown): unknown {
  if (!(error instanceof LaunchError)) return error;
  const { name } = error;
  const shown = new Error(failureText(error));
  return Object.defineProperties(shown, { name: { value: name }, stack: { value: `${name}: ${shown.message}` } });
}

/** The words of a failure, a line each. */
export function failureText({ message, hint, lastLines }: LaunchError): string {
  const lines = [...message.split('\n'), ...hint.split('\n'), ...lastLines.map((line) => `  ${line}`)];
  return lines
    .filter((line) => line !== '')
    .map(printable)
    .join('\n');
}
