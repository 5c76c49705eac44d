import { LaunchError } from '../api/error.js';
import { untilAborted } from '../system/clock.js';
import { failureText } from './failure.js';
import { TASK_VARIABLE, type Task, variablesLine } from './playwright-task.js';
import { holdServers } from './servers.js';

// The program that Playwright runs as a web server: it holds a server until it is told to end, or until Playwright is
// gone, whose end of our standard input the system closes then.

const END = new Error('not wanted any more');

async function hold({ name, spec, runnerPid }: Task, signal: AbortSignal): Promise<void> {
  const label = `playwright, pid ${runnerPid}`;
  const held = await holdServers({ [name]: spec }, { label, signal, output: process.stderr });
  process.stdout.write(variablesLine(held.variables()));
  await untilAborted(AbortSignal.any([signal, held.loss]));
  await held.giveBack();
  if (held.lost) throw held.lost;
}

/** Fires once nobody wants the server any more. */
function untilUnwanted(): AbortSignal {
  const ending = new AbortController();
  const end = (): void => ending.abort(END);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  process.stdin.on('error', end).on('end', end).on('close', end).resume();
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}); // the reader is gone
  return ending.signal;
}

async function main(): Promise<void> {
  const task = process.env[TASK_VARIABLE];
  if (task === undefined) throw new Error(`${TASK_VARIABLE} is not set: this program is for wso2-launch/playwright`);
  delete process.env[TASK_VARIABLE]; // the task may hold secrets, and is not for the server
  await hold(JSON.parse(task), untilUnwanted());
}

main()
  .catch((error: unknown) => {
    if (error === END) return;
    process.exitCode = error instanceof LaunchError ? error.code : 70;
    process.stderr.write(`${error instanceof LaunchError ? failureText(error) : (error as Error).stack}\n`);
  })
  .finally(() => process.stdin.destroy());
