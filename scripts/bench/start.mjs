import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { CLI, makeFifo, makeHome, now, over, timed } from './setting.mjs';

/** From exec of the CLI to exec of the start script, `--help` and `ports`, each against a bare `node -e 0`. */
export async function start({ runs }) {
  const setting = makeHome('#!/bin/sh\necho started > started\n');
  const fifo = join(setting.home, 'started');
  makeFifo(fifo);
  const bare = [];
  const script = [];
  const help = [];
  const ports = [];
  try {
    for (let run = 0; run < runs; run++) {
      bare.push(await timed(process.execPath, ['-e', '0']));
      script.push(await untilScriptRuns(setting, fifo));
      help.push(await timed(process.execPath, [CLI, '--help']));
      ports.push(await timed(process.execPath, [CLI, 'ports', 'mi', '--home', setting.home], { env: setting.env }));
    }
  } finally {
    setting.close();
  }
  return [over('to exec of the start script', script, bare), over('--help', help, bare), over('ports', ports, bare)];
}

/** Milliseconds from exec of the CLI to the first line of the start script, which writes to `fifo`. */
export async function untilScriptRuns(setting, fifo) {
  const written = new Promise((resolve) => createReadStream(fifo).once('data', () => resolve(now())));
  const startedAt = now();
  const child = spawn(process.execPath, [CLI, ...setting.launchArgs], { env: setting.env, stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const ranAt = await written;
  await exited;
  return ranAt - startedAt;
}
