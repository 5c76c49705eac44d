import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { APIM_BASES, bundle, temporaryFolder } from './bundle.mjs';
import { bundlePeers } from './peers.mjs';
import { least, MIN_OFFSET, median, ms, now, table } from './setting.mjs';

const LISTENERS = 10_000;
const CONNECTIONS = 20_000;

/**
 * The smallest free offset for API Manager's 15 ports, by us and by the libraries that find free ports: each time a
 * fresh process, which has loaded its code and `net`, from the question to the answer; all in turn.
 */
export async function choosing({ runs }) {
  const { folder, close } = temporaryFolder();
  try {
    const ours = await bundle(join(folder, 'ours.cjs'), { entry: 'chooser.mjs' });
    const { bundles, missing } = await bundlePeers(folder);
    const lines = missing.map((name) => `${name} can't be had here, and is left out.`);
    for (const blocked of [0, 1, 10, 100])
      lines.push(...(await compare({ 'wso2-launch': ours, ...bundles }, blocked, runs)), '');
    lines.push(...(await whole(ours, folder, runs)), '');
    lines.push(...(await crowded(ours, folder, runs)));
    return lines;
  } finally {
    close();
  }
}

async function compare(bundles, blocked, runs) {
  const times = Object.fromEntries(Object.keys(bundles).map((name) => [name, []]));
  const wholes = Object.fromEntries(Object.keys(bundles).map((name) => [name, []]));
  await withBlocked(blocked, () => {
    for (let run = 0; run < runs; run++) {
      for (const [name, file] of Object.entries(bundles)) {
        const startedAt = now();
        times[name].push(ask(file, 'search', {}, blocked).tookMs);
        wholes[name].push(now() - startedAt);
      }
    }
  });
  const [ours] = Object.values(times);
  const over = (values) => [least, median].map((of) => `${(of(values) / of(ours)).toFixed(1)}x`);
  const rows = Object.keys(times).map((name) => [
    name,
    ms(least(times[name])),
    ms(median(times[name])),
    ...over(times[name]),
    ms(median(wholes[name])),
  ]);
  return table([`${blocked} offsets blocked`, 'min', 'median', 'over ours: min', 'median', 'process, median'], rows);
}

/** With all that the libraries don't do: the mutex, others' leases, the home's idleness, the holders' names, the lease. */
async function whole(ours, folder, runs) {
  const rows = [];
  for (const blocked of [0, 1, 10, 100]) {
    const times = [];
    await withBlocked(blocked, () => {
      for (let run = 0; run < runs; run++) times.push(ask(ours, 'choose', places(folder), blocked).tookMs);
    });
    rows.push([`${blocked} offsets blocked`, ms(least(times)), ms(median(times)), ms(Math.max(...times))]);
  }
  return table(['whole choice, with mutex and lease', 'min', 'median', 'max'], rows);
}

async function crowded(ours, folder, runs) {
  const kinds = [
    ['search, none blocked', 'search', 0],
    ['search, 10 blocked', 'search', 10],
    ['whole choice, none blocked', 'choose', 0],
    ['whole choice, 10 blocked', 'choose', 10],
  ];
  const measure = async () => {
    const times = [];
    for (const [, how, blocked] of kinds) {
      const of = [];
      await withBlocked(blocked, () => {
        for (let run = 0; run < runs; run++) of.push(ask(ours, how, places(folder), blocked).tookMs);
      });
      times.push(of);
    }
    return times;
  };
  const before = await measure();
  const { closeCrowd, title } = await openCrowd();
  const busy = await measure();
  await closeCrowd();
  const after = await measure();
  const rows = kinds.map(([what], index) => {
    const quiet = [...before[index], ...after[index]];
    const ratios = [least, median].map((of) => `${(of(busy[index]) / of(quiet)).toFixed(2)}x`);
    return [what, ms(least(quiet)), ms(median(quiet)), ms(least(busy[index])), ms(median(busy[index])), ...ratios];
  });
  return table([title, 'quiet: min', 'median', 'busy: min', 'median', 'busy over quiet: min', 'median'], rows);
}

const places = (folder) => ({ leaseFolder: join(folder, 'leases'), mutexName: `wso2-launch/bench/${process.pid}` });

// `net` and what its first listener loads belong to any launcher, whoever chooses.
const ASK = `
const [file, how, asked] = process.argv.slice(1);
const chooser = require(file);
require('node:net');
require('node:cluster');
const go = chooser[how](JSON.parse(asked));
const startedAt = performance.now();
go().then((answer) => {
  const tookMs = performance.now() - startedAt;
  answer.letGo?.();
  process.stdout.write(JSON.stringify({ offset: answer.offset ?? answer, tookMs }), () => process.exit());
});`;

function ask(file, how, more, blocked) {
  const asked = JSON.stringify({ bases: APIM_BASES, min: MIN_OFFSET, ...more });
  const answer = JSON.parse(execFileSync(process.execPath, ['-e', ASK, file, how, asked], { encoding: 'utf8' }));
  if (answer.offset !== MIN_OFFSET + blocked) {
    throw new Error(`${file} chose ${answer.offset} where ${MIN_OFFSET + blocked} was to be chosen`);
  }
  return answer;
}

/** Blocks so many offsets, each by another program's listener on one port that chance picks, always the same. */
async function withBlocked(count, work) {
  const free = new Set(APIM_BASES.map((base) => base + MIN_OFFSET + count));
  const servers = [];
  let state = 42;
  for (let offset = MIN_OFFSET; offset < MIN_OFFSET + count; offset++) {
    let port;
    do {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      port = APIM_BASES[Math.floor((state / 2 ** 32) * APIM_BASES.length)] + offset;
    } while (free.has(port));
    servers.push(
      createServer()
        .on('error', () => {})
        .listen(port, '127.0.0.1'),
    );
  }
  await new Promise((resolve) => setImmediate(resolve));
  try {
    work();
  } finally {
    for (const server of servers) server.close();
  }
}

/** Listeners and connections of other programs, as many as this machine's limits allow. */
async function openCrowd() {
  const limit = Number(spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout) || 65_536;
  const programs = Math.min(16, Math.ceil((LISTENERS + 2 * CONNECTIONS) / (Math.min(limit, 20_000) - 100)));
  const part = Math.min(1, (programs * (limit - 100)) / (LISTENERS + 2 * CONNECTIONS));
  const listeners = Math.floor((LISTENERS * part) / programs);
  const connections = Math.floor((CONNECTIONS * part) / programs);
  const program = join(dirname(fileURLToPath(import.meta.url)), 'busy.mjs');
  const children = [];
  for (let index = 0; index < programs; index++) {
    const words = [process.execPath, program, 27_000 + index * 1_000, listeners, connections].map(String);
    const child = spawn('sh', ['-c', 'ulimit -n "$(ulimit -Hn)"; exec "$@"', 'sh', ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    if (String(said) !== 'up\n') throw new Error(`the crowd of sockets could not be opened: ${said}`);
  }
  const closeCrowd = () =>
    Promise.all(
      children.map((child) => {
        const exited = once(child, 'exit');
        child.stdin.end();
        return exited;
      }),
    );
  const title = `beside ${programs * listeners} listeners and ${programs * connections} connections`;
  return { closeCrowd, title };
}
