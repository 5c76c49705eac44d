import { isSecretForm, isSecretName, MASK } from '../secrets.js';

/**
 * A text of any kind, a log or a dump of threads, without what is secret in it: what a name beside it says to be secret,
 * what has the form of a secret, the passwords of URLs, and values that are known to be secret. A word of a text is less
 * than a value: where it could be the name of a class it stays.
 * @param known secret values that may stand anywhere
 */
export function maskedText(text: string, known: ReadonlySet<string> = NOTHING): string {
  const byKind = (one: string, rules: readonly Rule[]): string =>
    rules.reduce((masked, [pattern, replace]) => masked.replace(pattern, (...parts: string[]) => replace(parts)), one);
  const named = byKind(withoutKnown(text, known).replace(PEM, MASK), NAMED_RULES);
  return byKind(withoutNamed(named), RULES);
}

const NOTHING: ReadonlySet<string> = new Set();

/** Shorter values, and those that the products ship for everybody, would be found in what is no secret. */
const SHORTEST_KNOWN = 5;
const SHIPPED = new Set('admin axis2 carbon changeit default localhost password wso2 wso2carbon'.split(' '));

/** A text without values that are known to be secret. */
export function withoutKnown(text: string, known: ReadonlySet<string>): string {
  let masked = text;
  // The longest first: one may be a part of another.
  for (const value of [...known].sort((one, other) => other.length - one.length)) {
    if (value.length < SHORTEST_KNOWN || SHIPPED.has(value.toLowerCase())) continue;
    for (const form of formsOf(value)) masked = masked.replaceAll(form, MASK);
  }
  return masked;
}

/** A value as it may be written in JSON, in XML and in a URL. */
const formsOf = (value: string): Set<string> =>
  new Set([value, JSON.stringify(value).slice(1, -1), escapedXml(value), inUrl(value)]);

const escapedXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Half of a pair of surrogates can't be written in a URL. */
const inUrl = (value: string): string => encodeURIComponent(value.replaceAll(/\p{Cs}/gu, ''));

/** As a whole, and where its end was cut off. */
const PEM = /-----BEGIN ([A-Z\d ]+)-----(?:(?:(?!-----BEGIN)[\s\S]){0,20000}?-----END \1-----|[\w+/=\s\\]*)/g;

/** The first part is all that was found. */
type Rule = readonly [pattern: RegExp, replace: (parts: readonly string[]) => string];

const ifSecret = (name: string, found: string, masked: string): string => (isSecretName(name) ? masked : found);

// How much may stand between is bounded: a log may have lines of megabytes, of whatever its server was sent.
const NAMED_RULES: readonly Rule[] = [
  // A header of HTTP, which goes on to the end of its line.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie|x-jwt-assertion)(["']?\s*[:=]\s*)[^\n]+/gi,
    ([, name, sign]) => `${name}${sign}${MASK}`,
  ],
  // A property of a JVM: in a list of them nothing but the next one tells where it ends.
  [
    /-D([\w.-]{1,200})=([^\n]*?)(?=\s+-{1,2}[A-Za-z]|$)/gm,
    ([found = '', name = '']) => ifSecret(name, found, `-D${name}=${MASK}`),
  ],
  [
    /(^|\s)(--?[A-Za-z][\w-]{0,200})([ \t]{1,20})(?!-)\S+/gm,
    ([found = '', before, name = '', blank]) => ifSecret(name, found, `${before}${name}${blank}${MASK}`),
  ],
  // Of curl.
  [
    /(^|\s)(-u|-{1,2}user)([ \t]{1,20})([^\s:]{1,200}):\S+/gm,
    ([, before, option, blank, user]) => `${before}${option}${blank}${user}:${MASK}`,
  ],
  // <property name="password" value="…"/>
  [
    /(\b(?:name|key|id)\s{0,9}=\s{0,9}["'])([\w.-]{1,200})(["'][^<>]{0,500}?\b(?:value|text)\s{0,9}=\s{0,9})(["'])[^\n]{0,5000}?\4/g,
    ([found = '', before, name = '', between, quote]) =>
      ifSecret(name, found, `${before}${name}${between}${quote}${MASK}${quote}`),
  ],
  // <Password>…</Password>, <property name="password">…</property>
  [
    /<([\w:.-]{1,200})((?:\s[^<>]*)?)>([^<>]+)(?=<\/\1\s*>)/g,
    ([found = '', name = '', attributes = '']) => {
      const named = /\b(?:name|key|id)\s*=\s*["']([^"']*)/.exec(attributes)?.[1] ?? '';
      return isSecretName(name) || isSecretName(named) ? `<${name}${attributes}>${MASK}` : found;
    },
  ],
];

const RULES: readonly Rule[] = [
  [/(:\/\/[^/\s:@]*:)[^/\s]*@/g, ([, before]) => `${before}${MASK}@`],
  [/\b(thin|oci):([^/\s@:]{1,200})\/[^@\s]{1,200}@/g, ([, kind, user]) => `${kind}:${user}/${MASK}@`],
  [/\$secret\{[^}\n]*\}/g, () => `$secret{${MASK}}`],
  [
    /\b([Bb]earer|[Bb]asic|BEARER|BASIC)([\s:]{1,9})(?=\S{0,5000}?(?:\d|=|\.|[a-z][A-Z]))[\w+/=._~-]{6,}/g,
    ([, kind, blank]) => `${kind}${blank}${MASK}`,
  ],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)*/g, () => MASK],
  [/\b(?:AKIA|ASIA)[A-Z\d]{16}\b/g, () => MASK],
  [/\b(?:gh[opsru]_|github_pat_|glpat-|xox[abeprs]-|sk[_-]|AIza|npm_)[\w-]{10,}/g, () => MASK],
  [/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi, () => MASK],
  [/\b[\da-f]{32,}\b/gi, () => MASK],
  [
    /(?<![\w+/.$@-])[\w+][\w+/-]{19,}={0,2}(?![\w.$])/g,
    ([word = '']) => (isSecretForm(word) && !isNameLike(word) ? MASK : word),
  ],
];

/** `name=`, `name: `, `"name":` */
const NAME = /(?<![\w.$])(\\?["'`]|)([A-Za-z_$][\w.$-]{0,200})\1\s{0,20}[=:]\s{0,20}/g;
/** In quotes, in those of a text within a text, in braces as SQL Server has it, or a word. */
const VALUE = /\\"(?:(?!\\")[^\n]){0,5000}\\"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\{[^}\n]{0,1000}\}|[^\s;&"'<>]+/y;

/** A text without what stands behind the names of secrets; a value that is none may have names in it. */
function withoutNamed(text: string): string {
  const kept: string[] = [];
  let end = 0;
  for (const { 0: found, 2: name = '', index } of text.matchAll(NAME)) {
    const start = index + found.length;
    // Behind these is what went wrong, and the line.
    if (index < end || /(?:Exception|Error|\.java)$/.test(name)) continue;
    if (!isSecretName(name) && !isSecretForm(shortValueAt(start, text))) continue;
    VALUE.lastIndex = start;
    const value = VALUE.exec(text)?.[0] ?? '';
    const quote = /^\\?["']/.exec(value)?.[0] ?? '';
    kept.push(text.slice(end, start), value === '' ? '' : `${quote}${MASK}${quote}`);
    end = start + value.length;
  }
  return `${kept.join('')}${text.slice(end)}`;
}

/** A longer value has a form that is found wherever it stands. */
const SHORT_VALUE = /"[^"\\\s]{1,200}(?=")|'[^'\\\s]{1,200}(?=')|[^\s;&"'<>]{1,200}(?![^\s;&"'<>])/y;

/** The value at a place, without its quotes, where it is short enough to have the form of a secret by itself. */
function shortValueAt(start: number, text: string): string {
  SHORT_VALUE.lastIndex = start;
  return SHORT_VALUE.exec(text)?.[0].replace(/^["']/, '') ?? '';
}

/** Whether a word is made of words, as `OAuth2ServiceComponent` is, and drawn keys are not. */
export function isNameLike(word: string): boolean {
  const parts = word.match(/[A-Z]+(?=[A-Z][a-z]|[^A-Za-z]|$)|[A-Z]?[a-z]+|\d+/g) ?? [];
  const words = parts.filter((part) => !/\d/.test(part));
  const letters = words.reduce((sum, part) => sum + part.length, 0);
  return parts.every((part) => !/^(?:[a-z]|\d{5,})$/.test(part)) && letters >= 3 * words.length;
}
