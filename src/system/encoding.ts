/**
 * The text of a file byte for byte, a byte order mark included: a byte that is no part of UTF-8 becomes a character of
 * its own that no text has (U+DC80 to U+DCFF, by itself), and {@link encodeExact} makes the byte of it again.
 */
export function decodeExact(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1').replaceAll(CHARACTER, (found) => {
      if (found.length > 1) return Buffer.from(found, 'latin1').toString('utf8');
      return String.fromCharCode(STRAY_BYTE + found.charCodeAt(0));
    });
  }
}

export const encodeExact = (text: string): Buffer =>
  Buffer.concat(
    text
      .split(STRAY)
      .map((part, index) => (index % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) - STRAY_BYTE))),
  );

const STRAY_BYTE = 0xdc00;
/** By itself only: with `u`, half of a pair is none. */
const STRAY = /([\udc80-\udcff])/u;

/** A character of UTF-8 with more than one byte, or a byte that is in none: Unicode 15, table 3-7. */
const CHARACTER = new RegExp(
  [
    /[\xc2-\xdf][\x80-\xbf]/,
    /\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]/,
    /\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/,
    /[\x80-\xff]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);
