// Runs the suite of test/examples: the projects of examples/ and others like them, on the package as it is packed, with
// the test runners that npm's client brings.
//   node scripts/examples-lane.mjs [-t NAME] [FILE…]
// What the lane lacks is printed, and the exit code is 2.
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const INSTALL_TIMEOUT_MS = 300_000;

/** Ends the lane, which is no failure of the project's: the rest of the tests goes on. */
class Lacking extends Error {}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wso2-launch-examples-')));
try {
  if (process.platform === 'win32') throw new Lacking('a POSIX system: its servers are shell scripts');
  process.exitCode = await runSuite(await installExamples(await pack()));
} catch (error) {
  if (!(error instanceof Lacking)) throw error;
  console.log(`The lane of examples lacks ${error.message}.`);
  process.exitCode = 2;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The path of the tarball. */
async function pack() {
  const { status, said } = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  if (status !== 0) throw new Error(`npm pack: ${said}`);
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
}

/** The folder that holds the examples, each with its packages. @throws Lacking where npm can't get them */
async function installExamples(tarball) {
  const installed = join(folder, 'installed examples'); // a path with a space
  mkdirSync(installed);
  const names = readdirSync(join(root, 'examples'));
  await Promise.all(names.map((name) => install(name, installed, tarball)));
  return installed;
}

async function install(name, installed, tarball) {
  const project = join(installed, name);
  cpSync(join(root, 'examples', name), project, {
    recursive: true,
    filter: (path) => !/node_modules|package-lock/.test(path),
  });
  const file = join(project, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  manifest.devDependencies['wso2-launch'] = `file:${tarball}`;
  writeFileSync(file, JSON.stringify(manifest, null, 2));
  const words = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const { status, said } = await run('npm', words, {
    cwd: project,
    env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (status !== 0) throw new Lacking(`the packages of examples/${name}, which npm can't get: ${said.split('\n')[0]}`);
}

/** The exit code. */
async function runSuite(installed) {
  const words = ['scripts/test.mjs', '--config', 'test/examples/jest.config.mjs', ...process.argv.slice(2)];
  const { status } = await run(process.execPath, words, {
    cwd: root,
    env: { ...process.env, EXAMPLES_LANE: installed, EXAMPLES_COUNT: join(folder, 'count.txt') },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.stdout.write(readFileSync(join(folder, 'count.txt'), 'utf8'));
  return status;
}

function run(file, args, options) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ status: code ?? 1, said: said.trim() }));
  });
}
