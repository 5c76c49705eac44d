import { SCHEMA_VERSION } from '../api/events.js';
import { printableJson, type Words } from '../domain/words.js';

/** A form of output for programs. */
export interface Format {
  readonly describe: string;
  /** A command's whole answer. */
  document(value: object): Words;
  /** One of many values that come bit by bit, such as an event. */
  line(value: object): Words;
}

/** The forms of output for programs, by the option that asks for each; without one the output is for people. */
export const FORMATS = {
  json: {
    describe: 'machine-readable output on stdout',
    document: (value) => printableJson(`${JSON.stringify(stamped(value), null, 2)}\n`),
    line: (value) => printableJson(`${JSON.stringify(stamped(value))}\n`),
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

/** The format that is asked for; undefined where the output is for people. */
export function formatAsked(isOn: (name: FormatName) => boolean): Format | undefined {
  const name = FORMAT_NAMES.find(isOn);
  return name && FORMATS[name];
}

/** A value that says what version its shape is of. */
const stamped = (value: object): object => ({ schemaVersion: SCHEMA_VERSION, ...value });
