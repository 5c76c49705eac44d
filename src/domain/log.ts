/** What one line of a server's log means to us. */
export type LogEvent = 'ready' | 'graceful-shutdown' | 'bind-failure' | 'fatal' | 'password-prompt';

// Read in the products' sources; each is what that listener logs where its port is taken.
const BIND_FAILURES = [
  'Address already in use', // Java's BindException, in every stack trace
  'Could not bind to', // Andes: 5672 and 8672
  'is already used by another application', // inbound endpoints
  'LifeCycleException while starting tomcat connector', // 9443 and 9763
  'Error when creating the server socket', // binary receiver
  'Error in starting Thrift Authentication Service', // 10711
  'Could not create the RMI local registry', // 9999
  'Could not initialize RMI server', // 11111
  'No more connections will be accepted by this transport', // MI's internal listeners
  'Error in http server connector', // Carbon 5: the query API; its HTTP listeners say nothing
  'Can not create and start Agent Server', // Carbon 5: thrift
  'Error while starting binary data receiver', // Carbon 5
];

// The JVM stays up after most of these, though the server never comes.
const FATAL = [
  'WSO2 Carbon initialization Failed',
  'Error while performing configuration changes',
  'Cannot start transports',
  'Cannot activate StartupFinalizerServiceComponent',
];

const GRACEFUL = 'Gracefully shutting down';
const PASSWORD_PROMPT = 'Enter KeyStore and Private Key Password';

/** A block of output that holds none of these holds nothing that {@link classifyLine} would name. */
export const textsToLookFor = (readyText: string): readonly string[] => [
  readyText,
  GRACEFUL,
  PASSWORD_PROMPT,
  ...BIND_FAILURES,
  ...FATAL,
];

/** `line` without colours, see {@link stripColours}. */
export function classifyLine(line: string, readyText: string): LogEvent | undefined {
  if (line.includes(readyText)) return 'ready';
  if (line.includes(GRACEFUL)) return 'graceful-shutdown';
  if (line.includes(PASSWORD_PROMPT)) return 'password-prompt';
  if (FATAL.some((text) => line.includes(text))) return 'fatal';
  if (BIND_FAILURES.some((text) => line.includes(text))) return 'bind-failure';
  return undefined;
}

// Colours and every other control sequence of a terminal, as ECMA-48 writes them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what it looks for
const CONTROL = /\u001b\[[0-?]*[ -/]*[@-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const UNFINISHED_CONTROL = /\u001b(?:\[[0-?]*[ -/]*)?$/;

const LONGEST_CONTROL = 64;

export const stripColours = (text: string): string => text.replace(CONTROL, '');

/** Takes colours out of a text that comes in blocks, which may end in the middle of one. */
export class ColourStripper {
  #rest = '';

  take(block: string): string {
    const text = this.#rest + block;
    const found = UNFINISHED_CONTROL.exec(text);
    const end = found && found[0].length < LONGEST_CONTROL ? found.index : text.length;
    this.#rest = text.slice(end);
    return stripColours(text.slice(0, end));
  }

  /** What looked like the beginning of one, and was none. */
  rest(): string {
    return this.#rest;
  }
}

/** Ports that lines of a log name: `Could not bind to /0.0.0.0:5672`, `Port 9021 used by …`. */
export function portsNamedIn(lines: readonly string[]): Set<number> {
  const numbers = lines.flatMap((line) => [...line.matchAll(/(?::|\bport:? )(\d{1,5})\b/gi)]);
  return new Set(numbers.map((match) => Number(match[1])));
}

const RELEVANT = /\b(ERROR|FATAL|WARN|SEVERE|Exception|Error)\b|Caused by:/;

/** The lines that best explain a failure: the last ones, with earlier errors kept before them. */
export function relevantLines(lines: readonly string[], most = 20): string[] {
  const clean = lines.map((line) => stripColours(line).trimEnd()).filter((line) => line !== '');
  const last = clean.slice(-most / 2);
  const errors = clean.slice(0, -most / 2).filter((line) => RELEVANT.test(line) && !/^\s+at /.test(line));
  return [...errors.slice(-(most - last.length)), ...last];
}
