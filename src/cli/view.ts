import type { Words } from '../domain/words.js';
import type { Format } from './formats.js';
import type { Reporter } from './report.js';
import type { Output } from './terminal.js';

/** The answer of a command that answers once. */
export interface View {
  /** The document for programs; absent where the command itself was told in which form to answer. */
  readonly data?: object;
  /** The answer for people, made only when it is wanted. */
  readonly text: () => Words;
  /** The exit code; absent: 0. */
  readonly code?: number;
  /** Told below it. */
  readonly warnings?: readonly string[];
}

/** Writes an answer in the format that is asked for: the exit code. */
export async function show(
  { data, text, code = 0, warnings = [] }: View,
  {
    format,
    output,
    reporter,
  }: { readonly format: Format | undefined; readonly output: Output; readonly reporter: Pick<Reporter, 'warn'> },
): Promise<number> {
  await output.write(format && data ? format.document(data) : text());
  warnings.forEach(reporter.warn);
  return code;
}
