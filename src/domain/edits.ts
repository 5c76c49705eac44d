/** A splice of a text: `length` characters from `offset` on give way to `content`. */
export interface Edit {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

/** The text after all edits, whose offsets are those of the text before. They must not overlap. */
export const applyEdits = (text: string, edits: readonly Edit[]): string =>
  [...edits]
    .sort((a, b) => b.offset - a.offset)
    .reduce(
      (edited, { offset, length, content }) => edited.slice(0, offset) + content + edited.slice(offset + length),
      text,
    );
