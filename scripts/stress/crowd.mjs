// Many launchers that choose at the same moment, on this machine. Usage:
//   node scripts/stress/crowd.mjs [--launchers 100] [--rounds 20] [--kills 20] [--min-offset 8000] [--untimed]
//     [--without-turns]
//
// Each launcher is a process of its own that runs the product's `reserve` with the real mutex, leases and sockets, and
// keeps its lease until all have chosen. The whole CLI with a server each would measure something else: a hundred
// shells and JVM stand-ins on two cores start one after another, and hardly two of them meet at the mutex. Here all are
// loaded first and then set off at once.
//
// It ends with 1 unless each round gives all of them different ports, without a gap that the ports do not force, one at
// a time inside the mutex, and all within 6 s; and unless a killed holder of the mutex is followed within 100 ms.
// `--without-turns`: none of them gets the mutex, as if another user kept it, and they only have to get different ports:
// one that gives way to another leaves a gap.
// `--untimed` shows the times without judging them, for a machine that is busy with other work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { APIM_BASES, bundle, temporaryFolder } from '../bench/bundle.mjs';
import { median, ms } from '../bench/setting.mjs';

const WITHIN_MS = 6_000;
const NEXT_WITHIN_MS = 100;

delete process.env.NODE_EXTRA_CA_CERTS;
const { values } = parseArgs({
  options: {
    launchers: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '20' },
    kills: { type: 'string', default: '20' },
    'min-offset': { type: 'string', default: '8000' },
    untimed: { type: 'boolean', default: false },
    'without-turns': { type: 'boolean', default: false },
  },
});
const [launchers, rounds, kills, min] = ['launchers', 'rounds', 'kills', 'min-offset'].map((name) =>
  Number(values[name]),
);

const hasTurns = !values['without-turns'];

const { folder, close } = temporaryFolder();
const running = new Set();
let faults = 0;
try {
  const program = await bundle(join(folder, 'launcher.cjs'), { entry: '../stress/launcher.mjs' });
  const spent = [];
  for (let round = 1; round <= rounds; round++) spent.push(await chooseAtOnce(program, round));
  if (rounds > 0) console.log(`all chosen within: ${summary(spent)} (of ${launchers} launchers, ${rounds} rounds)`);
  const gaps = [];
  for (let kill = 1; kill <= kills; kill++) gaps.push(await killTheHolder(program));
  if (kills > 0) {
    console.log(`after the holder's SIGKILL the next was inside within: ${summary(gaps)} (${kills} times)`);
    check(values.untimed || Math.max(...gaps) < NEXT_WITHIN_MS, `not within ${NEXT_WITHIN_MS} ms`);
  }
} finally {
  for (const child of running) child.kill('SIGKILL');
  close();
}
console.log(faults === 0 ? 'passed' : `failed: ${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;

async function chooseAtOnce(program, round) {
  for (;;) {
    const expected = await greedyOffsets();
    const choices = await chooseTogether(program);
    if (String(expected) === String(await greedyOffsets())) return judge(choices, expected, round);
    console.log(`round ${round}: another program took or left a port meanwhile; once more`);
  }
}

async function chooseTogether(program) {
  const crowd = await Promise.all(Array.from({ length: launchers }, (_, index) => start(program, index)));
  for (const launcher of crowd) launcher.say('go');
  const choices = await Promise.all(crowd.map((launcher) => launcher.event()));
  await Promise.all(crowd.map((launcher) => launcher.end()));
  return choices;
}

function judge(choices, expected, round) {
  const offsets = choices.map(({ offset }) => offset).sort((a, b) => a - b);
  const ports = choices.flatMap((choice) => choice.ports);
  check(new Set(ports).size === ports.length, `round ${round}: two launchers have a port in common`);
  if (hasTurns) {
    check(String(offsets) === String(expected), `round ${round}: offsets ${offsets} instead of ${expected}`);
    check(areApart(choices), `round ${round}: two launchers were inside the mutex at the same time`);
    const warnings = new Set(choices.flatMap((choice) => choice.warnings));
    check(warnings.size === 0, `round ${round}: ${[...warnings].join(' ')}`);
  }

  const firstAt = Math.min(...choices.map(({ askedAt }) => askedAt));
  const spentMs = Math.max(...choices.map(({ leftAt }) => leftAt)) - firstAt;
  check(values.untimed || spentMs <= WITHIN_MS, `round ${round}: not within ${WITHIN_MS} ms`);
  const inside = choices.map(({ enteredAt, leftAt }) => leftAt - enteredAt);
  const range = `${offsets.length} offsets from ${offsets[0]} to ${offsets.at(-1)}`;
  console.log(`round ${round}: ${range}, all chosen within ${ms(spentMs)}, a turn takes ${ms(median(inside))}`);
  return spentMs;
}

/** The least offsets at which nothing collides, chosen one after another by the plainest means. */
async function greedyOffsets() {
  const taken = new Set();
  const offsets = [];
  for (let offset = min; offsets.length < launchers; offset++) {
    const ports = APIM_BASES.map((base) => base + offset);
    if (ports.some((port) => taken.has(port)) || !(await canListenOnAll(ports))) continue;
    offsets.push(offset);
    for (const port of ports) taken.add(port);
  }
  return offsets;
}

async function canListenOnAll(ports) {
  for (const port of ports) {
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, () => resolve(true));
    });
    if (!isFree) return false;
    await once(server.close(), 'close');
  }
  return true;
}

function areApart(choices) {
  const turns = [...choices].sort((a, b) => a.enteredAt - b.enteredAt);
  return turns.every(({ enteredAt }, index) => index === 0 || enteredAt >= turns[index - 1].leftAt);
}

/** How long after the death of the mutex's holder one of those who wait is inside. */
async function killTheHolder(program) {
  const holder = await start(program, 0);
  holder.say('hold');
  await holder.event();
  const waiting = await Promise.all(Array.from({ length: 10 }, (_, index) => start(program, index + 1)));
  for (const launcher of waiting) launcher.say('go');
  await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200));
  const killedAt = Number(process.hrtime.bigint()) / 1e6;
  holder.child.kill('SIGKILL');
  const choices = await Promise.all(waiting.map((launcher) => launcher.event()));
  await Promise.all(waiting.map((launcher) => launcher.end()));
  check(
    choices.every(({ enteredAt }) => enteredAt >= killedAt),
    'somebody was inside the mutex beside its holder',
  );
  return Math.min(...choices.map(({ enteredAt }) => enteredAt)) - killedAt;
}

/** A launcher that has loaded its code. */
async function start(program, index) {
  const home = join(folder, `home-${index}`);
  mkdirSync(home, { recursive: true });
  const mutexName = `wso2-launch/stress/${process.pid}`;
  const asked = JSON.stringify({
    bases: APIM_BASES,
    min,
    home,
    leaseFolder: join(folder, 'leases'),
    mutexName,
    hasTurns,
  });
  const child = spawn(process.execPath, [program, asked], { stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  const exited = once(child, 'exit').then(() => running.delete(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const event = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error('a launcher ended without an answer');
    return JSON.parse(value);
  };
  await event();
  return {
    child,
    event,
    say: (line) => child.stdin.write(`${line}\n`),
    end: () => {
      child.stdin.end();
      return exited;
    },
  };
}

function check(isSo, fault) {
  if (isSo) return;
  faults += 1;
  console.log(fault);
}

function summary(times) {
  return `min ${ms(Math.min(...times))}, median ${ms(median(times))}, max ${ms(Math.max(...times))}`;
}
