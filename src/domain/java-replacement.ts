/**
 * What Java's String.replaceAll puts in the place of a text, given a replacement that nobody has quoted: a backslash
 * stands for the sign behind it, and `$0` for the text itself. Undefined where it throws, which it does for any other `$`.
 */
export function javaReplacement(replacement: string, text: string): string | undefined {
  if (!WHOLE.test(replacement)) return undefined;
  return replacement.replace(SPECIAL, (_, sign: string | undefined) => sign ?? text);
}

const SPECIAL = /\\([\s\S])|\$0+/g;
const WHOLE = /^(?:\\[\s\S]|\$0+|[^\\$])*$/;
