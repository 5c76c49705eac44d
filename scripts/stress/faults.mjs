// Launches stand-in homes and lets faults happen to them at random moments, again and again. Usage:
//   node scripts/stress/faults.mjs [--rounds 300] [--seed N] [--jobs 1] [--kinds A,B] [--only NUMBER] [--cli FILE]
//
// A round launches one home, in the foreground or with --detach, has faults of one kind happen during its start, run,
// restart or stop, and brings it to its end as a user would: Ctrl-C, `stop --all`. The kinds, each in a file of faults/:
//   signals    a launcher, supervisor, guard, script or JVM is killed, asked to end, or suspended for a while
//   pairs      any two of them are killed within 20 ms
//   strangers  another user puts files, links, pipes and forged leases wherever everybody may write (as root only)
//   shortages  of files, processes, memory or length of files by a limit; of room, inodes or the right to write on a disk
//   clocks     the wall clock is set by hours while all run, or all of them sleep for a while
// It has failed unless soon afterwards no process, port, lease or socket is left, `ps` shows nothing, a fresh launch
// gets the smallest offset and the first name again, and nothing was said but what the table in faults/judge.mjs allows
// for what had happened.
//
// A seed gives the same plans again, though never the very same moments: those are shares of what a start and a stop
// take on this machine. Where the system allows it, each of the jobs has network, mounts, process ids and /tmp for
// itself; else there is one, disks are left out, and offsets from 2500 up have to be free. `--cli` tries another build,
// which has its `dist` beside its `bin`. It ends with 1 if a round failed, having printed all that is known of it.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ms, table } from '../bench/setting.mjs';
import { KINDS } from './faults/kinds.mjs';
import { worldOfItsOwn } from './faults/world.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    jobs: { type: 'string', default: '1' },
    kinds: { type: 'string', default: KINDS.map(({ word }) => word).join(',') },
    only: { type: 'string' },
    cli: { type: 'string', default: `${root}bin/wso2-launch.cjs` },
  },
});
const seed = Number(values.seed);
const { words, ...world } = worldOfItsOwn();
const jobs = world.isPrivate ? Number(values.jobs) : 1;
const numbers = values.only ? [Number(values.only)] : Array.from({ length: Number(values.rounds) }, (_, at) => at + 1);
const rounds = numbers.length;

console.log(
  `${rounds} rounds, seed ${seed}${world.isPrivate ? `, ${jobs} at a time` : ', without a world of their own'}`,
);
for (const { word, whyNot } of KINDS) if (whyNot?.(world)) console.log(`without ${word}: ${whyNot(world)}`);

const results = [];
await Promise.all(Array.from({ length: Math.min(jobs, rounds) }, work));
report();
process.exitCode = results.length === rounds && results.every(({ faults }) => faults.length === 0) ? 0 : 1;

/** One worker, until no round is left. */
function work() {
  const worker = fileURLToPath(new URL('faults/worker.mjs', import.meta.url));
  const [file, ...args] = [
    ...words,
    process.execPath,
    worker,
    resolve(values.cli),
    String(seed),
    values.kinds,
    JSON.stringify(world),
  ];
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.on('message', (result) => {
    if (!result.isOpen) take(result);
    const number = numbers.shift();
    if (number === undefined) child.disconnect();
    else child.send({ number });
  });
  return new Promise((done) => child.once('exit', done));
}

function take(result) {
  results.push(result);
  const { line, took, faults, sections } = result;
  console.log(`${line}; ${faults.length === 0 ? 'ok' : 'FAILED'}, ${ms(took)}`);
  for (const [title, lines] of Object.entries(faults.length > 0 || values.only ? sections : {})) {
    console.log(`--- ${title}`);
    for (const text of lines) console.log(text.trimEnd());
  }
}

function report() {
  const rows = KINDS.map(({ word }) => {
    const ofKind = results.filter(({ kind }) => kind === word);
    const failed = ofKind.filter(({ faults }) => faults.length > 0);
    const missed = ofKind.reduce((sum, one) => sum + one.missed, 0);
    return [
      word,
      ...[ofKind.length, ofKind.reduce((sum, one) => sum + one.hits.length, 0), missed, failed.length].map(String),
    ];
  });
  for (const line of table(['kind', 'rounds', 'faults', 'too late', 'failed'], rows)) console.log(line);
  const hits = countOf(results.flatMap((one) => one.hits));
  console.log(hits.map(([hit, times]) => `${hit} × ${times}`).join(', '));
  console.log(
    `launchers ended with ${countOf(results.map(({ end }) => end))
      .map(([end, times]) => `${end} × ${times}`)
      .join(', ')}`,
  );
  const failed = rounds - results.filter(({ faults }) => faults.length === 0).length;
  console.log(
    failed === 0 ? `passed: ${rounds} rounds, seed ${seed}` : `failed: ${failed} of ${rounds} rounds, seed ${seed}`,
  );
}

function countOf(words) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}
