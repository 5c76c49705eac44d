import { type Environment, leakingVariables, quoted } from './command.js';
import type { AgentFact, LoggingFact, PortFact } from './facts.js';
import { describeFailure, fixedHint, type LaunchError, listTaken, type PortName, type TakenPort } from './failure.js';
import type { LogRoute } from './log-route.js';
import { OPTION_VARIABLES, type SystemProperties, type SystemProperty } from './properties.js';
import { shownValue } from './secrets.js';
import { followingUrl, type StaleUrl } from './stale-urls.js';
import type { ProcessRow } from './tree.js';
import { type Lacking, lackingText } from './written.js';

/** What a look at a home found: facts in, findings out. */

export type Level = 'error' | 'warning' | 'ok';

/** One thing that would go wrong, or that was looked at and is well. */
export interface Finding {
  readonly id: FindingId;
  /** `error`: a launch would fail or do harm; `warning`: it would run, with a surprise. */
  readonly level: Level;
  readonly what: string;
  readonly why: string;
  /** The next step; null where nothing is to be done. */
  readonly mend: string | null;
}

/** Every kind of finding, and why it matters. The ids are interface. */
const WHY = {
  'start-script': "A launch runs the product's own start script.",
  'line-ends':
    'A shell takes the carriage return for a part of the line: it fails with "bad interpreter", or with "$\'\\r\': command not found".',
  jdk: 'A version is made for some JDKs. On another its start script may end, or the server may run with faults.',
  version: 'Ports and scripts differ between versions: what is known of another one may not fit.',
  'tmp-folder': 'The server works in this folder; the start script empties it, and never makes it.',
  'unwritable-files': 'A server writes its own configuration, databases and logs, by the rights of whoever starts it.',
  'open-files': 'With fewer than 4096 open files a server fails under load: connections and databases count too.',
  memory: 'A server without memory is slow, or ended by the system.',
  'disk-space': 'A server that can write neither logs nor databases fails in odd ways.',
  'state-folder': 'A launch keeps its logs and records there.',
  leases: 'They tell what other launches have been promised: without them two could choose the same ports.',
  'home-runs': 'A home runs once: a second start would wipe the files of the first.',
  'stale-pid-file':
    "The start script's own start and stop believe that file: one refuses while any process has the number, the other ends whoever has it.",
  'home-path': 'The start scripts of this product take the path for several words.',
  configuration: 'The server reads it at each start.',
  'ready-line':
    'By that line a launch hears that the server has started; without it, it goes by ports and waits longer.',
  offset: 'Each port is its base plus the offset, and ports end at 65535.',
  'ports-taken':
    'A launch would be refused. A server started by hand ends, or says that it has started and lacks these listeners.',
  'message-broker': 'Other ports that are taken leave the server running; this one ends it.',
  'ephemeral-ports': 'Then the server lacks that listener, at one start in many.',
  'clashing-ports': 'The server starts all the same, and says so.',
  'database-in-use': 'A database in a file belongs to one process: the server could not open it.',
  'database-lock':
    'The last server was killed with its database open: H2 waits, looks whether the lock is alive, and may refuse.',
  'database-trace': 'H2 writes such a file only when something has gone wrong.',
  'literal-urls': 'They send clients to where the server does not listen.',
  'leaking-variables':
    'A start script takes them for its own. wso2-launch clears them for its servers; a start by hand does not.',
  'java-opts-offset': 'It beats the configured offset, and is itself beaten by one that is passed.',
  'java-opts-memory':
    'JAVA_OPTS comes after the memory options of the start script and wins, also for the diagnostics tool beside the server.',
  'properties-offset': 'It beats the offset of the configuration.',
  'properties-ports': 'A port that is set there is absolute: no offset moves it.',
  'server-hostname': 'The server builds the URLs of its consoles and redirects with it.',
  'machine-hostname': 'A JVM looks up the name of its machine: without an answer a start takes long, or fails.',
  'offset-agent':
    'It reads the offset of the configuration only, whatever is passed: the control plane would ask another server, or none.',
  unchecked: 'What was not looked at may be well or not.',
} as const satisfies Record<string, string>;

export type FindingId = keyof typeof WHY;

const finding =
  (level: Level) =>
  (id: FindingId, what: string, mend: string | null, why: string = WHY[id]): Finding => ({
    id,
    level,
    what,
    why,
    mend,
  });

const error = finding('error');
const warning = finding('warning');
export const fine = (id: FindingId, what: string): Finding => finding('ok')(id, what, null);

/** An error that a launch would end with. */
export function failed(id: FindingId, { failure }: LaunchError): Finding {
  const { message, hint } = describeFailure(failure);
  return error(id, message, hint);
}

/** A check that could not be made. */
export const unchecked = (about: string, reason: string, mend = 'Look at it yourself.'): Finding =>
  warning('unchecked', `Not checked: ${about}. ${reason.replace(/\.?$/, '.')}`, mend);

export const hasErrors = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === 'error');

/** A warning for each of these texts. */
const each = (id: FindingId, texts: readonly string[], well: string, mend: string): Finding[] =>
  texts.length === 0 ? [fine(id, well)] : texts.map((text) => warning(id, text, mend));

export const judgeVersion = (product: string, warnings: readonly string[]): Finding[] =>
  each('version', warnings, `${product} is known.`, 'Compare the ports with those of wso2-launch ports.');

/** @param warnings what was told of a JDK that may be used */
export const judgeJdk = (javaHome: string, warnings: readonly string[]): Finding[] =>
  each('jdk', warnings, `${javaHome} is a JDK for this version.`, 'Name another one with --java-home or JAVA_HOME.');

export const judgeConfiguration = (warnings: readonly string[]): Finding[] =>
  each('configuration', warnings, 'The configuration can be read.', 'Mend it in the file that is named.');

/** @param route where the line goes by which the server says that it has started */
export function judgeReadyLine(route: LogRoute, { configFile, readyLogger }: LoggingFact): Finding {
  switch (route.kind) {
    case 'console':
      return fine('ready-line', 'The server says on its console that it has started.');
    case 'file':
      return fine('ready-line', `The server says in ${route.path} that it has started.`);
    case 'nowhere':
      return warning(
        'ready-line',
        `${configFile} keeps the line that the server has started from console and log file.`,
        `Let INFO of ${readyLogger} through to the console there.`,
      );
  }
}

/** @param reason why the folder of leases can't be used; undefined where it can */
export const judgeLeases = (reason: string | undefined): Finding =>
  reason === undefined
    ? fine('leases', 'The leases of other launches can be read.')
    : warning(
        'leases',
        `The lease folder can't be used: ${reason}.`,
        'Remove what lies in its place; a launch makes it anew.',
      );

/** @param instance the name of our own instance that runs in the home, where it is one */
export function judgeTwin(runs: LaunchError, instance: string | undefined): Finding {
  const found = failed('home-runs', runs);
  return instance === undefined ? found : { ...found, mend: `${found.mend} Or stop it: wso2-launch stop ${instance}` };
}

// ---------- The home's files ----------

/** @param scripts those whose lines end with a carriage return */
export const judgeLineEnds = (scripts: readonly string[]): Finding =>
  scripts.length === 0
    ? fine('line-ends', 'The start scripts have no carriage returns.')
    : error(
        'line-ends',
        `${scripts.join(', ')} ${scripts.length === 1 ? 'has' : 'have'} the line ends of Windows.`,
        `sed -i 's/\\r$//' ${scripts.map(quoted).join(' ')}`,
      );

export interface TmpFolder {
  readonly path: string;
  readonly isThere: boolean;
  /** A start script that does not find it empties the home instead. */
  readonly isNeeded: boolean;
}

export function judgeTmpFolder({ path, isThere, isNeeded }: TmpFolder): Finding {
  if (isThere) return fine('tmp-folder', `${path} is there.`);
  const what = `${path} is missing.`;
  if (!isNeeded) return warning('tmp-folder', what, `mkdir ${quoted(path)}`);
  return error(
    'tmp-folder',
    what,
    `mkdir "${path}"`,
    'The start script changes into it and deletes all it finds: without the folder, that is the whole home.',
  );
}

/** What the home's `wso2carbon.pid` names. */
export interface PidFile {
  readonly path: string;
  /** Undefined where there is no such file, or nothing in it. */
  readonly pid: number | undefined;
  /** Who has that number now. */
  readonly holder: ProcessRow | undefined;
  /** Whether the home runs, and its server has written the file. */
  readonly isOfServer: boolean;
}

export function judgePidFile({ path, pid, holder, isOfServer }: PidFile): Finding {
  if (pid === undefined) return fine('stale-pid-file', `There is no ${path}.`);
  if (isOfServer) return fine('stale-pid-file', `${path} is that of the running server.`);
  // No server deletes the file when it ends.
  if (!holder) return fine('stale-pid-file', `${path} names process ${pid}, which is gone.`);
  const whose = holder.isZombie
    ? 'has ended and still has the number'
    : `is ${holder.name}, not the server of this home`;
  return warning('stale-pid-file', `${path} names process ${pid}, which ${whose}.`, `rm ${quoted(path)}`);
}

/** The databases of a home that does not run. */
export interface Databases {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Undefined where the system doesn't tell. */
  readonly open: readonly OpenDatabase[] | undefined;
}

export interface OpenDatabase {
  readonly file: string;
  readonly pid: number;
  readonly command: string;
}

export function judgeDatabases({ files, open }: Databases): Finding[] {
  const locks = files
    .filter((file) => file.endsWith('.lock.db'))
    .map((file) => warning('database-lock', `${file} was left behind.`, `rm ${quoted(file)}`));
  const traces = files
    .filter((file) => file.endsWith('.trace.db'))
    .map((file) => {
      const what = `${file} tells of trouble with that database.`;
      return warning('database-trace', what, `Read it, and remove it then: tail ${quoted(file)}`);
    });
  return [
    ...judgeOpenDatabases(open),
    ...orFine(locks, fine('database-lock', 'No lock of a database was left behind.')),
    ...orFine(traces, fine('database-trace', 'No database tells of trouble.')),
  ];
}

function judgeOpenDatabases(open: Databases['open']): readonly Finding[] {
  if (!open) return [unchecked('who has the databases open', 'This system does not tell it')];
  const inUse = open.map(({ file, pid, command }) =>
    error('database-in-use', `${file} is open in ${command}, pid ${pid}.`, `Close it there, or end it: kill ${pid}`),
  );
  return orFine(inUse, fine('database-in-use', 'No process has a database of this home open.'));
}

const orFine = (findings: readonly Finding[], well: Finding): readonly Finding[] =>
  findings.length > 0 ? findings : [well];

/** @param refused why a launch would be refused; undefined where it would not */
export function judgeWriting(
  home: string,
  refused: LaunchError | undefined,
  lacking: readonly Lacking[],
  mend: string,
): Finding[] {
  return [
    ...(refused ? [failed('unwritable-files', refused)] : []),
    ...(lacking.length > 0 ? [warning('unwritable-files', lackingText(home, lacking), mend)] : []),
    ...(refused || lacking.length > 0
      ? []
      : [fine('unwritable-files', 'This user may write all that the server does.')]),
  ];
}

// ---------- The machine ----------

const ENOUGH_FILES = 4096;

/** @param limit undefined where the system doesn't tell */
export function judgeOpenFiles(limit: number | undefined): Finding {
  if (limit === undefined) return unchecked('the limit of open files', 'This system does not tell it', 'ulimit -n');
  if (limit >= ENOUGH_FILES) return fine('open-files', `A server may have ${limit} files open.`);
  return warning('open-files', `A server may have only ${limit} files open.`, `ulimit -n ${ENOUGH_FILES}`);
}

const MEBIBYTE = 2 ** 20;
const ENOUGH_SPACE = 256 * MEBIBYTE;

const inMebibytes = (bytes: number): string => `${Math.floor(bytes / MEBIBYTE)} MiB`;

/** @param free bytes; undefined where the system doesn't tell */
export function judgeDiskSpace(path: string, free: number | undefined): Finding {
  if (free === undefined)
    return unchecked(`the space left for ${path}`, 'The system does not tell it', `df -h ${quoted(path)}`);
  const what = `${inMebibytes(free)} are free for ${path}`;
  if (free >= ENOUGH_SPACE) return fine('disk-space', `${what}.`);
  return warning('disk-space', `Only ${what}.`, `Make room there: df -h ${quoted(path)}`);
}

/** What says how much memory a JVM takes; the later one wins. */
export interface MemorySources {
  readonly startScript: string | undefined;
  readonly env: Environment;
}

interface MemoryOption {
  readonly kind: 'ms' | 'mx';
  readonly text: string;
  readonly bytes: number;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: MEBIBYTE, g: 2 ** 30, t: 2 ** 40 };

function memoryOptions(text: string): MemoryOption[] {
  return [...text.matchAll(/-X(ms|mx)(\d+)([kmgtKMGT]?)\b/g)].map(([option, kind, number, unit]) => ({
    kind: kind as MemoryOption['kind'],
    text: option,
    bytes: Number(number) * (UNITS[(unit as string).toLowerCase()] as number),
  }));
}

/** The options of the script, or of the variable that takes their place. */
function ownMemoryOptions({ startScript, env }: MemorySources): MemoryOption[] {
  if (env['JVM_MEM_OPTS']) return memoryOptions(env['JVM_MEM_OPTS']);
  const lines = (startScript ?? '').split('\n').filter((line) => !/^\s*#/.test(line));
  const found = memoryOptions(lines.join('\n'));
  return (['ms', 'mx'] as const).flatMap((kind) => found.find((option) => option.kind === kind) ?? []);
}

const WITHOUT_OPTION = 2 ** 30;

/** @param available bytes that a new process could have */
export function judgeMemory(available: number, sources: MemorySources): Finding {
  const options = [...ownMemoryOptions(sources), ...memoryOptions(sources.env['JAVA_OPTS'] ?? '')];
  const heap = options.findLast(({ kind }) => kind === 'mx');
  const wanted = heap?.bytes ?? WITHOUT_OPTION;
  const what = `${inMebibytes(available)} of memory are free, and the server may take ${inMebibytes(wanted)}${heap ? ` (${heap.text})` : ''}`;
  if (available >= wanted) return fine('memory', `${what}.`);
  return warning('memory', `Only ${what}.`, 'End what is not needed, or give the server less with JVM_MEM_OPTS.');
}

export function judgeHostname(
  id: 'server-hostname' | 'machine-hostname',
  /** The name as it is to be shown, with where it comes from. */
  described: string,
  name: string,
  reason: string | undefined,
): Finding {
  if (reason === undefined) return fine(id, `${described} resolves.`);
  return warning(
    id,
    `${described} does not resolve (${reason}).`,
    `If it means this machine: echo ${quoted(`127.0.0.1 ${name}`)} | sudo tee -a /etc/hosts`,
  );
}

/** Names of this machine that need no look-up: RFC 6761 and the usual hosts file. */
export const isLoopback = (name: string): boolean =>
  /^(?:localhost|localhost\.localdomain|ip6-localhost|.*\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[?::1?\]?)\.?$/i.test(
    name,
  );

// ---------- Ports and offset ----------

/** The home that is looked at, for commands to copy. */
export interface Subject {
  readonly id: string;
  readonly home: string;
  /** As it was asked for. */
  readonly profile?: string;
}

const launchOf = ({ id, home, profile }: Subject, options: string): string =>
  `wso2-launch ${id} --home ${quoted(home)} ${profile === undefined ? '' : `--profile ${profile} `}${options}`;

export interface PortsFound {
  readonly offset: number;
  readonly taken: readonly TakenPort[];
  /** Those among the taken that no offset moves. */
  readonly fixed: readonly PortName[];
  /** The smallest offset that would do; undefined where none does. */
  readonly free: number | undefined;
  /** Where an offset is set that nothing passed would change. */
  readonly unbeatable: string | undefined;
}

export function judgePorts({ offset, taken, fixed, free, unbeatable }: PortsFound, subject: Subject): Finding {
  if (taken.length === 0) return fine('ports-taken', `Nobody else has a port of offset ${offset}.`);
  const what = `At offset ${offset} not every port is free: ${listTaken(taken)}.`;
  if (free === undefined)
    return error('ports-taken', what, fixedHint(fixed, 'Stop what holds these ports: no other offset is free either.'));
  const how = unbeatable === undefined ? launchOf(subject, `--offset ${free}`) : `change portOffset in ${unbeatable}`;
  return error('ports-taken', what, `The smallest free offset is ${free}: ${how}`);
}

export const judgeBroker = (warnings: readonly string[], subject: Subject): Finding[] =>
  each(
    'message-broker',
    warnings,
    'No message broker is in the way.',
    `Stop the broker, or move the server: ${launchOf(subject, '--auto-offset')}`,
  );

export const judgeClientPorts = (warnings: readonly string[], subject: Subject): Finding[] =>
  each(
    'ephemeral-ports',
    warnings,
    'No port lies where this system takes those of outgoing connections from.',
    launchOf(subject, '--auto-offset --min-offset 0'),
  );

export const judgeClashes = (warnings: readonly string[]): Finding[] =>
  each(
    'clashing-ports',
    warnings,
    'No two listeners want the same port.',
    'Give one of them another port; where only one of them moves, another offset parts them.',
  );

export const judgeUrls = (stale: readonly StaleUrl[]): Finding[] =>
  stale.length === 0
    ? [fine('literal-urls', 'Every URL of the configuration fits the offset.')]
    : stale.map((url) => {
        const { source, key, value } = url;
        const name = key.slice(key.lastIndexOf('.') + 1);
        const what = `${source}: ${key} = "${value}" does not follow the offset.`;
        return warning(
          'literal-urls',
          what,
          `Launch with --follow-offset, or write there: ${name} = "${followingUrl(url)}"`,
        );
      });

export interface AgentState {
  readonly isOn: boolean;
  /** At which the server would run. */
  readonly offset: number;
  /** That the configuration names, where it can be told, and where. */
  readonly configured: number | undefined;
  readonly source: string;
}

export function judgeAgent({ title, key }: AgentFact, { isOn, offset, configured, source }: AgentState): Finding {
  if (!isOn) return fine('offset-agent', `The ${title} is off.`);
  if (configured === undefined || configured === offset)
    return fine('offset-agent', `The ${title} reports the right ports.`);
  return warning(
    'offset-agent',
    `The ${title} is on (${key}) and reports the ports of offset ${configured} (${source}), where the server runs at ${offset}.`,
    `Write it into deployment.toml, below [server]: offset = ${offset}`,
  );
}

// ---------- What surrounds the start script ----------

export function judgeVariables(env: Environment, home: string): Finding {
  // That is what a script would compute for itself.
  const found = leakingVariables(env).filter(({ name, value }) => !(name === 'CARBON_HOME' && value === home));
  if (found.length === 0)
    return fine('leaking-variables', 'No variable is set that a start script would take for its own.');
  const set = found.map(({ name, value }) => `${name}=${quoted(shownValue(name, value))}`).join(', ');
  return warning(
    'leaking-variables',
    `The environment has ${set}.`,
    `unset ${found.map(({ name }) => name).join(' ')}`,
  );
}

export function judgeOffsetOption(env: Environment): Finding {
  for (const variable of OPTION_VARIABLES.toReversed()) {
    const offset = (env[variable] ?? '').split(/\s+/).findLast((option) => option.startsWith('-DportOffset'));
    if (offset === undefined) continue;
    const what = `${variable} sets ${offset}.`;
    return warning('java-opts-offset', what, 'Take it out, and give the offset with --offset.');
  }
  return fine('java-opts-offset', 'JAVA_OPTS sets no offset.');
}

export function judgeMemoryOptions(sources: MemorySources): Finding {
  const own = ownMemoryOptions(sources);
  const added = memoryOptions(sources.env['JAVA_OPTS'] ?? '');
  const lastOf = (kind: MemoryOption['kind']): MemoryOption[] =>
    [...own, ...added].filter((option) => option.kind === kind).slice(-1);
  const [initial, most] = [lastOf('ms'), lastOf('mx')];
  const rival = sources.env['JVM_MEM_OPTS'] ? 'JVM_MEM_OPTS' : 'the start script';
  const what = `JAVA_OPTS sets ${textOf(added)}${own.length > 0 ? `, and ${rival} ${textOf(own)}` : ''}`;
  const isContradiction = initial.some(({ bytes }) => most.some((limit) => bytes > limit.bytes));
  if (added.length > 0 && isContradiction) {
    const mend = 'Take it out of JAVA_OPTS, and set both in JVM_MEM_OPTS.';
    return error('java-opts-memory', `${what}: no JVM starts with ${textOf([...initial, ...most])}.`, mend);
  }
  if (!added.some(({ kind }) => own.some((option) => option.kind === kind))) {
    return fine('java-opts-memory', 'JAVA_OPTS leaves the memory to the start script.');
  }
  const mend = `Take it out of JAVA_OPTS: export JVM_MEM_OPTS=${quoted(textOf([...initial, ...most]))}`;
  return warning('java-opts-memory', `${what}.`, mend);
}

const textOf = (options: readonly MemoryOption[]): string => options.map(({ text }) => text).join(' ');

export interface PropertiesFound {
  /** Those of the home, without those of options and arguments. */
  readonly properties: SystemProperties;
  readonly ports: readonly PortFact[];
  /** Whether the server is going to be told its offset. */
  readonly isOffsetPassed: boolean;
}

export function judgeProperties({ properties, ports, isOffsetPassed }: PropertiesFound): Finding[] {
  const offset = properties.get('portOffset');
  const set = ports.flatMap(({ name, property = '' }) => {
    const found = properties.get(property);
    return found ? [`${found.source} sets ${property} = ${found.value} (${name}).`] : [];
  });
  return [
    offset === undefined
      ? fine('properties-offset', 'No file of properties sets the offset.')
      : judgePropertyOffset(offset, isOffsetPassed),
    ...each(
      'properties-ports',
      set,
      'No file of properties sets a port.',
      'Remove that line, and set the port in deployment.toml, where the offset is added to it.',
    ),
  ];
}

function judgePropertyOffset({ source, value, beatsArguments }: SystemProperty, isOffsetPassed: boolean): Finding {
  const what = `${source} sets portOffset = ${value}`;
  const mend = 'Remove that line; the offset belongs into deployment.toml.';
  if (!beatsArguments) return warning('properties-offset', `${what}.`, mend);
  const why = 'It beats the configuration and every argument: the server runs at that offset whatever it is told.';
  const judge = isOffsetPassed ? error : warning;
  return judge('properties-offset', `${what}${isOffsetPassed ? ', not the one that is asked for' : ''}.`, mend, why);
}
