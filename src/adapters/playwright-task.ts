import type { ServerSpec } from './types.js';

/** The task of the program that holds a server for Playwright. */
export interface Task {
  readonly name: string;
  readonly spec: ServerSpec;
  readonly runnerPid: number;
}

/** The variable that holds the task: other users see a process's arguments, and not its environment. */
export const TASK_VARIABLE = 'WSO2_LAUNCH_TASK';

/** The line that the program prints when its server is ready, with the variables as JSON. */
export const VARIABLES_LINE = /^wso2-launch: ready with (\{.*\})$/m;

/**
 * The line in ASCII, for Playwright puts what it reads together from parts and takes out what would steer a terminal.
 */
export const variablesLine = (variables: Readonly<Record<string, string>>): string =>
  `wso2-launch: ready with ${JSON.stringify(variables).replace(/[\u007f-\uffff]/g, escaped)}\n`;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
