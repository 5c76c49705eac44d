import { applyEdits, type Edit } from './edits.js';
import { LaunchError } from './failure.js';
import { mention, mentioning, type Text } from './text.js';

/** The offset as a file has it. */
export interface WrittenOffset {
  /** The value as it stands there: `3`, `0x10`, `"$env{OFFSET}"`. */
  readonly text: string;
  /** Undefined where it is anything but an integer. */
  readonly integer: number | undefined;
  readonly line: number;
}

/** A configuration file that has been read for its offset. */
export interface WrittenFile {
  readonly written: WrittenOffset | undefined;
  /** Puts an offset in. @throws LaunchError `unusable-configuration` where there is no place for it */
  set(offset: number): readonly Edit[];
  /** Takes out the offset that is {@link written}. @throws as `set` does */
  unset(): readonly Edit[];
  /** The offset that the file says once it is unset, where it can't be without one; undefined: none. */
  readonly whenUnset?: number;
  /** Everything else that the file says, to be compared. */
  rest(): unknown;
}

/** Reads a text, which may begin with a byte order mark. @throws LaunchError `unusable-configuration` */
export type OffsetFormat = (text: string, file: string) => WrittenFile;

/** The text as it was and as it is to be, and the line of the offset in either. */
export interface ChangedOffset {
  readonly before: string;
  readonly after: string;
  readonly from: WrittenOffset | undefined;
  readonly to: WrittenOffset | undefined;
}

export interface OffsetWanted {
  /** Undefined: none. */
  readonly offset: number | undefined;
  /** Whether it may replace what is no integer. */
  readonly isForced: boolean;
}

/**
 * Puts an offset into a text, or takes it out, and changes nothing else; the same text where there is nothing to do.
 * @throws LaunchError `unusable-configuration`
 */
export function changeOffset(
  open: OffsetFormat,
  text: string,
  file: string,
  { offset, isForced }: OffsetWanted,
): ChangedOffset {
  const opened = open(text, file);
  const from = opened.written;
  if (from && from.integer === undefined && !isForced) throw noInteger(from, file);
  if (from?.integer === offset && (from === undefined) === (offset === undefined)) {
    return { before: text, after: text, from, to: from };
  }
  const after = applyEdits(text, offset === undefined ? opened.unset() : opened.set(offset));
  const to = reopened(open, opened, after, file);
  if (to?.integer !== (offset ?? opened.whenUnset))
    throw byHand(file, 'the offset there would not be what was asked for.');
  return { before: text, after, from, to };
}

const noInteger = ({ text, line }: WrittenOffset, file: string): LaunchError =>
  notEditable(
    `${file}, line ${line}: the offset is ${text}, not a plain integer.`,
    mentioning`Somebody had a reason for that; ${mention.option('force')} replaces it all the same.`,
  );

/** The offset in a text that was made by an edit, once it is sure that nothing else has changed its meaning. */
function reopened(open: OffsetFormat, before: WrittenFile, text: string, file: string): WrittenOffset | undefined {
  let after: WrittenFile;
  try {
    after = open(text, file);
  } catch (error) {
    throw byHand(file, `with that, ${(error as Error).message}`, { cause: error });
  }
  if (comparable(before.rest()) !== comparable(after.rest()))
    throw byHand(file, 'that would change something else too.');
  return after.written;
}

const byHand = (file: string, why: string, options?: ErrorOptions): LaunchError =>
  notEditable(`${file} has its server's settings in a form that can't be edited here: ${why}`, BY_HAND, options);

/** The next step where a file is beyond what is edited here. */
export const BY_HAND = 'Nothing was changed; edit the file by hand.';

export const notEditable = (what: string, hint: Text, options?: ErrorOptions): LaunchError =>
  new LaunchError({ kind: 'unusable-configuration', what, hint }, [], options);

// JSON alone would take infinity and nothing for the same.
const comparable = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' || (typeof item === 'number' && !Number.isFinite(item)) ? `${typeof item} ${item}` : item,
  );
