// Holds what we make of a deployment.toml against what a kernel's own configuration mapper and TOML parser make of it:
//   node scripts/judge-lane.mjs [--all] [--mutants N] [--seed N] [--keep FOLDER] [SAMPLES]
// SAMPLES, or WSO2_CONFIG_CORPUS, is a folder of configuration files, one folder a product and version, with the rules
// of products in `model`; it need not be there. `--all` asks each kernel of test/real/kernels.json, else the first.
// Files with a difference are left in FOLDER. What the lane lacks is printed, and the exit code is 2.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { MODELS, prepareModel } from './judge/models.mjs';
import { mutants } from './judge/mutants.mjs';
import { ourVerdicts } from './judge/ours.mjs';
import { portsRendered, theirVerdicts } from './judge/theirs.mjs';
import { findJdks } from './real/jdks.mjs';
import { cacheFolder, kernelHome, NoKernel, prepareCache } from './real/kernels.mjs';

const root = join(import.meta.dirname, '..');
const { values: asked, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    mutants: { type: 'string', default: '2500' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string' },
    'fetch-timeout': { type: 'string', default: '180' },
  },
});
const samples = positionals[0] ?? process.env.WSO2_CONFIG_CORPUS;
const SHOWN = 40;
const log = (text) => console.log(`judge: ${text}`);

/** Ends the lane, which is no failure of the project's: the rest of the tests goes on. */
class Lacking extends Error {}

/** The variables and the properties that the files refer to; the others are not set. */
const SERVER = {
  env: {
    JUDGE_HOST: 'judge.example.com',
    JUDGE_OFFSET: '7',
    JUDGE_EMPTY: '',
    JUDGE_REFERENCE: '$ref{server.node_ip}',
    JUDGE_DOLLAR: 'a$1b',
    JAVA_HOME: '/java',
  },
  properties: {
    'judge.port': '9600',
    'judge.empty': '',
    'judge.reference': '$ref{server.node_ip}',
    'judge.dollar': 'a\\$1b',
  },
};

try {
  const pinned = JSON.parse(readFileSync(join(root, 'test/real/kernels.json'), 'utf8'));
  const results = [];
  for (const kernel of asked.all ? pinned : pinned.slice(0, 1)) results.push(...(await judgedBy(kernel)));
  const failed = results.filter((isSame) => !isSame).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof Lacking)) throw error;
  console.log(`The lane of the judge lacks ${error.message}.`);
  process.exitCode = 2;
}

/** One result for each model: whether there was no difference. @throws Lacking */
async function judgedBy(pinned) {
  const [oldest, newest] = pinned.jdk;
  // A Java without its compiler runs no source.
  const canCompile = ({ home }) => ['javac', 'javac.exe'].some((name) => existsSync(join(home, 'bin', name)));
  const jdk = findJdks().findLast((one) => one.feature >= oldest && one.feature <= newest && canCompile(one));
  if (!jdk) throw new Lacking(`a JDK from ${pinned.jdk.join(' to ')}`);
  const kernel = await fetched(pinned);
  const results = [];
  for (const wanted of MODELS) {
    const folder = mkdtempSync(join(tmpdir(), 'wso2-launch-judge-'));
    try {
      const model = prepareModel(wanted, { kernel, samples, folder });
      if (!model) {
        log(`the rules of ${wanted.name} are skipped: no folder of samples holds them`);
        continue;
      }
      const files = filesFor(model, kernel);
      const setting = { ...SERVER, env: { ...SERVER.env, CARBON_HOME: model.home }, keys: model.keys, folder };
      const mapper = { libraries: join(kernel, 'lib'), resources: model.resources, java: join(jdk.home, 'bin/java') };
      const theirs = await theirVerdicts(files, mapper, setting);
      const ours = await ourVerdicts(files, model, setting);
      results.push(report(`kernel ${pinned.version}, rules of ${model.name}`, { files, theirs, ours, jdk, model }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return results;
}

/** @throws Lacking */
async function fetched(pinned) {
  const cache = cacheFolder();
  try {
    prepareCache(cache);
    const isReachable = process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, 'mvn')));
    return await kernelHome(pinned, { cache, timeoutMs: Number(asked['fetch-timeout']) * 1000, isReachable, log });
  } catch (error) {
    throw new Lacking(
      error instanceof NoKernel
        ? `kernel ${pinned.version}: ${error.message}`
        : `a folder for its kernels: ${error.message}`,
    );
  }
}

/** Good files, and what becomes of them: `{ name, how, bytes }`. */
function filesFor(model, kernel) {
  const read = (name, path) => ({ name, text: readFileSync(path, 'utf8') });
  const seeds = join(import.meta.dirname, 'judge/seeds');
  const own = [
    ...readdirSync(seeds)
      .sort()
      .map((name) => read(name, join(seeds, name))),
    read('kernel.toml', join(kernel, 'repository/conf/deployment.toml')),
  ];
  const found =
    samples === undefined
      ? []
      : readdirSync(samples)
          .sort()
          .map((name) => [name, join(samples, name, 'deployment.toml')]);
  const shipped = found
    .filter(([name, path]) => model.takes.test(name) && existsSync(path))
    .map(([name, path]) => read(`${name}.toml`, path));
  const good = [...(model.takes.test('kernel') ? own : []), ...shipped];
  const many = Number(asked.mutants);
  const changed = mutants(good, {
    size: model.takes.test('kernel') ? many : Math.ceil(many / 4),
    seed: Number(asked.seed),
  });
  return [...good.map(({ name, text }) => ({ name, how: name, bytes: Buffer.from(text) })), ...changed];
}

/** Prints what was compared, and each difference. */
function report(title, { files, theirs, ours, jdk, model }) {
  const counts = { refused: 0, 'with the same ports': 0, 'with a template that failed': 0, unsettled: 0 };
  const differences = files.flatMap((file) => {
    const pair = { theirs: theirs.get(file.name), ours: ours.get(file.name) };
    const { same, difference } = compare(pair, { jdk, keys: model.keys });
    if (same) counts[same] += 1;
    return difference ? [{ ...file, ...pair, difference }] : [];
  });
  const parts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  log(`${title}: ${files.length} files, ${parts.join(', ')}; differences: ${differences.length}`);
  for (const { name, how, difference } of differences.slice(0, SHOWN)) log(`  ${name} (${how}): ${difference}`);
  if (asked.keep !== undefined) keep(differences);
  return differences.length === 0;
}

function keep(differences) {
  mkdirSync(asked.keep, { recursive: true });
  for (const { name, how, bytes, theirs, ours, difference } of differences) {
    writeFileSync(join(asked.keep, name), bytes);
    writeFileSync(join(asked.keep, `${name}.json`), `${JSON.stringify({ how, difference, theirs, ours }, null, 2)}\n`);
  }
}

/** What is the same of both verdicts, or what differs. */
function compare({ theirs, ours }, { jdk, keys }) {
  if (ours.fault !== undefined) return { difference: `a fault of ours: ${ours.fault}` };
  const told = { ...theirs, ...(theirs.rendered && portsRendered(theirs.rendered)) };
  if (told.refusal === undefined && ours.refusal !== undefined) {
    // Without templates of the product nobody says what it makes of a number that is none.
    const isNoNumber = !theirs.rendered && theirs.settings && hasNoNumber(theirs.settings);
    return isNoNumber ? { same: 'refused' } : { difference: `we refuse: ${ours.refusal}` };
  }
  // A template that stumbles over a value of the wrong shape: nobody runs templates to foretell a port.
  if (told.refusal?.includes('FatalTemplateErrorsException')) return { same: 'with a template that failed' };
  if (told.refusal !== undefined) {
    return ours.refusal === undefined ? { difference: `the server refuses: ${told.refusal}` } : { same: 'refused' };
  }
  // Which of two names of one setting wins is another on a JDK before 19, and we say so.
  if (jdk.feature < 19 && ours.warnings.some((text) => text.includes('on a JDK before 19')))
    return { same: 'unsettled' };
  const different = [
    ...Object.entries(told.ports ?? {}).flatMap(([name, number]) => inWords(name, number, ours.ports[name])),
    ...keys.flatMap((key) => inWords(key, told.settings[key], ours.settings[key])),
  ];
  return different.length === 0 ? { same: 'with the same ports' } : { difference: different.join('; ') };
}

function hasNoNumber(settings) {
  return Object.entries(settings).some(([key, text]) => /port'?$/i.test(key) && !/^[-+]?\d+$/.test(text));
}

/** A date is no port, and Java writes it in its own way. An empty list is to us what stands above a key as well, where templates find nothing at all. */
function inWords(name, theirs, ours) {
  if (/^\d+[-:]\d\d[-:]\d\d/.test(String(ours))) return [];
  const told = String(theirs ?? '').replace(/^\[\]$/, '');
  return told === javaText(ours).replace(/^\[\]$/, '') ? [] : [`${name} is ${theirs} to the server, ${ours} to us`];
}

function javaText(value) {
  return Array.isArray(value) ? `[${value.map(javaText).join(', ')}]` : String(value ?? '');
}
