import { LaunchError } from './failure.js';
import { shownArgument } from './secrets.js';

/** Characters that cmd.exe takes for its own in a path, even between quotes. */
const HOME_SPECIALS = /["%!^&|<>]/;

/** Arguments that reach a batch file, and the program behind it, as they are. */
const SAFE_ARGUMENT = /^[\w.:/\\=,;-]+$/;

/**
 * Refuses a home that the batch files can't work in.
 * @throws LaunchError `unusable-home`
 */
export function checkBatchHome(home: string): void {
  const special = HOME_SPECIALS.exec(home)?.[0];
  if (special !== undefined) {
    throw new LaunchError({
      kind: 'unusable-home',
      what: `The home's path ${home} holds the character ${special}, which cmd.exe takes for its own in the start script.`,
      hint: `Move it to a path without " % ! ^ & | < and >; spaces and brackets are no harm.`,
    });
  }
  // cmd.exe can't change into a tmp on the network, and the script would then empty the folder that it is in.
  if (/^[\\/]{2}/.test(home)) {
    throw new LaunchError({
      kind: 'unusable-home',
      what: `The home ${home} is on a network path, into which the start script can't change.`,
      hint: 'Give the share a drive letter (net use), and name the home by that.',
    });
  }
}

/** Refuses what a batch file can't carry. @throws LaunchError `usage` */
export function checkBatchArguments(args: readonly string[]): void {
  const bad = args.find((argument) => !SAFE_ARGUMENT.test(argument));
  if (bad === undefined) return;
  throw new LaunchError({
    kind: 'usage',
    what: `The start script can't carry the argument ${JSON.stringify(shownArgument(bad))}: only letters, digits and _ . : / \\ = , ; - get through cmd.exe as they are.`,
    hint: 'Put the value into deployment.toml, or use one without other characters.',
  });
}

/** The variable that is unset while a script waits at the gate. */
export const GATE_VARIABLE = 'WSO2LAUNCH_GATE';

/**
 * The command line of cmd.exe: it waits for a line on its input, and runs the batch file once one came. `/s` takes one
 * pair of quotes away, so that another pair holds the path together, whatever spaces and brackets it has.
 */
export const batchCommandLine = (file: string, args: readonly string[]): string =>
  `/d /s /c "set /p ${GATE_VARIABLE}=& if defined ${GATE_VARIABLE} ${[`"${file}"`, ...args.map(quoteForBatch)].join(' ')}"`;

/**
 * A batch file splits its arguments at `=`, `,` and `;` too, so that the `stop` of `-Dfoo=stop` would be a word of its
 * own, and a sub-command. In quotes it stays whole, as does a path of ours that holds a space. Others go bare: MI looks
 * for `-Dprofile` in a way that quotes break.
 */
const quoteForBatch = (argument: string): string =>
  !SAFE_ARGUMENT.test(argument) ||
  argument
    .split(/[=,;]/)
    .slice(1)
    .some((word) => /^-{0,2}[a-z]+$/i.test(word))
    ? `"${argument.replace(/\\+$/, '$&$&')}"`
    : argument;
