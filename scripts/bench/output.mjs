import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launched, makeHome, median, serverScript } from './setting.mjs';

const MIB = 1024;
// It waits a moment, so that the launch is ready and both cores are there for the two of them.
const WRITE = `
  const block = Buffer.from(("x".repeat(119) + "\\n").repeat(8192));
  setTimeout(() => {
    const startedAt = process.hrtime.bigint();
    for (let n = 0; n < ${MIB} * 1024 * 1024; n += block.length) fs.writeSync(1, block);
    fs.writeFileSync("seconds.tmp", String(Number(process.hrtime.bigint() - startedAt) / 1e9));
    fs.renameSync("seconds.tmp", "seconds");
  }, 1500);`;

/** How fast a server writes 1 GiB under the launcher, against the same server writing to a plain file. */
export async function output({ runs }) {
  const rounds = Math.max(3, Math.round(runs / 5));
  const speeds = { plain: [], 'terminal read by a pipe': [], 'reader stopped': [] };
  for (let round = 0; round < rounds; round++) {
    speeds.plain.push(await plain());
    speeds['terminal read by a pipe'].push(await underLauncher(true));
    speeds['reader stopped'].push(await underLauncher(false));
  }
  const base = speeds.plain;
  return Object.entries(speeds).map(([name, values]) => {
    const best = Math.max(...values) / Math.max(...base);
    return `${name}: best ${Math.max(...values).toFixed(0)} MiB/s, median ${median(values).toFixed(0)} MiB/s; of plain: best ${best.toFixed(2)}, median ${(median(values) / median(base)).toFixed(2)}`;
  });
}

async function plain() {
  const setting = makeHome(serverScript(WRITE));
  const fd = openSync(join(setting.folder, 'plain.log'), 'a');
  const child = spawn(join(setting.home, 'bin/micro-integrator.sh'), ['-DportOffset=6500'], {
    cwd: setting.home,
    stdio: ['ignore', fd, fd],
  });
  try {
    return await speed(setting);
  } finally {
    child.kill('SIGTERM');
    closeSync(fd);
    setting.close();
  }
}

async function underLauncher(isRead) {
  const setting = makeHome(serverScript(WRITE));
  const { child, exited } = await launched(setting, ['ignore', 'pipe', 'pipe']);
  if (isRead) child.stdout.resume();
  try {
    return await speed(setting);
  } finally {
    child.stdout.resume();
    child.kill('SIGTERM');
    await exited;
    setting.close();
  }
}

async function speed(setting) {
  const file = join(setting.home, 'seconds');
  while (!existsSync(file)) await sleep(50);
  return MIB / Number(readFileSync(file, 'utf8'));
}
