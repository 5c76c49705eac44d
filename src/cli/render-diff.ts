import { Words } from '../domain/words.js';

/** A diff, quoted line by line: the file's lines are somebody's. */
export const diffText = (diff: string): Words =>
  Words.join(
    // A carriage return before the line feed is the end of a line as well.
    diff.split(/(\r?\n)/).map((part, index) => (index % 2 === 0 ? Words.quote(part) : Words.exactly(part))),
  );
