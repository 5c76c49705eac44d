/** The meaning of one line of a server's log. */
export type LogEvent = 'ready' | 'shutdown' | 'bind-failure' | 'fatal' | 'password-prompt';

/** Texts that say that somebody else has the port; every other failure of a listener may have another reason. */
const IN_USE = [
  'Address already in use', // Java's BindException, in every stack trace
  'Port already in use', // Java's ExportException: 9999
  'is already used by another application', // inbound endpoints
];

// Texts from the products' sources; each is what that listener logs where it can't be opened.
const BIND_FAILURES = [
  ...IN_USE,
  'Could not bind to', // Andes: 5672 and 8672
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

/** A line after which no server has ever come, though most JVMs stay up. */
interface FatalPattern {
  /** The text that stands in each such line. */
  readonly text: string;
  /** The words behind the text in lines that count; absent: each line counts. */
  readonly followedBy?: RegExp;
}

// Sources: CK, as in products/kernel.ts; boots of kernel 4.10.32 that were made to fail.
const FATAL: readonly FatalPattern[] = [
  { text: 'WSO2 Carbon initialization Failed' }, // CK CarbonServerManager, which catches all and does not exit
  { text: 'Error while performing configuration changes' }, // CK Main.handleConfiguration, before its exit
  { text: 'Cannot start transports' }, // CK StartupFinalizerServiceComponent
  { text: 'Cannot activate StartupFinalizerServiceComponent' },
  { text: 'Cannot start User Manager Core bundle' }, // nine boots: a database that can't be opened, a full disk
  { text: 'Failed to activate Registry Core bundle' }, // CK RegistryCoreServiceComponent: its database, or registry.xml
  { text: 'Failed to start component [Connector[' }, // Tomcat's LifecycleBase: nothing starts it again
  // Boots without one of the kernel's 150 bundles. Of other modules it is said by servers that come up all the same:
  // the kernel's own console, product-integrator-mi#3185, product-ei#5541.
  {
    text: 'Could not resolve module: ',
    followedBy:
      /^org\.wso2\.carbon\.(?:core|registry\.core|user\.core|ndatasource\.core|server\.admin|tomcat|tomcat\.ext) /,
  },
  {
    text: '.start() of bundle ',
    followedBy: /^org\.wso2\.carbon\.(?:base|core|registry\.core|user\.core|tomcat)\.(?:\s|$)/,
  },
  { text: 'TomcatBundleActivator', followedBy: /^(?:\} -)? Error while starting server/ },
  { text: 'Context [/] startup failed' }, // Tomcat's StandardContext: it is the kernel's own
];

// CK CarbonServerManager, MI CoreServerInitializer: all but the first also where nothing is shut down gracefully.
const SHUTDOWN = ['Gracefully shutting down', 'Micro Integrator Shutdown complete', 'Shutdown complete', 'Halting JVM'];
const PASSWORD_PROMPT = 'Enter KeyStore and Private Key Password';

/** A block of output that holds none of these holds nothing that {@link classifyLine} would name. */
export const textsToLookFor = (readyText: string): readonly string[] => [
  readyText,
  ...SHUTDOWN,
  PASSWORD_PROMPT,
  ...BIND_FAILURES,
  ...FATAL.map(({ text }) => text),
];

/** The event that a line tells of. `line` is without colours, see {@link stripColours}. */
export function classifyLine(line: string, readyText: string): LogEvent | undefined {
  if (isReady(line, readyText)) return 'ready';
  if (isShutdown(line)) return 'shutdown';
  if (isPrompt(line)) return 'password-prompt';
  if (FATAL.some((pattern) => isFatal(line, pattern))) return isOfOthers(line) ? undefined : 'fatal';
  if (BIND_FAILURES.some((text) => line.includes(text))) return isOfOthers(line) ? undefined : 'bind-failure';
  return undefined;
}

const SHUTDOWN_WRITERS = ['CarbonServerManager', 'CoreServerInitializer'];
/** Loggers through which an integration's own words get into the log: SYN LogMediator, and what it logs of services. */
const USERS_WRITERS = ['LogMediator', 'SERVICE_LOGGER', 'API_LOGGER', 'AUDIT_LOG'];

/**
 * Whether a line is the ready line, whichever class of the server writes it: a server that is not recognised would
 * never be ready.
 */
const isReady = (line: string, readyText: string): boolean => line.includes(readyText) && !isOfUsers(line);

/** The form of shutdown lines, for layouts that don't tell who writes: the message stands in it as a whole. */
const SHUTDOWN_FORM =
  /(?:^|[\s"'|:>\]})-])(?:Gracefully shutting down \S.*\.\.\.(?!\w)|(?:Shutdown complete|Halting JVM)(?=\s*(?:$|["'|,<[({-])))/;

function isShutdown(line: string): boolean {
  const at = SHUTDOWN.map((text) => line.indexOf(text)).find((index) => index >= 0);
  if (at === undefined) return false;
  const writer = writerOf(line, at);
  return writer === undefined ? SHUTDOWN_FORM.test(line) : mayBeBy(SHUTDOWN_WRITERS, writer);
}

/** Whether a line is the password prompt, which is printed, never logged. */
function isPrompt(line: string): boolean {
  const at = line.indexOf(PASSWORD_PROMPT);
  return at >= 0 && writerOf(line, at) === undefined;
}

const isOfUsers = (line: string): boolean => isUser(writerOf(line, line.length));

const isUser = (writer: string | undefined): boolean =>
  writer !== undefined && USERS_WRITERS.some((one) => writer.split('.').includes(one));

/** The packages of a server's own classes; whoever writes under a full name of another one is an application. */
const OWN_PACKAGE = /^(?:org\.(?:wso2|apache|eclipse|ops4j|osgi|h2|owasp)|o\.[wae]|Events|tomcat)\./;

/** Whether an application has written a line, and not the server. */
export function isOfOthers(line: string): boolean {
  const writer = writerOf(line, line.length);
  return isUser(writer) || (writer !== undefined && isOfOtherPackage(writer));
}

const isOfOtherPackage = (writer: string): boolean => writer.includes('.') && !OWN_PACKAGE.test(writer);

const LEVEL = '\\b(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)';
/**
 * The ways in which layouts name the logger: `INFO {org.wso2.Name} - text`, `bundle [org.wso2.Name] INFO : text` before
 * log4j is set up, `INFO - Name text`, `INFO  Name: text`, `INFO  [org.wso2.Name] text`, `INFO  org.wso2.Name - text`.
 * In the last two only a full name can be told from other words.
 */
const LAYOUTS = [
  new RegExp(`${LEVEL} *\\{((?:[\\w$-]+\\.)+[\\w$-]+|[A-Z][\\w$]*)\\}`),
  new RegExp(`\\[((?:[\\w$-]+\\.)+[A-Z][\\w$]*)\\] +${LEVEL} *:`),
  new RegExp(`${LEVEL} *- +((?:[\\w$-]+\\.)*[A-Z][\\w$]*) `),
  new RegExp(`${LEVEL} +([A-Z][\\w$]*): `),
  new RegExp(`${LEVEL} *\\[?((?:[\\w$-]+\\.)+[A-Z][\\w$]*)\\]?[ :]`),
];

/** The logger that a line names before the text at `at`; undefined where its layout names none that we know. */
function writerOf(line: string, at: number): string | undefined {
  const found = LAYOUTS.map((layout) => layout.exec(line.slice(0, at))).filter((match) => match !== null);
  return found.sort((one, other) => one.index - other.index)[0]?.[1];
}

/**
 * Whether a writer may be one of these: an unknown one may, and a layout may have cut the name at either end, or name
 * an inner class.
 */
function mayBeBy(writers: readonly string[], writer: string | undefined): boolean {
  if (writer === undefined) return true;
  if (isOfOtherPackage(writer)) return isCut(writers, writer);
  const name = writer.split('.').at(-1)?.split('$')[0] ?? '';
  return writers.includes(name) || isCut(writers, name);
}

const isCut = (writers: readonly string[], name: string): boolean =>
  name.length >= LEAST_OF_NAME && writers.some((one) => one.startsWith(name) || one.endsWith(name));

/** The least of a name that has to be there, in characters: a `Manager` is anybody's. */
const LEAST_OF_NAME = 10;

/** Whether a shutdown line has no layout, though the ready line of the same log has one. */
export const isBareBeside = (line: string, readyLine: string | undefined, readyText: string): boolean =>
  SHUTDOWN.some((text) => line.startsWith(text)) && readyLine !== undefined && !readyLine.startsWith(readyText);

function isFatal(line: string, { text, followedBy }: FatalPattern): boolean {
  const start = line.indexOf(text);
  return start >= 0 && (followedBy?.test(line.slice(start + text.length)) ?? true);
}

/** Signals by the words of dash and bash for a command that one has ended. */
const SIGNALS: Readonly<Record<string, string>> = {
  Killed: 'SIGKILL',
  Terminated: 'SIGTERM',
  Aborted: 'SIGABRT',
  'Segmentation fault': 'SIGSEGV',
  'Bus error': 'SIGBUS',
};
const ENDED_BY_SIGNAL = new RegExp(`^(?:.*: line \\d+: +\\d+ )?(${Object.keys(SIGNALS).join('|')})\\b(?! *[:-])`);

/** The signal that has ended a JVM, where the shell of its start script says so at the end of its log. */
export function signalIn(lines: readonly string[]): string | undefined {
  const [word] = lines.slice(-LAST_WORDS).flatMap((line) => ENDED_BY_SIGNAL.exec(line)?.[1] ?? []);
  return word === undefined ? undefined : SIGNALS[word];
}

const LAST_WORDS = 5;

/** Whether a fatal line is of a listener, whose port may have been in use; the others have nothing to do with ports. */
export const isOfListener = (line: string): boolean =>
  connectorPort(line) !== undefined || /Cannot start transports|StartupFinalizer|initialization Failed/.test(line);

/** The symbolic name of the bundle that a fatal line is about. */
export function bundleIn(line: string): string | undefined {
  const [, unresolved, failed] = /Could not resolve module: (\S+)|of bundle (\S+?)\.(?:\s|$)/.exec(line) ?? [];
  return unresolved ?? failed;
}

/** Whether lines say that a port was in use, so that a listener which failed has lost it to somebody. */
export const saysInUse = (lines: readonly string[]): boolean =>
  lines.some((line) => IN_USE.some((text) => line.includes(text)));

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

  /** The end of the last block that looked like the beginning of a control sequence, and was none. */
  rest(): string {
    return this.#rest;
  }
}

/** Ports that lines of a log name: `Could not bind to /0.0.0.0:5672`, `Port 9021 used by …`, Tomcat's connectors. */
export function portsNamedIn(lines: readonly string[]): Set<number> {
  const numbers = lines.flatMap((line) => [
    ...[...line.matchAll(/(?::|\bport:? )(\d{1,5})\b/gi)].map((match) => Number(match[1])),
    ...[connectorPort(line)].filter((number) => number !== undefined),
  ]);
  return new Set(numbers);
}

/** The port of the connector that a line of Tomcat's speaks of: `[Connector["https-jsse-nio-9443"]]`. */
export function connectorPort(line: string): number | undefined {
  const number = /\[Connector\["?[^\]"]*-(\d{1,5})"?\]/.exec(line)?.[1];
  return number === undefined ? undefined : Number(number);
}
