import type { LaunchCommand } from './command.js';

const SECRET_NAME = /pass(?:word|wd|phrase)?|secret|token|credential|api[._-]?key/i;
const MASK = '***';

/** Arguments as they may be shown: the values of those that are named like a secret are left out. */
export const maskedArguments = (args: readonly string[]): string[] =>
  args.map((argument) => {
    const cut = argument.indexOf('=');
    return cut > 0 && SECRET_NAME.test(argument.slice(0, cut)) ? `${argument.slice(0, cut)}=${MASK}` : argument;
  });

/** A command as it may be shown. */
export const maskedCommand = (command: LaunchCommand): LaunchCommand => ({
  ...command,
  args: maskedArguments(command.args),
});
