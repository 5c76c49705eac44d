import { expect, test } from '@jest/globals';
import { FORMATS, formatAsked } from '../../src/cli/formats.js';
import { show, type View } from '../../src/cli/view.js';
import { inWords } from '../../src/domain/words.js';

/** What is written and told of an answer, in its order, and the exit code. */
async function shown(view: View, format?: 'json'): Promise<{ said: string[]; code: number }> {
  const said: string[] = [];
  const output = { taken: 0, fault: undefined, write: async (what: unknown) => void said.push(String(what)) };
  const reporter = { warn: (text: unknown) => void said.push(`warning: ${text}`) };
  return { code: await show(view, { format: format && FORMATS[format], output, reporter }), said };
}

const text = (): ReturnType<View['text']> => inWords`two run\n`;
const unwanted = (): never => {
  throw new Error('nobody wants a text');
};

test.each<[what: string, view: View, format: 'json' | undefined, said: readonly string[], code: number]>([
  ['a text for people', { data: { count: 2 }, text }, undefined, ['two run\n'], 0],
  [
    'a document for programs, without the making of a text',
    { data: { count: 2 }, text: unwanted },
    'json',
    ['{\n  "schemaVersion": 1,\n  "count": 2\n}\n'],
    0,
  ],
  ['a text that is in a form of its own', { text }, 'json', ['two run\n'], 0],
  [
    'warnings below it, and its code',
    { text, code: 6, warnings: ['full'] },
    undefined,
    ['two run\n', 'warning: full'],
    6,
  ],
])('%s', async (_what, view, format, said, code) => {
  expect(await shown(view, format)).toEqual({ said, code });
});

test('a value of many is a line that says its version', () => {
  expect(String(FORMATS.json.line({ line: 'one\n' }))).toBe('{"schemaVersion":1,"line":"one\\n"}\n');
});

test('the format is the one whose option is on', () => {
  expect(formatAsked((name) => name === 'json')).toBe(FORMATS.json);
  expect(formatAsked(() => false)).toBeUndefined();
});
