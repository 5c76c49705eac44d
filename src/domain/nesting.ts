/** The line on which a text of TOML or JSON nests deeper than a number of levels; undefined where it nowhere does. */
export function nestedTooDeeply(text: string, mostLevels: number): number | undefined {
  // Depth by brackets, and by the dots of the key that is being read.
  let brackets = 0;
  let dots = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === '[' || token === '{') brackets += 1;
    if (token === ']' || token === '}') brackets = Math.max(0, brackets - 1);
    if (token === '.') dots += 1;
    else if (!/^["']/.test(token)) dots = 0; // a part of a key may be quoted
    if (brackets + dots > mostLevels) return text.slice(0, index).split('\n').length;
  }
  return undefined;
}

/** Brackets, dots and what ends a key. Comments, and texts, ended or not, are passed over as a whole. */
const TOKENS = new RegExp(
  [
    /"""(?:[^"\\]+|\\[\s\S]|"(?!""))*(?:"""|$)/,
    /'''(?:[^']+|'(?!''))*(?:'''|$)/,
    /"(?:[^"\\\n]+|\\.)*"?/,
    /'[^'\n]*'?/,
    /#[^\n]*/,
    /[[\]{}.=,\n]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);
