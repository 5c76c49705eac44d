/** What the products' parser does not take, at a place of the text. */
export class TomlError extends Error {
  /** @param hint what to do about it, where that is more than to mend the line */
  constructor(
    readonly at: number,
    readonly reason: string,
    readonly hint?: string,
  ) {
    super(reason);
  }
}
