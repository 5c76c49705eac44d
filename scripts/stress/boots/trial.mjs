// One launch, watched from outside.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts a launch with a state folder of its own. `args` begin with the product. */
export function launch(name, args, { folder, cli, javaHome }) {
  const { PATH = '' } = process.env;
  mkdirSync(join(folder, 'user'), { recursive: true });
  const env = { PATH, HOME: join(folder, 'user'), JAVA_HOME: javaHome };
  const child = spawn(process.execPath, [cli, ...args, '--json'], {
    env: { ...env, WSO2_LAUNCH_STATE_DIR: join(folder, `state-${name}`) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const startedAtMs = performance.now();
  const waiting = [];
  const trial = { child, pid: child.pid, events: [], stderr: '', startedAtMs, exit: undefined };
  createInterface({ input: child.stdout }).on('line', (line) => {
    trial.events.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    trial.stderr += text;
  });
  trial.exited = new Promise((resolve) => {
    child.once('close', (code, signal) => {
      trial.exit = { code, signal, atMs: performance.now() };
      for (const look of waiting) look();
      resolve(trial.exit);
    });
  });
  /** An event of that kind, or undefined once there can be none. */
  trial.event = (kind) =>
    new Promise((resolve) => {
      const look = () => {
        const found = trial.events.find(({ event }) => event === kind);
        if (found || trial.exit) resolve(found);
      };
      waiting.push(look);
      look();
    });
  return trial;
}

/** Ends a launch in order. */
export async function stop(trial) {
  trial.child.kill('SIGINT');
  await trial.exited;
}
