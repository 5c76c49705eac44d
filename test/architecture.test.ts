import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../src/cli/commands.js';

/** The folders of the house: each imports from itself and from those on its left. */
const ORDER = 'domain system home ports server state instance launch doctor offset api adapters cli'.split(' ');

/** Two that stand beside each other. */
const APART = new Set(['adapters', 'cli']);

/** The stand-in of a server is a program of its own, and knows only what the products are. */
const STANDIN = 'standin';

/** The one door from the program to its stand-in. */
const SHOWS_THE_STANDIN = 'src/cli/commands/demo.ts';

/** The command line is built on the library: what it imports besides of pure words, numbers and types. */
const UNDER_THE_COMMAND_LINE = ['cli', 'api', 'domain'];

/** What is the terminal's or the process's own, which the command line alone has to do with. */
const OF_THE_PROCESS: Readonly<Record<string, string>> = {
  'src/system/environment.ts': 'the variables in which options may be given',
  'src/system/interrupts.ts': 'the signals that end a program',
  'src/system/output.ts': 'the terminal, standard output and standard error',
};

/** Packages that compute and touch nothing. */
const PURE_PACKAGES = ['saxes', 'yaml', 'dot-properties', 'fastest-levenshtein'];

/** Modules of Node's that touch the machine: `src/system` alone knows them, so that a test can give another one. */
const OF_THE_MACHINE = /^(?:node:)?(?:fs|net|child_process|os|http|https|http2|tls|dns|dgram|worker_threads|cluster)\b/;

/** What would ask which platform it is on, instead of what its host is like. */
const ASKS_THE_PLATFORM = /\bplatform\b|\bis_?(?:windows|mac_?os|linux|posix)\b|(['"`])(?:win32|darwin|linux)\1/i;

/** The stand-in imports nothing of the house's effects, see {@link STANDIN}: what its files know the machine for. */
const KNOWS_THE_MACHINE: Readonly<Record<string, string>> = {
  'src/adapters/playwright.ts': 'writes the call that the shell of its runner makes, before anything is loaded',
  'src/standin/home.ts': 'writes the files of the home that it makes up',
  'src/standin/jvm.ts': 'is the server that is looked at from outside: it has ports, files and a child of its own',
};

const mayKnowTheMachine = (file: string): boolean => folderOf(file) === 'system' || file in KNOWS_THE_MACHINE;

/** Undefined for a file that lies in no folder of the house. */
function folderOf(file: string): string | undefined {
  const [root, folder, inside] = file.split('/');
  if (root !== 'src' || folder === undefined || inside === undefined) return undefined;
  return [...ORDER, STANDIN].includes(folder) ? folder : undefined;
}

/** Every import of a source that its folder may not have, in words. */
function wrongImports(file: string, source: string): string[] {
  const specifiers = [...source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(['"])(.+?)\1/g)].map(
    (match) => match[2] as string,
  );
  return specifiers.filter((specifier) => !mayImport(file, specifier)).map((specifier) => `${file} → ${specifier}`);
}

function mayImport(file: string, specifier: string): boolean {
  const from = folderOf(file);
  if (!from) return false;
  if (OF_THE_MACHINE.test(specifier)) return mayKnowTheMachine(file);
  if (!specifier.startsWith('.')) {
    // The runners are there where the adapters run, and nowhere else.
    if (from === 'adapters') return specifier.startsWith('node:');
    return from !== 'domain' || PURE_PACKAGES.includes(specifier);
  }
  const imported = posix.join(posix.dirname(file), specifier);
  const to = folderOf(imported);
  if (to === undefined) return false;
  if (to === STANDIN) return from === STANDIN || file === SHOWS_THE_STANDIN;
  if (from === 'cli') return UNDER_THE_COMMAND_LINE.includes(to) || imported.replace(/js$/, 'ts') in OF_THE_PROCESS;
  if (from !== to && APART.has(from) && APART.has(to)) return false;
  return from === STANDIN ? to === 'domain' : ORDER.indexOf(to) <= ORDER.indexOf(from);
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

test.each(files.filter((file) => folderOf(file) === 'domain'))('%s knows no clock, process or promise', (file) => {
  expect(EFFECT.exec(withoutComments(readFileSync(join(process.cwd(), file), 'utf8')))?.[0]).toBeUndefined();
});

/** The first of a source that asks for the platform where it may not. */
const askedPlatform = (file: string, source: string): string | undefined =>
  mayKnowTheMachine(file) ? undefined : ASKS_THE_PLATFORM.exec(withoutComments(source))?.[0];

test.each(files.filter((file) => !mayKnowTheMachine(file)))(
  '%s asks what its host is like, not which it is',
  (file) => {
    expect(askedPlatform(file, readFileSync(join(process.cwd(), file), 'utf8'))).toBeUndefined();
  },
);

describe('a question for the platform is reported', () => {
  test.each([
    ["if (process.platform === 'win32') return;", 'platform'],
    ['const { platform } = nodeSystem;', 'platform'],
    ['const name = system.platform;', 'platform'],
    ["const system = 'darwin';", "'darwin'"],
    ['judge({ path, isWindows: true });', 'isWindows'],
    ['const IS_WINDOWS = await look();', 'IS_WINDOWS'],
  ])('%s', (line, found) => {
    expect(askedPlatform('src/launch/run.ts', `const a = 1;\n${line}\n`)).toBe(found);
    expect(askedPlatform('src/cli/main.ts', line)).toBe(found);
    expect(askedPlatform('src/system/files.ts', line)).toBeUndefined();
  });

  test.each([
    'if (system.host.scriptsNeedTmp) makeTemporaryFolder(home);',
    '// Windows: process.platform is asked in src/system',
    "/** The platform's usual place, as `linux` and 'win32' have it. */",
    "const hint = 'the line ends of Windows';",
  ])('and nothing else: %s', (line) => {
    expect(askedPlatform('src/launch/run.ts', line)).toBeUndefined();
  });
});

test('whoever may know the machine without lying in src/system does', () => {
  for (const file of Object.keys(KNOWS_THE_MACHINE)) {
    const source = readFileSync(join(process.cwd(), file), 'utf8');
    const specifiers = source.match(/(?<=from ')node:\w+/g) ?? [];
    const isAsking = ASKS_THE_PLATFORM.test(withoutComments(source));
    expect(isAsking || specifiers.some((specifier) => OF_THE_MACHINE.test(specifier))).toBe(true);
  }
});

/** What looks like a word of our command line, and has to be said below it all the same. */
const SAYS_ALL_THE_SAME: Readonly<Record<string, readonly string[]>> = {
  'src/api/wording.ts': ['wso2-launch ${'], // the library has no function that stops what another program holds
  'src/domain/command.ts': ['--env-file'], // an argument of the products' start scripts
  'src/domain/debuggers.ts': ['--debug'], // another one
  'src/domain/jvm-variable.ts': ['--debug'],
  'src/domain/jvm.ts': ['--add-opens'], // an option of the JVM
  'src/home/jvm-variables.ts': ['--debug'],
  'src/home/option-ports.ts': ['--debug'],
};

/** The words that the command line alone has: its flags, its commands, and what it calls by its dashes. */
const COMMAND_LINE = new RegExp(
  `--[a-z][\\w-]*|wso2-launch (?:--|\\$\\{|(?:${Object.entries(COMMANDS)
    .flatMap(([name, { aliases = [] }]) => [name, ...aliases])
    .join('|')})(?![\\w-]))|\\bafter --`,
  'g',
);

/** Every word of the command line in a source whose texts other front ends show as well. */
const saidInCommandLine = (file: string, source: string): string[] =>
  ['cli', STANDIN].includes(folderOf(file) ?? '') ? [] : (withoutComments(source).match(COMMAND_LINE) ?? []);

const mayNotSay = (file: string, source: string): string[] =>
  saidInCommandLine(file, source).filter((word) => !SAYS_ALL_THE_SAME[file]?.includes(word));

test.each(files)('%s leaves the words of the command line to it', (file) => {
  expect(mayNotSay(file, readFileSync(join(process.cwd(), file), 'utf8'))).toEqual([]);
});

test('whoever may say words of the command line does', () => {
  for (const [file, words] of Object.entries(SAYS_ALL_THE_SAME)) {
    expect(saidInCommandLine(file, readFileSync(join(process.cwd(), file), 'utf8'))).toEqual(words);
  }
});

describe('a word of the command line is reported', () => {
  test.each([
    ["const hint = 'Name one with --java-home.';", '--java-home'],
    ['const hint = `use --offset ${free}`;', '--offset'],
    ['const by = "--home";', '--home'],
    ["const hint = 'wso2-launch ps shows it.';", 'wso2-launch ps'],
    ["const hint = 'wso2-launch offset set N';", 'wso2-launch offset'],
    ["const hint = 'Use wso2-launch tm.';", 'wso2-launch tm'],
    ['const hint = `Use wso2-launch ${id}.`;', 'wso2-launch ${'],
    ["const hint = 'wso2-launch --help lists it';", 'wso2-launch --'],
    ["const what = 'An argument after -- is wrong.';", 'after --'],
    ["const url = 'http://localhost';\nconst hint = '--force';", '--force'],
    ["const said = 'a debugger (--debug)';", '--debug'],
  ])('%s', (source, word) => {
    for (const file of ['src/domain/failure.ts', 'src/api/acquire.ts', 'src/adapters/specs.ts'])
      expect(mayNotSay(file, source)).toContain(word);
    expect(mayNotSay('src/cli/options.ts', source)).toEqual([]);
    expect(mayNotSay('src/standin/home.ts', source)).toEqual([]);
  });

  test.each([
    "const what = 'another wso2-launch that starts now';",
    "const what = 'a home that wso2-launch knows, or starts';",
    "const what = 'wso2-launch startled it';",
    "const folder = join(place, 'wso2-launch');",
    '// Carbon 5 takes no --debug.',
    '/** As `ps --json` prints it, and `wso2-launch ps`. */',
    "const shell = 'set -- a; rm -f -- b';",
    'for (let left = 3; left > 0; left--) count--;',
  ])('and nothing else: %s', (source) => {
    expect(mayNotSay('src/domain/failure.ts', source)).toEqual([]);
  });

  test('in a file that may say another one', () => {
    expect(mayNotSay('src/domain/debuggers.ts', "const said = '--debug, --ready-timeout';")).toEqual([
      '--ready-timeout',
    ]);
  });
});

test('whatever is the process’s own is known to the command line', () => {
  const sources = files.filter((file) => folderOf(file) === 'cli').map((file) => readFileSync(file, 'utf8'));
  for (const file of Object.keys(OF_THE_PROCESS)) {
    const specifier = file.replace('src/', '../').replace(/ts$/, 'js');
    expect(sources.some((source) => source.includes(specifier))).toBe(true);
  }
});

/** What waits or tries again: another front end would need it as well, so that it lies in the library. */
const WAITS = /\b(setTimeout|setInterval|setImmediate|sleep|Promise\.(?:race|any))\b/;

test.each(files.filter((file) => folderOf(file) === 'cli'))('%s waits for nothing by itself', (file) => {
  expect(WAITS.exec(withoutComments(readFileSync(join(process.cwd(), file), 'utf8')))?.[0]).toBeUndefined();
});

test.each([
  ['await nodeSystem.clock.sleep(10);', 'sleep'],
  ['await Promise.race([left, right]);', 'Promise.race'],
  ['setTimeout(done, 10);', 'setTimeout'],
  ['await Promise.all(both);', undefined],
])('what waits is found: %s', (line, found) => {
  expect(WAITS.exec(line)?.[0]).toBe(found);
});

/** What writes, changes or removes something on disk. */
const CHANGES_FILES =
  /\b(?:writeFile|appendFile|copyFile|cp|mkdir|mkdtemp|rename|rm|rmdir|unlink|symlink|link|f?truncate|[fl]?ch(?:mod|own)|[fl]?utimes)Sync\(|\bO_CREAT\b|\bopen(?:Sync)?\([^)]*'[wa]|node:fs\/promises|\brm -f\b/;

test('SECURITY.md has a guard for whatever writes, changes or removes files', () => {
  const programs = [...files.filter((file) => folderOf(file) !== STANDIN), 'bin/cached.cjs', 'bin/wso2-launch.cjs'];
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
  'src/cli/render-diff.ts', // the line ends of a diff
  'src/cli/render-variables.ts',
  'src/cli/terminal.ts', // colours
  'src/domain/words.ts',
];

test('text goes to a terminal as words alone', () => {
  const those = (pattern: RegExp): string[] =>
    files.filter((file) => pattern.test(withoutComments(readFileSync(join(process.cwd(), file), 'utf8')))).sort();
  expect(those(/Words\.exactly\(/)).toEqual(TAKES_TEXT_AS_IT_IS);
  expect(those(/console\.|\bprocess\.(stdout|stderr)|\bwriteSync\([12]\b/)).toEqual([
    'src/adapters/playwright-hold.ts', // a program of its own, whose text has been made printable
    'src/api/output.ts', // where whoever uses the library wants the server's output
    'src/standin/jvm.ts', // the server's own output
    'src/system/output.ts',
    'src/system/windows/guard.ts', // its one word to the supervisor
  ]);
  expect(those(/\bstandard(Output|Error)\b/)).toEqual(['src/cli/main.ts', 'src/system/output.ts']);
});

test('every source lies in a folder of the house, and every folder was looked at', () => {
  expect(new Set(files.map(folderOf))).toEqual(new Set([...ORDER, STANDIN]));
});

describe('a wrong import is reported', () => {
  test.each([
    ['src/domain/ports.ts', '../system/sockets.js'],
    ['src/domain/ports.ts', '../ports/reserve.js'],
    ['src/domain/ports.ts', '../cli/main.js'],
    ['src/domain/ports.ts', 'node:fs'],
    ['src/domain/ports.ts', 'execa'],
    ['src/system/sockets.ts', '../ports/reserve.js'],
    ['src/system/sockets.ts', '../cli/main.js'],
    ['src/system/sockets.ts', '../standin/home.js'],
    ['src/home/inspect.ts', '../ports/reserve.js'],
    ['src/ports/reserve.ts', '../launch/request.js'],
    ['src/ports/reserve.ts', '../cli/main.js'],
    ['src/ports/reserve.ts', '../standin/home.js'],
    ['src/instance/client.ts', '../launch/hooks.js'],
    ['src/launch/launch.ts', '../cli/commands/launch.js'],
    ['src/cli/main.ts', '../standin/home.js'],
    ['src/cli/main.ts', '../adapters/jest.js'],
    ['src/cli/main.ts', '../launch/supervisor.js'],
    ['src/cli/main.ts', '../system/index.js'],
    ['src/cli/options.ts', '../home/request.js'],
    ['src/cli/render.ts', '../ports/report.js'],
    ['src/cli/render-doctor.ts', '../doctor/doctor.js'],
    ['src/cli/render-offset.ts', '../offset/offset.js'],
    ['src/cli/commands/launch.ts', '../../launch/launch.js'],
    ['src/cli/commands/logs.ts', '../../server/log-lines.js'],
    ['src/cli/commands/ps.ts', '../../instance/list.js'],
    ['src/cli/commands/ps.ts', '../../state/folder.js'],
    ['src/cli/commands/demo.ts', '../../system/temporary.js'],
    ['src/api/index.ts', '../adapters/jest.js'],
    ['src/adapters/jest.ts', '../cli/main.js'],
    ['src/adapters/jest.ts', 'jest'],
    ['src/adapters/vitest.ts', 'vitest'],
    ['src/standin/home.ts', '../system/files.js'],
    ['src/standin/home.ts', '../launch/launch.js'],
    ['src/other/x.ts', '../domain/ports.js'],
    ['src/loose.ts', './domain/ports.js'],
    ['src/ports/reserve.ts', '../loose.js'],
    ['src/ports/reserve.ts', '../../scripts/build.mjs'],
    ['src/server/log-file.ts', 'node:fs'],
    ['src/server/log-file.ts', 'node:fs/promises'],
    ['src/launch/run.ts', 'fs'],
    ['src/launch/supervisor.ts', 'node:net'],
    ['src/cli/commands/demo.ts', 'node:os'],
    ['src/api/acquire.ts', 'node:child_process'],
    ['src/instance/client.ts', 'node:http'],
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
    ['src/domain/toml.ts', './toml/syntax.js'],
    ['src/domain/log-route.ts', 'dot-properties'],
    ['src/domain/xml.ts', 'saxes'],
    ['src/domain/products/kernel.ts', '../facts.js'],
    ['src/system/sockets.ts', 'node:net'],
    ['src/system/windows/guard.ts', 'node:fs'],
    ['src/system/windows/guard.ts', '../../domain/tree.js'],
    ['src/standin/jvm.ts', 'node:net'],
    ['src/api/internal/beside.ts', 'node:tty'],
    ['src/launch/supervisor.ts', 'node:stream'],
    ['src/home/locate.ts', 'node:path'],
    ['src/system/spawning.ts', '../domain/command.js'],
    ['src/ports/reserve.ts', '../system/index.js'],
    ['src/ports/reserve.ts', '../home/inspect.js'],
    ['src/cli/commands/demo.ts', '../../standin/home.js'],
    ['src/cli/commands/launch.ts', '../../system/output.js'],
    ['src/cli/commands/ps.ts', '../../api/internal/instances.js'],
    ['src/cli/commands/ps.ts', '../../domain/words.js'],
    ['src/adapters/servers.ts', '../api/index.js'],
    ['src/adapters/jest.ts', 'node:path'],
    ['src/standin/home.ts', '../domain/product.js'],
  ])('%s may import %s', (file, specifier) => {
    expect(wrongImports(file, `import { x } from '${specifier}';\n`)).toEqual([]);
  });
});

/** What the library shows of types that the house has as well, under the same names. */
const SHOWS_THE_HOUSE = ['src/api/types.ts', 'src/api/error.ts'];

test('a type’s name means one thing in the whole project', () => {
  const names = files
    .filter((file) => !SHOWS_THE_HOUSE.includes(file))
    .flatMap((file) => [
      ...readFileSync(join(process.cwd(), file), 'utf8').matchAll(/^(?:export )?(?:interface|type|class) (\w+)/gm),
    ])
    .map(([, name]) => name as string);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
