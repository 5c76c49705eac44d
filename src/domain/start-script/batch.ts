import {
  GIVEN_ARGUMENTS,
  GIVEN_JAVA_OPTS,
  javaLineOf,
  type ScriptSurroundings,
  type ScriptWord,
  type StartScript,
} from './java-line.js';

/**
 * Reads a batch file without running it. It jumps about, so that of several values of a variable the last one counts;
 * of JAVA_OPTS only what adds to them, for with `--debug` the products' own put others in their place.
 */
export function readBatchFile(text: string, file: string, { variable }: ScriptSurroundings): StartScript {
  const assigned = new Map<string, ScriptWord>();
  const exports = new Map<string, string | undefined>();
  let java: StartScript['java'];
  for (const { line, written } of linesOf(text)) {
    const source = `${file}:${line}`;
    const [, quoted, name = '', value = ''] = SET.exec(written) ?? [];
    const key = name.toUpperCase();
    if (key === '') {
      java = javaLineOf(wordsIn(written, source, assigned, variable)) ?? java;
    } else if (key !== 'JAVA_OPTS' || /%JAVA_OPTS%/i.test(value)) {
      const before = assigned.get(key)?.text ?? (key === 'JAVA_OPTS' ? GIVEN_JAVA_OPTS : '');
      const plain = quoted ? value.replace(/"\s*$/, '') : value;
      const filled = plain.replaceAll(new RegExp(`%${name}%`, 'gi'), () => before);
      assigned.set(key, { text: filled, source });
      exports.set(name, filled.includes('%') ? undefined : filled);
    }
  }
  return { java, exports };
}

const SET = /^\s*@?set\s+(")?([A-Za-z_]\w*)=(.*)$/i;

/** The lines that do something; a `^` at its end joins one with the next. */
function linesOf(text: string): { readonly line: number; readonly written: string }[] {
  const lines: { line: number; written: string }[] = [];
  let isOpen = false;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const written = raw.replace(/\^\s*$/, ' ');
    const last = lines.at(-1);
    if (isOpen && last) last.written += written;
    else if (!/^\s*@?(?:rem\b|:)/i.test(raw)) lines.push({ line: index + 1, written });
    isOpen = written !== raw;
  }
  return lines;
}

function wordsIn(
  written: string,
  source: string,
  assigned: ReadonlyMap<string, ScriptWord>,
  variable: ScriptSurroundings['variable'],
): ScriptWord[] {
  const words = written.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  return words.flatMap((word): ScriptWord[] => {
    if (/^%(?:\*|CMD|CMD_LINE)%?$/i.test(word)) return [{ text: GIVEN_ARGUMENTS, source }];
    const whole = /^%(\w+)%$/.exec(word)?.[1]?.toUpperCase();
    const value = whole === undefined ? undefined : assigned.get(whole);
    if (value) return wordsIn(value.text, value.source, without(assigned, whole as string), variable);
    if (whole === 'JAVA_OPTS' || word === GIVEN_JAVA_OPTS) return [{ text: GIVEN_JAVA_OPTS, source }];
    const text = word
      .replaceAll(
        /%(\w+)%/g,
        (found, name: string) => assigned.get(name.toUpperCase())?.text ?? variable(name) ?? found,
      )
      .replaceAll('"', '');
    return [{ text, source, ...(/%\w+%|![\w:~,]+!/.test(text) && { isOpen: true }) }];
  });
}

/** A variable that stands for itself would be looked up for ever. */
const without = <T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> =>
  new Map([...map].filter(([name]) => name !== key));
