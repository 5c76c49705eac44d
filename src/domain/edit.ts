/** A change that leaves the rest of a text alone: `length` UTF-16 units from `offset` on become `content`. */
export interface Edit {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

/** The text with all edits made. They refer to the text as it was, don't overlap, and come in any order. */
export const applyEdits = (text: string, edits: readonly Edit[]): string =>
  edits
    .toSorted((one, other) => other.offset - one.offset)
    .reduce(
      (edited, { offset, length, content }) => edited.slice(0, offset) + content + edited.slice(offset + length),
      text,
    );
