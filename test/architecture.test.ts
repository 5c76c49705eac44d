import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';

type Layer = 'cli' | 'stage' | 'system' | 'domain' | 'standin';

const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  cli: ['cli', 'stage', 'system', 'domain'],
  stage: ['stage', 'system', 'domain'],
  system: ['system', 'domain'],
  domain: ['domain'],
  standin: ['standin', 'domain'],
};

/** The one door from the program to its stand-in. */
const SHOWS_THE_STANDIN = 'src/cli/commands/demo.ts';

/** Packages that compute and touch nothing. */
const PURE_PACKAGES = ['toml-eslint-parser', 'saxes', 'yaml', 'dot-properties'];

function layerOf(file: string): Layer | undefined {
  const [root, first, second] = file.split('/');
  if (root !== 'src') return undefined;
  if (second === undefined) return 'stage';
  return Object.keys(MAY_IMPORT).find((layer) => layer === first) as Layer | undefined;
}

/** Every import of a source that its layer may not have, in words. */
function wrongImports(file: string, source: string): string[] {
  const specifiers = [...source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(['"])(.+?)\1/g)].map(
    (match) => match[2] as string,
  );
  return specifiers.filter((specifier) => !mayImport(file, specifier)).map((specifier) => `${file} → ${specifier}`);
}

function mayImport(file: string, specifier: string): boolean {
  const from = layerOf(file);
  if (!from) return false;
  if (!specifier.startsWith('.')) return from !== 'domain' || PURE_PACKAGES.includes(specifier);
  const to = layerOf(posix.join(posix.dirname(file), specifier));
  if (to === 'standin' && file === SHOWS_THE_STANDIN) return true;
  return to !== undefined && MAY_IMPORT[from].includes(to);
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => posix.join('src', file.replaceAll('\\', '/')));

test.each(files)('%s imports nothing from above it', (file) => {
  expect(wrongImports(file, readFileSync(join(process.cwd(), file), 'utf8'))).toEqual([]);
});

const withoutComments = (source: string): string => source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

/** What a pure function has no use for. */
const EFFECT =
  /\b(process\.|console\.|Date\b|performance\b|setTimeout|setInterval|Promise\b|async\b|await\b|Math\.random)/;

test.each(files.filter((file) => layerOf(file) === 'domain'))('%s knows no clock, process or promise', (file) => {
  expect(EFFECT.exec(withoutComments(readFileSync(join(process.cwd(), file), 'utf8')))?.[0]).toBeUndefined();
});

/** What writes, changes or removes something on disk. */
const CHANGES_FILES =
  /\b(?:writeFile|appendFile|copyFile|cp|mkdir|mkdtemp|rename|rm|rmdir|unlink|symlink|link|f?truncate|[fl]?ch(?:mod|own)|[fl]?utimes)Sync\(|\bO_CREAT\b|\bopen(?:Sync)?\([^)]*'[wa]|node:fs\/promises|\brm -f\b/;

test('SECURITY.md has a guard for whatever writes, changes or removes files', () => {
  const programs = [...files.filter((file) => layerOf(file) !== 'standin'), 'bin/cached.cjs', 'bin/wso2-launch.cjs'];
  const sourceOf = (file: string): string => withoutComments(readFileSync(join(process.cwd(), file), 'utf8'));
  const rows = readFileSync(join(process.cwd(), 'SECURITY.md'), 'utf8').matchAll(/`((?:src|bin)\/[\w/.-]+)`/g);
  expect(new Set([...rows].map(([, file]) => file))).toEqual(
    new Set(programs.filter((file) => CHANGES_FILES.test(sourceOf(file)))),
  );
});

/** What a terminal gets is made of words: where a text is taken as it is, its form has been seen to. */
const TAKES_TEXT_AS_IT_IS = [
  'src/cli/commands/logs.ts', // a log's lines are data
  'src/cli/main.ts', // the help
  'src/cli/render-offset.ts', // the line ends of a diff
  'src/cli/render-variables.ts',
  'src/cli/terminal.ts', // colours
  'src/domain/words.ts',
];

test('text goes to a terminal as words alone', () => {
  const those = (pattern: RegExp): string[] =>
    files.filter((file) => pattern.test(withoutComments(readFileSync(join(process.cwd(), file), 'utf8')))).sort();
  expect(those(/Words\.exactly\(/)).toEqual(TAKES_TEXT_AS_IT_IS);
  expect(those(/console\.|\bprocess\.(stdout|stderr)|\bwriteSync\([12]\b/)).toEqual([
    'src/standin/jvm.ts', // the server's own output
    'src/system/output.ts',
    'src/system/windows-guard.ts', // its one word to the supervisor
  ]);
  expect(those(/\bstandard(Output|Error)\b/)).toEqual(['src/cli/main.ts', 'src/system/output.ts']);
});

test('every layer was looked at', () => {
  expect(new Set(files.map(layerOf))).toEqual(new Set(Object.keys(MAY_IMPORT)));
});

describe('a wrong import is reported', () => {
  test.each([
    ['src/domain/ports.ts', '../system/sockets.js'],
    ['src/domain/ports.ts', '../reserve.js'],
    ['src/domain/ports.ts', '../cli/main.js'],
    ['src/domain/ports.ts', 'node:fs'],
    ['src/domain/ports.ts', 'execa'],
    ['src/system/sockets.ts', '../reserve.js'],
    ['src/system/sockets.ts', '../cli/main.js'],
    ['src/system/sockets.ts', '../standin/home.js'],
    ['src/reserve.ts', './cli/main.js'],
    ['src/reserve.ts', './cli/commands/launch.js'],
    ['src/reserve.ts', './standin/home.js'],
    ['src/cli/main.ts', '../standin/home.js'],
    ['src/standin/home.ts', '../system/files.js'],
    ['src/standin/home.ts', '../launch.js'],
    ['src/other/x.ts', '../domain/ports.js'],
    ['src/reserve.ts', '../scripts/build.mjs'],
  ])('%s may not import %s', (file, specifier) => {
    const report = [`${file} → ${specifier}`];
    expect(wrongImports(file, `import { x } from '${specifier}';\n`)).toEqual(report);
    expect(wrongImports(file, `import type { X } from "${specifier}";\n`)).toEqual(report);
    expect(wrongImports(file, `import '${specifier}';\n`)).toEqual(report);
    expect(wrongImports(file, `export * from '${specifier}';\n`)).toEqual(report);
    expect(wrongImports(file, `const x = await import('${specifier}');\n`)).toEqual(report);
    expect(wrongImports(file, `import {\n  a,\n  b,\n} from '${specifier}';\n`)).toEqual(report);
  });

  test.each([
    ['src/domain/ports.ts', './catalogue.js'],
    ['src/domain/toml.ts', 'toml-eslint-parser'],
    ['src/domain/xml.ts', 'saxes'],
    ['src/domain/products/kernel.ts', '../facts.js'],
    ['src/system/sockets.ts', 'node:net'],
    ['src/system/spawning.ts', '../domain/command.js'],
    ['src/reserve.ts', './system/index.js'],
    ['src/cli/commands/demo.ts', '../../standin/home.js'],
    ['src/standin/home.ts', '../domain/product.js'],
  ])('%s may import %s', (file, specifier) => {
    expect(wrongImports(file, `import { x } from '${specifier}';\n`)).toEqual([]);
  });
});
