import { LaunchError } from './failure.js';
import { HIGHEST_PORT } from './ports.js';
import { shownArgument } from './secrets.js';
import { type Mention, mention, mentioning, type Text } from './text.js';

/** What a server's JVM is to be given, and no helper beside it. */
export interface JvmRequest {
  readonly args: readonly string[];
  /** The heap's maximum, in MiB. */
  readonly heapMiB?: number;
  readonly debugger?: DebuggerRequest;
}

/** A port at which a debugger can attach. */
export interface DebuggerRequest {
  /** Absent: the first free one from {@link FIRST_DEBUG_PORT} on. */
  readonly port?: number;
  /** Whether the JVM waits for it before it goes on. */
  readonly suspends: boolean;
}

/** The port that every guide to remote debugging names. */
export const FIRST_DEBUG_PORT = 5005;

/** The name of a debugger's port, among those of its server. */
export const DEBUG_PORT = 'debug';

/** The size of a heap in MiB; undefined for what is none. @param text `512m`, `2g` */
export function parseHeapMiB(text: string): number | undefined {
  const [, number, unit] = /^([1-9]\d{0,6})([mg])$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * (unit?.toLowerCase() === 'g' ? 1024 : 1);
}

/**
 * Refuses what no start script can hand on to its JVM.
 * @param by the option that gives it
 * @throws LaunchError `usage`
 */
export function checkJvmArguments(args: readonly string[], by: Mention): void {
  for (const argument of args) {
    const shown = JSON.stringify(shownArgument(argument));
    if (!/^[-@]./.test(argument)) {
      throw usage(
        mentioning`${by} takes an option of the JVM, which begins with a dash, not ${shown}: the JVM would take it for the class to start.`,
        'Write an option and its value as one word: --add-opens=java.base/java.lang=ALL-UNNAMED.',
      );
    }
    if (/[\s*?[\]]/.test(argument)) {
      throw usage(
        mentioning`The start script can't carry ${shown} of ${by} to its JVM: it expands that unquoted, so spaces and * ? [ ] don't arrive as they are.`,
        'Use a value without these characters, or a file with the option: @/path/to/file.',
      );
    }
    if (/^-DportOffset(?:=|$)/.test(argument)) {
      throw usage(
        mentioning`${by} is not the way to give an offset.`,
        mentioning`Give it with ${mention.option('offset')}.`,
      );
    }
  }
}

/** @throws LaunchError `usage` */
export function checkDebugPort(port: number, by: Mention | string): void {
  if (Number.isInteger(port) && port >= 1 && port <= HIGHEST_PORT) return;
  throw new LaunchError({
    kind: 'usage',
    what: mentioning`${by} takes a port from 1 to ${HIGHEST_PORT}, not ${port}.`,
  });
}

/** The words of a JVM's command line. @param debugPort the port that was chosen for a debugger */
export function jvmWords({ args, heapMiB, debugger: debug }: JvmRequest, debugPort = debug?.port): readonly string[] {
  return [
    ...(heapMiB === undefined ? [] : heapWords(heapMiB)),
    ...args,
    ...(debug === undefined || debugPort === undefined ? [] : [debuggerWord(debugPort, debug.suspends)]),
  ];
}

const LARGEST_START_MIB = 1024;

const heapWords = (mostMiB: number): string[] => [
  `-Xms${Math.min(Math.ceil(mostMiB / 2), LARGEST_START_MIB)}m`,
  `-Xmx${mostMiB}m`,
];

const debuggerWord = (port: number, suspends: boolean): string =>
  `-agentlib:jdwp=transport=dt_socket,server=y,suspend=${suspends ? 'y' : 'n'},address=127.0.0.1:${port}`;

/** Options without those that say how large the heap is. */
export const withoutHeap = (options: string): string =>
  options
    .split(/\s+/)
    .filter((word) => !/^-X(?:ms|mx)\d/.test(word))
    .join(' ')
    .trim();

const usage = (what: Text, hint: Text): LaunchError => new LaunchError({ kind: 'usage', what, hint });
