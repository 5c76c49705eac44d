import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/** The files that a document shows, by their names in its first line: those of one runner after those of another. */
const shown = [...readFileSync('docs/test-runners.md', 'utf8').matchAll(/^```[jt]s\n\/\/ (\S+)\n(.*?)^```$/gms)].map(
  ([, name, text]) => [name as string, text as string] as const,
);

test.each([
  ['jest', ['jest.config.js', 'version.test.js']],
  ['vitest', ['vitest.config.ts', 'version.test.ts']],
  ['playwright', ['playwright.config.ts', 'version.spec.ts']],
  ['node-test', ['server.js', 'version.test.js']],
])('the document shows the example of %s as it is run', (example, names) => {
  for (const name of names) {
    const texts = shown.filter(([one]) => one === name).map(([, text]) => text);
    expect(texts).toContain(readFileSync(`examples/${example}/${name}`, 'utf8'));
  }
});

test('the document shows no other file, but for the hooks of mocha', () => {
  expect(shown.map(([name]) => name)).toHaveLength(9);
});
