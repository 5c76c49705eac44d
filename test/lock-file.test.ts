import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

type Packages = Readonly<Record<string, Entry>>;

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Packages };

/** Whatever a package wants, on any platform; not what it would only get along with. */
function wantedBy({ peerDependencies = {}, peerDependenciesMeta = {}, ...entry }: Entry): string[] {
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  const others = [entry.dependencies, entry.devDependencies, entry.optionalDependencies];
  return [...others.flatMap((wanted) => Object.keys(wanted ?? {})), ...peers];
}

/** Whether Node would find it from there: in the package's own node_modules, or in that of a folder above. */
function isFound(name: string, from: string, among: Packages): boolean {
  if (`${from ? `${from}/` : ''}node_modules/${name}` in among) return true;
  return from !== '' && isFound(name, from.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, ''), among);
}

const lackingIn = (among: Packages): string[] =>
  Object.entries(among).flatMap(([path, entry]) =>
    wantedBy(entry)
      .filter((name) => !isFound(name, path, among))
      .map((name) => `${name}, for ${path || 'the project'}`),
  );

test('the lock file has every package that any platform needs: npm ci takes no other', () => {
  expect(lackingIn(packages)).toEqual([]);
});

test('a package that is not there, or only where Node would not look, is lacking', () => {
  const among: Packages = {
    '': { dependencies: { a: '1' }, devDependencies: { b: '1' } },
    'node_modules/a': {
      optionalDependencies: { '@x/linux': '1', '@x/darwin': '1' },
      peerDependencies: { b: '1', c: '1', d: '1' },
      peerDependenciesMeta: { d: { optional: true } },
    },
    'node_modules/a/node_modules/@x/linux': { dependencies: { nested: '1', b: '1' } },
    'node_modules/b': {},
    'node_modules/b/node_modules/nested': {},
  };
  expect(lackingIn(among)).toEqual([
    '@x/darwin, for node_modules/a',
    'c, for node_modules/a',
    'nested, for node_modules/a/node_modules/@x/linux',
  ]);
});

test('the lock file names no host: packages come from the registry that the user has chosen', () => {
  const hosts = Object.values(packages).flatMap(({ resolved }) => (resolved?.includes('://') ? [resolved] : []));
  expect(hosts).toEqual([]);
});
