// Boots that would come up, made slow, and boots that can't: whether the rule that ends hopeless boots takes one for
// the other. Usage:
//   node scripts/stress/boots.mjs [--stand-ins 76] [--kernel HOME --java-home JDK] [--good 24] [--hopeless 20]
//     [--only NAME] [--cli FILE] [--processor 1]
//
//   good      a stand-in or a real kernel becomes ready, though it shares its processor with busy loops, all of it is
//             suspended for 50 s in the middle of its boot, or its heap is as small as it may be; it has failed when the
//             launch ends before it is ready
//   hopeless  a copy of the kernel is broken, in a way of its own; counted are the seconds from the first line by which the
//             launcher knows it to be lost to the end of the launch, as the log's own reader saw that line
//
// Everything runs on one processor, in a network of its own; without `--kernel`, stand-ins alone boot. It ends with 1 if
// a good boot was ended, or fewer than nine in ten of the hopeless ones within 15 s.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from '../bench/bundle.mjs';
import { networkOfItsOwn } from '../network.mjs';
import { bootWell, HINDRANCES, kernelBoots, standInBoots } from './boots/good.mjs';
import { BREAKAGES, breakAndBoot } from './boots/hopeless.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    'stand-ins': { type: 'string', default: '76' },
    kernel: { type: 'string' },
    'java-home': { type: 'string', default: process.env.JAVA_HOME },
    good: { type: 'string', default: '24' },
    hopeless: { type: 'string', default: String(BREAKAGES.length) },
    only: { type: 'string' },
    cli: { type: 'string', default: join(root, 'bin/wso2-launch.cjs') },
    processor: { type: 'string', default: '1' },
  },
});

if (process.env.BOOTS_APART === undefined) {
  const words = [...(networkOfItsOwn() ?? []), 'taskset', '-c', values.processor, process.execPath];
  const [file, ...args] = [...words, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const { status } = spawnSync(file, args, { stdio: 'inherit', env: { ...process.env, BOOTS_APART: '1' } });
  process.exit(status ?? 1);
}

const KIT = `
export { createStandInHome, createStandInJdk } from '../../src/standin/home.js';
export { classifyLine, stripColours } from '../../src/domain/log.js';
`;

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-boots-'));
let isWell = true;
try {
  const kit = createRequire(import.meta.url)(await bundle(join(folder, 'kit.cjs'), { text: KIT }));
  process.chdir(resolve(dirname(values.cli), '..')); // the stand-in is that of the build that is tried
  const place = { folder, kit, cli: resolve(values.cli), kernel: values.kernel, javaHome: values['java-home'] };
  await tryGood(place);
  if (values.kernel !== undefined) await tryHopeless(place);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = isWell ? 0 : 1;

async function tryGood(place) {
  const standIns = Number(values['stand-ins']);
  const boots = [
    ...standInBoots(standIns),
    ...(values.kernel === undefined ? [] : kernelBoots(Number(values.good))),
  ].filter(({ name }) => values.only === undefined || name.includes(values.only));
  const ended = [];
  const tookMs = Object.fromEntries(Object.keys(HINDRANCES).map((hindrance) => [hindrance, []]));
  for (const result of await bootWell(boots, place)) {
    if (result.readyMs === undefined) ended.push(result);
    else tookMs[result.hindrance].push(result.readyMs);
  }
  for (const [hindrance, all] of Object.entries(tookMs)) {
    if (all.length > 0) console.log(`good, ${hindrance}: ${all.length} ready, after ${range(all)}`);
  }
  for (const { name, failed } of ended) console.log(`good, ended: ${name}: ${failed}`);
  if (boots.length === 0) return;
  console.log(`good: ${boots.length - ended.length} of ${boots.length} ready`);
  isWell &&= ended.length === 0;
}

async function tryHopeless(place) {
  const breakages = BREAKAGES.slice(0, Number(values.hopeless)).filter(
    ({ name }) => values.only === undefined || name.includes(values.only),
  );
  const inTime = [];
  for (const breakage of breakages) {
    const { code, failure, line, sinceLineMs, sinceStartMs } = await breakAndBoot(breakage, place);
    if (code === 5 && (sinceLineMs ?? 0) <= 15_000) inTime.push(sinceLineMs ?? 0);
    const since = sinceLineMs === undefined ? 'by itself' : `${seconds(sinceLineMs)} after "${line}"`;
    console.log(`hopeless: ${breakage.name}: code ${code} (${failure}), ${seconds(sinceStartMs)} in all, ${since}`);
  }
  if (breakages.length === 0) return;
  console.log(`hopeless: ${inTime.length} of ${breakages.length} within 15 s of the line, at most ${range(inTime)}`);
  isWell &&= inTime.length >= breakages.length * 0.9;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function range(all) {
  return all.length === 0 ? '-' : `${seconds(Math.min(...all))} to ${seconds(Math.max(...all))}`;
}
