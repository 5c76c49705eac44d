import { join } from 'node:path';
import { parseDurationMs } from '../domain/numbers.js';
import { DEFAULTS } from '../launch/request.js';
import { forRunner } from './failure.js';
import { TASK_VARIABLE, type Task, VARIABLES_LINE } from './playwright-task.js';
import { checkSpecs } from './specs.js';
import type { ServerSpec } from './types.js';

export type { ServerSpec } from './types.js';

/** An entry of Playwright's `webServer`. */
export interface WebServer {
  name: string;
  command: string;
  env: Record<string, string>;
  wait: { stdout: RegExp };
  /** Milliseconds. */
  timeout: number;
  gracefulShutdown: { signal: 'SIGTERM'; timeout: number };
}

/** Time for all but the server itself: other runs that start or stop it, and this machine when it is busy. */
const MARGIN_MS = 60_000;

/**
 * A server as an entry of Playwright's `webServer`: its variables are there for the tests and for `globalSetup`.
 * @param name a product's, or any with `product` among the options: the names of the variables are made from it
 * @throws LaunchError for options that JSON can't hold
 */
export function wso2Server(name: string, options: ServerSpec = {}): WebServer {
  try {
    checkSpecs({ [name]: options });
  } catch (error) {
    throw forRunner(error);
  }
  const { readyTimeoutMs = DEFAULT_MS.ready, stopTimeoutMs = DEFAULT_MS.stop } = options;
  return {
    name: options.name ?? name,
    command: COMMAND,
    env: {
      [TASK_VARIABLE]: JSON.stringify({ name, spec: options, runnerPid: process.pid } satisfies Task),
      ...PROGRAM,
      NODE_OPTIONS: '', // a debugger or a loader of the runner's Node is not for our program
    },
    wait: { stdout: new VariablesLine(VARIABLES_LINE) },
    // Another run's server of the same home may have to stop first.
    timeout: readyTimeoutMs + stopTimeoutMs + MARGIN_MS,
    gracefulShutdown: { signal: 'SIGTERM', timeout: stopTimeoutMs + MARGIN_MS },
  };
}

const DEFAULT_MS = {
  ready: parseDurationMs(DEFAULTS.readyTimeout) as number,
  stop: parseDurationMs(DEFAULTS.stopTimeout) as number,
};

/** A shell fills in what is between double quotes and looks at it no more, whatever the paths hold. */
const COMMAND =
  process.platform === 'win32'
    ? '"%WSO2_LAUNCH_NODE%" "%WSO2_LAUNCH_PROGRAM%"'
    : 'exec "$WSO2_LAUNCH_NODE" "$WSO2_LAUNCH_PROGRAM"';

const PROGRAM = {
  WSO2_LAUNCH_NODE: process.execPath,
  WSO2_LAUNCH_PROGRAM: join(__dirname, 'playwright-hold.cjs'),
};

/** Playwright makes variables of named groups. Which there are is only known when the server is. */
class VariablesLine extends RegExp {
  override exec(text: string): RegExpExecArray | null {
    const match = super.exec(text);
    if (match) match.groups = JSON.parse(match[1] as string);
    return match;
  }
}
