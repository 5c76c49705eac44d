import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../src/cli/commands.js';
import { factsOf, PRODUCT_IDS } from '../src/domain/catalogue.js';

const readme = readFileSync('README.md', 'utf8');
const library = readFileSync('docs/library.md', 'utf8');

/** The code words of a text: what stands between backticks, taken apart. */
const wordsIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => (code as string).split(/[\s,|[\]().…{}?'"]+/)));

describe('README.md names', () => {
  const words = wordsIn(readme);

  test.each(PRODUCT_IDS)('the product %s, by its alias as well', (id) => {
    for (const name of [id, ...factsOf(id).aliases]) expect(words).toContain(name);
  });

  test.each(Object.keys(COMMANDS))('the command %s', (name) => {
    expect(words).toContain(name);
  });

  test.each(Object.keys(COMMANDS['mi']?.options ?? {}))('--%s, an option of a launch', (name) => {
    expect(words).toContain(`--${name}`);
  });

  test('each package that is bundled', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const packages = files
      .flatMap((name) => [
        ...readFileSync(join('src', name), 'utf8').matchAll(/(?:\bfrom |\bimport\()'([\w@][\w@/-]*)'/g),
      ])
      .map(([, name]) => name as string);
    expect(packages.length).toBeGreaterThan(5);
    for (const name of packages) expect(readme).toMatch(new RegExp(`\\[${name}\\]\\(|/${name}\\)`));
  });
});

describe('docs/library.md names', () => {
  test.each(PRODUCT_IDS)('the product %s', (id) => {
    expect(wordsIn(library)).toContain(id);
  });
});
