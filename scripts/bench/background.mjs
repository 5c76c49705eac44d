import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CLI,
  launched,
  least,
  makeHome,
  median,
  mib,
  ms,
  over,
  privateKib,
  serverScript,
  timed,
  untilGone,
} from './setting.mjs';

const INSTANCES = 10;
const QUIET_MS = 30_000;

/** Ten instances in the background: what each costs while quiet, and how long it takes to ask and to stop them. */
export async function background({ runs }) {
  const homes = Array.from({ length: INSTANCES }, () => makeHome(serverScript()));
  const { env } = homes[0];
  try {
    for (const { launchArgs } of homes) {
      const { exited } = await launched({ env, launchArgs }, undefined, ['--detach']);
      await exited;
    }
    const instances = recordsIn(env);
    const pairs = instances.map(({ supervisor }) => [supervisor.pid, childOf(supervisor.pid, 'wso2-launch-guard')]);
    // Node gives back what its start has taken for some seconds more.
    await sleep(20_000);
    const memory = pairs.map((pids) => pids.reduce((sum, pid) => sum + privateKib(pid), 0));
    const guards = pairs.map(([, guard]) => privateKib(guard));
    const wakeUps = await wakeUpsOf(pairs);
    const answers = await asked(runs, env);
    const stops = [];
    for (const { name, pid } of instances) stops.push(await stopped(name, pid, env));
    return [
      `private memory, supervisor and guard: ${range(memory, mib)}; the guard alone: ${range(guards, mib)}`,
      `wake-ups a second, supervisor and guard: ${range(wakeUps, (count) => count.toFixed(2))}`,
      ...answers,
      `stop returns after the server is gone: ${range(stops, ms)}`,
    ];
  } finally {
    await timed(process.execPath, [CLI, 'stop', '--all'], { env });
    for (const home of homes) home.close();
  }
}

const range = (values, format) =>
  `min ${format(least(values))}, median ${format(median(values))}, max ${format(Math.max(...values))}`;

function recordsIn(env) {
  const folder = join(env.WSO2_LAUNCH_STATE_DIR, 'instances');
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

function childOf(parent, word) {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ');
  return Number(children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)));
}

/** How often each pair was put on a processor, all threads counted, a second of quiet. */
async function wakeUpsOf(pairs) {
  const count = (pids) => pids.reduce((sum, pid) => sum + switchesOf(pid), 0);
  const before = pairs.map(count);
  await sleep(QUIET_MS);
  return pairs.map((pids, index) => ((count(pids) - before[index]) * 1000) / QUIET_MS);
}

function switchesOf(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const voluntary = /^voluntary_ctxt_switches:\s+(\d+)/m;
  return threads.reduce((sum, id) => {
    const [, count] = voluntary.exec(readFileSync(`/proc/${pid}/task/${id}/status`, 'utf8'));
    return sum + Number(count);
  }, 0);
}

/** Each in turn with a bare Node, so that all meet the same noise. */
async function asked(runs, env) {
  const questions = { ps: ['ps'], url: ['url', 'mi'], env: ['env', 'mi'], port: ['port', 'mi', 'http'] };
  const times = Object.fromEntries(Object.keys(questions).map((name) => [name, []]));
  const bare = [];
  for (let run = 0; run < runs; run++) {
    bare.push(await timed(process.execPath, ['-e', '0']));
    for (const [name, words] of Object.entries(questions))
      times[name].push(await timed(process.execPath, [CLI, ...words], { env }));
  }
  return Object.entries(times).map(([name, values]) => over(name, values, bare));
}

async function stopped(name, serverPid, env) {
  const gone = untilGone(serverPid);
  await timed(process.execPath, [CLI, 'stop', name], { env });
  return Date.now() - (await gone);
}
