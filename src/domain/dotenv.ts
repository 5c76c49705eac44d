const QUOTED = /^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|`[^`]*`)/gm;
const LINE = /^\s*(?:#.*|(?:export\s+)?[A-Za-z_][\w.-]*\s*=.*)?$/;

/**
 * The number of the first line of a `.env` file that is neither empty nor a comment nor `KEY=VALUE`; undefined where
 * there is none. A value in quotes may go on over several lines.
 */
export function brokenLine(text: string): number | undefined {
  const unquoted = text.replace(QUOTED, (pair) => `A=${'\n#'.repeat(pair.split('\n').length - 1)}`);
  const index = unquoted.split(/\r?\n/).findIndex((line) => !LINE.test(line));
  return index < 0 ? undefined : index + 1;
}
