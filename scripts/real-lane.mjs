// Runs the suite of test/real: real WSO2 Carbon kernels, which Maven's client brings, on the JDKs of this machine.
//   node scripts/real-lane.mjs [--all] [--fetch] [-t NAME] [FILE…]
// Without `--all` each row once, on the first kernel of test/real/kernels.json and the oldest JDK that fits, and one
// boot on each other kernel; `--fetch` only gets the kernels. What the lane lacks is printed, and the exit code is 2.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { networkOfItsOwn } from './network.mjs';
import { findJdks } from './real/jdks.mjs';
import { cacheFolder, kernelHome, NoKernel, prepareCache } from './real/kernels.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: asked, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    fetch: { type: 'boolean', default: false },
    'test-name': { type: 'string', short: 't' },
    kernels: { type: 'string', default: join(root, 'test/real/kernels.json') },
    'fetch-timeout': { type: 'string', default: '180' },
  },
});
const log = (text) => console.log(`real servers: ${text}`);

/** Ends the lane, which is no failure of the project's: the rest of the tests goes on. */
class Lacking extends Error {}

try {
  const fits = fittingKernels(JSON.parse(readFileSync(asked.kernels, 'utf8')));
  const kernels = await homesOf(fits);
  if (!asked.fetch) process.exitCode = await runSuite(kernels);
} catch (error) {
  if (!(error instanceof Lacking)) throw error;
  console.log(`The lane of real servers lacks ${error.message}.`);
  process.exitCode = 2;
}

/** Each kernel with the JDKs of this machine on which it runs, those without any left out by name. @throws Lacking */
function fittingKernels(kernels) {
  if (process.platform !== 'linux' && !asked.fetch) throw new Lacking('Linux: it has been tried nowhere else');
  const isMavenThere = process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, 'mvn')));
  if (!isMavenThere) throw new Lacking('Maven: mvn is not on PATH');
  const found = findJdks();
  if (found.length === 0) throw new Lacking('a JDK: none in JAVA_HOME, on PATH or in the usual places');
  const fits = kernels.map((kernel) => ({ ...kernel, jdks: found.filter((jdk) => isFit(jdk, kernel)) }));
  for (const { version, jdk, jdks } of fits) {
    if (jdks.length === 0) log(`kernel ${version} is skipped: no JDK from ${jdk.join(' to ')}`);
  }
  if (fits[0].jdks.length > 0) return fits.filter(({ jdks }) => jdks.length > 0);
  throw new Lacking(
    `a JDK that kernel ${fits[0].version} takes, from ${fits[0].jdk.join(' to ')}: ${found.map(inWords).join(', ')}`,
  );
}

function isFit({ feature, lacks }, { jdk: [oldest, newest] }) {
  return lacks === undefined && feature >= oldest && feature <= newest;
}

function inWords({ home, feature, lacks }) {
  return `${home} is ${feature}${lacks === undefined ? '' : ` and has no module ${lacks}`}`;
}

/** Where each kernel lies, unpacked; those that can't be had are left out by name. @throws Lacking without the first */
async function homesOf([first, ...others]) {
  const options = { cache: cacheFolder(), timeoutMs: Number(asked['fetch-timeout']) * 1000, log };
  try {
    prepareCache(options.cache);
  } catch (error) {
    throw new Lacking(`a folder for its kernels, which REAL_LANE may name: ${error.message}`);
  }
  const homes = [];
  let isReachable = true;
  for (const kernel of [first, ...others]) {
    try {
      homes.push({ ...kernel, home: await kernelHome(kernel, { ...options, isReachable }) });
    } catch (error) {
      if (!(error instanceof NoKernel)) throw error;
      if (kernel === first) throw new Lacking(`kernel ${kernel.version}: ${error.message}`);
      log(`kernel ${kernel.version} is skipped: ${error.message}`);
      isReachable &&= error.isBroken;
    }
  }
  return homes;
}

/** The exit code. A file of tests has a network namespace of its own where it can be had: then two run at once. */
async function runSuite(kernels) {
  const folder = mkdtempSync(join(tmpdir(), 'wso2-launch-real-'));
  try {
    const laneFile = join(folder, 'lane.json');
    writeFileSync(laneFile, JSON.stringify({ isAll: asked.all, kernels }));
    rmSync(join(root, '.test-results/real'), { recursive: true, force: true });
    // scripts/test.mjs gives each file of tests a network of its own, or lets them take turns.
    const canBeAlone = networkOfItsOwn() !== undefined;
    const files = testFiles();
    const counts = [];
    const workers = Array.from({ length: canBeAlone ? Math.min(2, availableParallelism()) : 1 }, async () => {
      for (let file = files.shift(); file; file = files.shift()) {
        counts.push(await runFile(file, { laneFile, folder }));
      }
    });
    await Promise.all(workers);
    const sum = (what) => counts.reduce((total, count) => total + count[what], 0);
    console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
    return sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What takes longest first, so that no worker ends long after the other. */
function testFiles() {
  const longest = ['stop.test.ts', 'ports.test.ts', 'failing.test.ts'];
  const files = readdirSync(join(root, 'test/real')).filter((name) => name.endsWith('.test.ts'));
  const isWanted = (name) => wanted.length === 0 || wanted.some((word) => name.includes(basename(word)));
  const rank = (name) => (longest.includes(name) ? longest.indexOf(name) : longest.length);
  return files.filter(isWanted).sort((a, b) => rank(a) - rank(b));
}

/** Its output comes when it has ended, lest that of two at once be mixed. */
async function runFile(name, { laneFile, folder }) {
  const countFile = join(folder, `${name}.txt`);
  const jest = ['scripts/test.mjs', '--config', 'test/real/jest.config.mjs', '--runInBand', `test/real/${name}`];
  const filter = asked['test-name'] === undefined ? [] : ['-t', asked['test-name']];
  const child = spawn(process.execPath, [...jest, ...filter], {
    cwd: root,
    env: { ...process.env, REAL_LANE_FILE: laneFile, REAL_LANE_COUNT: countFile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (block) => printed.push(block));
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  process.stdout.write(Buffer.concat(printed));
  const [, passed, failed] = existsSync(countFile)
    ? /(\d+) passed, (\d+) failed/.exec(readFileSync(countFile, 'utf8'))
    : [0, 0, 1];
  return { passed: Number(passed), failed: Number(failed) };
}
