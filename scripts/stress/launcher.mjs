// One launcher of the crowd: loads its code, says `ready`, chooses once it is told `go` and keeps its lease until its
// input ends. Told `hold`, it takes the mutex and keeps that. Times are the machine's monotonic clock, in ms.
import { createInterface } from 'node:readline';
import { choose, mutexNamed } from '../bench/chooser.mjs';

const asked = JSON.parse(process.argv[2]);
const now = () => Number(process.hrtime.bigint()) / 1e6;
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

async function go() {
  const times = { askedAt: now() };
  const { offset, ports, warnings, letGo } = await choose(asked, {
    enters: () => {
      times.enteredAt = now();
    },
    leaves: () => {
      times.leftAt = now();
    },
  })();
  times.leftAt ??= now();
  tell({ offset, ports, warnings, ...times });
  return letGo;
}

async function hold() {
  await mutexNamed(asked.mutexName).acquire(60_000, new AbortController().signal);
  tell({ enteredAt: now() });
}

async function main() {
  let letGo;
  tell('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'hold') await hold();
    else letGo = await go();
  }
  letGo?.();
  process.exit();
}

main();
