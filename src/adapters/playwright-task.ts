import type { ServerSpec } from './types.js';

/** What the program is told that holds a server for Playwright. */
export interface Task {
  readonly name: string;
  readonly spec: ServerSpec;
  readonly runnerPid: number;
}

/** By which it is told: other users see a process's arguments, and not its environment. */
export const TASK_VARIABLE = 'WSO2_LAUNCH_TASK';

/** What it prints when its server is ready: the variables, as JSON. */
export const VARIABLES_LINE = /^wso2-launch: ready with (\{.*\})$/m;

/** In ASCII, for Playwright puts what it reads together from parts and takes out what would steer a terminal. */
export const variablesLine = (variables: Readonly<Record<string, string>>): string =>
  `wso2-launch: ready with ${JSON.stringify(variables).replace(/[\u007f-\uffff]/g, escaped)}\n`;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
