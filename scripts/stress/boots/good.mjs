// Boots that come up for all that is done to them.
import { spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch, stop } from './trial.mjs';

const SUSPENDED_MS = 50_000;
/** How many stand-ins boot at once; they are suspended most of the time. */
const AT_ONCE = 8;
/** A kernel gets through its boot with so much, and spends most of that time collecting garbage. */
const LEAST_HEAP = '96m';

/** What is done to a boot, until the function that is given back is called. */
export const HINDRANCES = {
  'beside busy loops': () => {
    const loops = Array.from({ length: 4 }, () => spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }));
    return () => {
      for (const loop of loops) loop.kill('SIGKILL');
    };
  },
  'suspended for 50 s': (trial, afterMs) => {
    void suspendLater(trial, afterMs);
    return () => {};
  },
  'with a tiny heap': () => () => {},
};
const NAMES = Object.keys(HINDRANCES);

// Lines close to those that end a boot, as servers that come up write them, or applications in these. The stand-in puts
// time and level before them.
const HARMLESS = [
  'org.wso2.carbon.ui Could not resolve module: org.wso2.carbon.console [91]',
  'org.apache.catalina.core.StandardContext Context [/portal] startup failed due to previous errors',
  'org.apache.felix.Framework Exception in example.Activator.start() of bundle example.one.',
  'org.example.Checks Cannot start User Manager Core bundle, said the other one',
];

export const standInBoots = (count) =>
  Array.from({ length: count }, (_, index) => ({
    name: `stand-in-${index}`,
    hindrance: NAMES[index % 2],
    behaviour: { bindAfterMs: 1_000 + (index % 7) * 3_000, bootLine: HARMLESS[index % HARMLESS.length] },
    afterMs: 300 + ((index * 613) % 4_000),
  }));

export const kernelBoots = (count) =>
  Array.from({ length: count }, (_, index) => ({
    name: `kernel-${index}`,
    hindrance: NAMES[index % NAMES.length],
    isKernel: true,
    afterMs: 500 + ((index * 1_733) % 9_000),
  }));

/** The results: `readyMs`, or in which words the launch has failed. */
export async function bootWell(boots, place) {
  const results = [];
  const javaHome = join(place.folder, 'jdk');
  place.kit.createStandInJdk(javaHome, { version: '17.0.9' });
  const standIns = boots.filter(({ isKernel }) => !isKernel);
  const suspended = standIns.filter(({ hindrance }) => hindrance === 'suspended for 50 s');
  const others = standIns.filter((boot) => !suspended.includes(boot));
  for (const [all, atOnce] of [
    [suspended, AT_ONCE],
    [others, 2],
  ]) {
    for (let at = 0; at < all.length; at += atOnce) {
      const some = all
        .slice(at, at + atOnce)
        .map((boot, index) => bootStandIn(boot, 20 * index, { ...place, javaHome }));
      results.push(...(await Promise.all(some)));
    }
  }
  for (const boot of boots.filter(({ isKernel }) => isKernel)) {
    results.push(await bootKernel(boot, place));
    const { name, hindrance, readyMs, failed } = results.at(-1);
    console.log(`  ${name}, ${hindrance}: ${failed ?? `ready after ${(readyMs / 1000).toFixed(1)} s`}`);
  }
  return results;
}

function bootStandIn({ behaviour, ...boot }, offset, place) {
  const home = join(place.folder, boot.name);
  place.kit.createStandInHome(home, { product: 'mi', version: '4.4.0', behaviour });
  return hinder(boot, ['mi', '--home', home, '-a', '--min-offset', String(100 + offset)], place);
}

async function bootKernel(boot, place) {
  const home = join(place.folder, boot.name);
  cpSync(place.kernel, home, { recursive: true });
  const heap = boot.hindrance === 'with a tiny heap' ? ['--memory', LEAST_HEAP] : [];
  const result = await hinder(boot, ['server', '--home', home, '-a', ...heap], place);
  rmSync(home, { recursive: true, force: true });
  return result;
}

async function hinder({ name, hindrance, afterMs }, args, place) {
  const trial = launch(name, [...args, '--ready-timeout', '10m'], place);
  const relieve = HINDRANCES[hindrance](trial, afterMs);
  const ready = await trial.event('ready');
  relieve();
  if (ready) {
    await stop(trial);
    return { name, hindrance, readyMs: ready.durationMs };
  }
  const failed = trial.events.find(({ event }) => event === 'failed');
  return { name, hindrance, failed: failed ? `${failed.failure}: ${failed.message}` : trial.stderr.slice(-500) };
}

/** Suspends script and JVM some time after the start, for as long as a laptop takes to be opened again. */
async function suspendLater(trial, afterMs) {
  const starting = await trial.event('starting');
  await sleep(afterMs);
  if (!starting || trial.exit || trial.events.some(({ event }) => event === 'ready')) return;
  const pids = groupOf(starting.pid);
  for (const pid of pids) signal(pid, 'SIGSTOP');
  await sleep(SUSPENDED_MS);
  for (const pid of pids) signal(pid, 'SIGCONT');
}

const groupOf = (leader) =>
  readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const [, , group] = readFileSync(`/proc/${entry}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(group) === leader ? [Number(entry)] : [];
    } catch {
      return []; // gone meanwhile
    }
  });

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // gone meanwhile
  }
}
