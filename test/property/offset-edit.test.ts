import { expect, test } from '@jest/globals';
import { changeOffset } from '../../src/domain/offset-file.js';
import { flatten } from '../../src/domain/toml.js';
import { tomlOffset } from '../../src/domain/toml-edit.js';
import { randomFrom } from '../support/random.js';

// Configurations made up from a seed, of whatever may stand round an offset.
// Others: SEED=1000 CASES=5000 node scripts/test.mjs test/property/offset
const firstSeed = Number(process.env['SEED'] ?? 1);
const cases = Number(process.env['CASES'] ?? 400);

test('an edit changes the one line that it has to, and the former value gives the former bytes', () => {
  for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
    const text = makeText(seed);
    const wanted = Math.floor(randomFrom(-seed)() * 20_000) - 8_000;
    expect({ SEED: seed, text, ...tried(text, wanted) }).toEqual({ SEED: seed, text, ...EXPECTED });
  }
});

const EXPECTED = { changed: 'one line', value: true, restored: true, without: true, again: true };

function tried(text: string, wanted: number): object {
  try {
    return judged(text, wanted);
  } catch (error) {
    return { error };
  }
}

function judged(text: string, wanted: number): object {
  const edit = (from: string, offset?: number) =>
    changeOffset(tomlOffset, from, 'deployment.toml', { offset, isForced: true });
  const { after, from } = edit(text, wanted);
  const isInline = /^\ufeff?server = \{/m.test(text);
  const without = isInline ? undefined : edit(after).after;
  // Behind a section that is commented out, a comment may be a part of that one: it is left alone.
  const isSetAgain = (again: string): boolean =>
    again === after || (text.includes('#[x]') && offsetIn(again) === wanted);
  return {
    changed: from?.integer === wanted ? 'one line' : changedLines(text, after, from !== undefined),
    value: offsetIn(after) === wanted,
    restored: !from || from.text !== String(from.integer) || edit(after, from.integer).after === text,
    without: without === undefined || (offsetIn(without) === undefined && without.length === after.length + 1),
    again: without === undefined || isSetAgain(edit(without, wanted).after),
  };
}

const offsetIn = (text: string): unknown =>
  flatten(text.replace(/^\ufeff/, ''), 'deployment.toml').find(
    ({ key, element }) => key === 'server.offset' && !element,
  )?.value;

/** Without the three lines of a section that was put before its parts. */
function withoutSection(made: readonly string[], first: number): string {
  const mark = made[first]?.startsWith('\ufeff') ? '\ufeff' : '';
  return mark + made.toSpliced(first, 3).join('');
}

/** Lines are compared with their ends. */
function changedLines(before: string, after: string, isReplaced: boolean): string {
  const [old, made] = [before, after].map((text) => text.split(/(?<=\n)/)) as [string[], string[]];
  const first = old.findIndex((line, index) => line !== made[index]);
  if (old.length === made.length) {
    const isRestSame = old.every((line, index) => index === first || line === made[index]);
    return isRestSame ? 'one line' : `more than line ${first + 1}`;
  }
  if (isReplaced) return 'lines came or went';
  const isInserted = made.length === old.length + 1 && made.toSpliced(first, 1).join('') === before;
  const hasNewSection =
    made[first]?.trim().replace('\ufeff', '') === '[server]' && withoutSection(made, first) === before;
  return isInserted || hasNewSection || after.startsWith(before) ? 'one line' : `more than line ${first + 1}`;
}

// ---------- A configuration ----------

function makeText(seed: number): string {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const oneOf = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const several = (most: number, make: () => string): string[] => Array.from({ length: below(most + 1) }, make);

  let count = 0;
  const key = (): string => {
    count++;
    return oneOf([`key${count}`, `"key ${count}"`, `a.b${count}`, `'off.set${count}'`, `offset${count}`]);
  };
  const value = (): string =>
    oneOf([
      '3',
      '"[server] # offset = 3"',
      "'''\n[server]\noffset = 4\n#offset = 5\n'''",
      '"""\n  \\"\n😀 #offset=1\n"""',
      '[\n  # offset = 6\n  1, # [server]\n  2,\n]',
      '{ offset = 3, server = { offset = 4 } }',
      '[{ a = "]" }, { a = "#" }]',
      '1979-05-27T07:32:00Z',
      'true',
    ]);
  const comment = (): string => oneOf(['# a comment', '#[x]', '#offsets = 1', '# server', '\t# 😀', '']);
  const blanks = (): string => oneOf(['', ' ', '\t', '  ']);
  const line = (): string =>
    random() < 0.3 ? comment() : `${blanks()}${key()}${blanks()}=${blanks()}${value()}${oneOf(['', ' # offset = 9'])}`;
  const section = (part: string): string[] => {
    count++;
    const header = oneOf([`[a${count}]`, `[[b]]`, `[ "c ${count}".server ]`, `[${part}.d${count}]`]);
    return [
      `${header}${oneOf(['', ' # [server]'])}`,
      ...several(3, line),
      ...oneOf([[], ['offset = 7'], ['#offset = 8']]),
    ];
  };
  const sections = (part = 'server'): string[] => Array.from({ length: below(4) }, () => section(part)).flat();

  const offset = `${oneOf(['offset', '"offset"', "'offset'"])}${blanks()}=${blanks()}${oneOf(['0', '3', '-12', '0x1F', '"3"', '1.5', '"$env{X}"'])}`;
  const end = oneOf(['', ' # why', '\t']);
  const own = oneOf([[], [`${blanks()}${offset}${end}`], [`${blanks()}#${blanks()}offset = 4${oneOf(['', ' # x'])}`]]);
  const server = oneOf([
    [],
    [oneOf(['[server]', '  [ server ] # x', "['server']"]), ...several(3, line), ...own, ...several(3, line)],
  ]);
  const top = server.length > 0 ? [] : oneOf([[], [`server.${offset}${end}`], [`server = { a = "}", ${offset} } # x`]]);
  // A section below one that is made by an inline table, or dotted keys, is none; and none may stand below its part.
  const rest = top.length > 0 ? [] : sections(server.length > 0 ? 'other' : 'server');
  const lines = [
    ...several(4, line),
    ...top,
    ...several(2, line),
    ...rest,
    ...server,
    ...(top.length > 0 ? [] : sections()),
  ];
  const text = `${oneOf(['', '', '\ufeff'])}${lines.join('\n')}${oneOf(['\n', '\n', ''])}`;
  return oneOf([text, text, text.replaceAll('\n', '\r\n')]);
}
