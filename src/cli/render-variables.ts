import { quoted } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import { printable, printableJson, Words } from '../domain/words.js';

const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** The forms in which a shell, a file or a program takes variables; undefined where a format has none for a value. */
const FORMATS = {
  shell: ([name, value]) => `export ${name}=${quoted(value)}`,
  dotenv: ([name, value]) => {
    const text = dotenvValue(value);
    return text === undefined ? undefined : `${name}=${text}`;
  },
  powershell: ([name, value]) => `$env:${name} = ${powershellValue(value)}`,
  github: ([name, value]) => {
    if (!CONTROL.test(value)) return `${name}=${value}`;
    const delimiter = delimiterFor(value);
    return `${name}<<${delimiter}\n${value}\n${delimiter}`;
  },
} as const satisfies Record<string, (entry: readonly [name: string, value: string]) => string | undefined>;

export type VariableFormat = keyof typeof FORMATS | 'json';

export const VARIABLE_FORMATS = ['shell', 'dotenv', 'json', 'powershell', 'github'] as const satisfies VariableFormat[];

/** @throws LaunchError `usage` where the format can't carry a value */
export function variablesText(variables: Readonly<Record<string, string>>, format: VariableFormat): Words {
  if (format === 'json') return printableJson(`${JSON.stringify(variables, null, 2)}\n`);
  const lines = Object.entries(variables).map((entry) => FORMATS[format](entry) ?? refuse(entry, format));
  return Words.exactly(lines.map((line) => `${line}\n`).join(''));
}

function refuse([name, value]: readonly [string, string], format: VariableFormat): never {
  throw new LaunchError({
    kind: 'usage',
    what: `--format ${format} can't carry ${name}, which is ${printable(value)}.`,
    hint: 'Use --format json, or give the home a path without such characters.',
  });
}

/**
 * The value in a form that dotenv, Node, Compose and python-dotenv read alike; undefined where there is none. Between
 * double quotes they disagree on backslashes and fill in what follows a dollar; between single quotes nothing stands
 * for anything else.
 */
function dotenvValue(value: string): string | undefined {
  if (/^[\w./:@-]*$/.test(value)) return value;
  if (!/["$`\\]/.test(value) && !CONTROL.test(value.replaceAll('\n', ''))) return JSON.stringify(value);
  return value.includes("'") || CONTROL.test(value) ? undefined : `'${value}'`;
}

/**
 * The value on one line, for `wso2-launch env | Invoke-Expression` takes each by itself. Curly quotes end a text as
 * well.
 */
function powershellValue(value: string): string {
  const parts = value.split(/([\p{Cc}\u2028\u2029])/u).map((part, index) => {
    if (index % 2 === 1) return `[char]${part.charCodeAt(0)}`;
    return `'${part.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
  });
  return parts.join(' + ');
}

/** A line that doesn't stand in the value: the runner reads up to it. */
function delimiterFor(value: string): string {
  let delimiter = 'END_OF_VALUE';
  while (value.includes(delimiter)) delimiter += '_';
  return delimiter;
}
