import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const CLI = join(dirname(fileURLToPath(import.meta.url)), '../../bin/wso2-launch.cjs');
/** Offsets of the measurements, out of the way of servers that run on this machine. */
export const MIN_OFFSET = 6000;

export const now = () => performance.now();
export const least = (values) => Math.min(...values);
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
export const ms = (value) => `${value.toFixed(1)} ms`;
export const mib = (kib) => `${(kib / 1024).toFixed(1)} MiB`;
/** A table's lines: the first column is text, the others are figures. */
export function table(titles, rows) {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  return [line(titles), ...rows.map(line)];
}
/** One line: minimum and median of something, over its comparison's. */
export const over = (what, values, base) =>
  `${what}: min ${ms(least(values))}, median ${ms(median(values))}; over its comparison min +${ms(least(values) - least(base))}, median +${ms(median(values) - median(base))}`;

/** A home whose start script and "JVM" are as small as can be, in a folder that `close` removes. */
export function makeHome(script) {
  const folder = mkdtempSync(join(tmpdir(), 'wso2-launch-bench-'));
  const write = (path, text, mode) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    if (mode) chmodSync(join(folder, path), mode);
  };
  write('home/bin/version.txt', 'WSO2 Micro Integrator v4.4.0\n');
  write('home/bin/micro-integrator.sh', script, 0o755);
  write('home/conf/deployment.toml', '[server]\nhostname = "localhost"\n');
  write('jdk/release', 'JAVA_VERSION="17.0.9"\n');
  write('jdk/bin/java', '#!/bin/sh\n', 0o755);
  const env = { ...process.env, JAVA_HOME: join(folder, 'jdk'), WSO2_LAUNCH_STATE_DIR: join(folder, 'state') };
  const launchArgs = ['mi', '--home', join(folder, 'home'), '-a', '--min-offset', String(MIN_OFFSET)];
  return {
    folder,
    home: join(folder, 'home'),
    env,
    launchArgs,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A start script that becomes a server: four listeners, the ready line, and whatever `then` does. */
export function serverScript(then = '') {
  return `#!/bin/sh
exec ${process.execPath} -e '
const offset = Number(process.argv.find((a) => a.startsWith("-DportOffset=")).slice(13));
const fs = require("fs"), http = require("http"), net = require("net");
fs.writeFileSync("wso2carbon.pid", String(process.pid));
process.on("SIGTERM", () => process.exit(143));
const ready = (request, response) => response.end("{}");
let open = 0;
for (const base of [8280, 8243, 9154, 9191]) {
  const server = base === 9191 ? http.createServer(ready) : net.createServer();
  server.listen(base + offset, "0.0.0.0", () => {
    if (++open < 4) return;
    fs.writeFileSync("listening-at", String(Date.now()));
    fs.writeSync(1, "WSO2 Micro Integrator started in 1.00 seconds\\n");
    ${then}
  });
}
' -- "$@"
`;
}

/** Runs a program to its end and resolves to the milliseconds that took. */
export function timed(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const startedAt = now();
    const child = spawn(file, args, { stdio: 'ignore', ...options });
    child.once('error', reject);
    child.once('exit', () => resolve(now() - startedAt));
  });
}

/** Launches and resolves once ready: the process and the moment it said so. */
export async function launched(setting, stdio = ['ignore', 'ignore', 'pipe'], more = []) {
  const child = spawn(process.execPath, [CLI, ...setting.launchArgs, ...more], { env: setting.env, stdio });
  let told = '';
  const readyAt = await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      told += text;
      if (/ ready, offset /.test(told)) resolve(Date.now());
    });
    child.once('exit', (code) => reject(new Error(`the launch ended with ${code}: ${told}`)));
  });
  return { child, readyAt, exited: new Promise((resolve) => child.once('exit', resolve)) };
}

/** KiB of memory that a process shares with nobody. */
export function privateKib(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0);
}

/** Clock ticks (10 ms) of processor time that a process has used. */
export function cpuTicks(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

export const makeFifo = (path) => execFileSync('mkfifo', [path]);

/** Resolves to the moment, on the wall clock, at which a process has ended. */
export async function untilGone(pid) {
  for (;;) {
    try {
      if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return Date.now();
    } catch {
      return Date.now();
    }
    await sleep(1);
  }
}
