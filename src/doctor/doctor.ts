import { dirname, join } from 'node:path';
import { parseScriptArguments } from '../domain/command.js';
import {
  type Finding,
  failed,
  fine,
  isLoopback,
  judgeAgent,
  judgeBroker,
  judgeClashes,
  judgeClientPorts,
  judgeConfiguration,
  judgeDatabases,
  judgeDiskSpace,
  judgeHostname,
  judgeJdk,
  judgeLeases,
  judgeLineEnds,
  judgeMemory,
  judgeMemoryOptions,
  judgeOffsetOption,
  judgeOpenFiles,
  judgePidFile,
  judgePorts,
  judgeProperties,
  judgeReadyLine,
  judgeTmpFolder,
  judgeTwin,
  judgeUrls,
  judgeVariables,
  judgeVersion,
  judgeWriting,
  type MemorySources,
  type Subject,
  unchecked,
} from '../domain/doctor.js';
import { type Holder, LaunchError } from '../domain/failure.js';
import { brokerWarnings } from '../domain/message-broker.js';
import { parseInteger } from '../domain/numbers.js';
import { type GivenNumber, type OffsetChoice, offsetRange } from '../domain/offsets.js';
import { clashWarnings, clientPortWarnings } from '../domain/port-warnings.js';
import { type EffectivePort, effectivePorts, type PortSettings } from '../domain/ports.js';
import { versionWords } from '../domain/product.js';
import { OPTION_VARIABLES } from '../domain/properties.js';
import { staleUrls } from '../domain/stale-urls.js';
import type { ProcessRow } from '../domain/tree.js';
import { readSettings } from '../home/configuration.js';
import { type InspectedHome, inspectLocated } from '../home/inspect.js';
import { type LocatedHome, locateHome } from '../home/locate.js';
import { checkRendered } from '../home/rendering.js';
import { propertiesOfHome } from '../home/surroundings.js';
import { findScript, inspectJdk } from '../home/toolchain.js';
import { lookAtWriting, mendingOf, refusal } from '../home/writing.js';
import { liveServers } from '../launch/follow-offset.js';
import type { LaunchRequest } from '../launch/request.js';
import { checkHomeIsIdle, findServerOf, keepsHome, pidInFile, TWO_HOMES } from '../ports/idle-home.js';
import { lookAtPorts, readLeases } from '../ports/report.js';
import { findFreeOffset } from '../ports/reserve.js';
import { routeOfReadyLine } from '../server/ready-line.js';
import { checkStateFolder, stateFolder } from '../state/folder.js';
import { nearestExisting } from '../system/files.js';
import { nodeSystem, type System } from '../system/index.js';
import type { LiveLease } from '../system/leases.js';

/** What is to be looked at, and at which offset: without one, at that of the configuration. */
export interface DoctorRequest extends Pick<LaunchRequest, 'product' | 'profile' | 'named' | 'javaHome'> {
  readonly offset?: GivenNumber;
}

export interface Diagnosis {
  readonly product: string;
  readonly version: string | null;
  readonly home: string;
  /** In the order of the checks. */
  readonly findings: readonly Finding[];
}

/**
 * Looks for whatever would go wrong with a launch. Nothing is started, changed or left behind.
 * @throws LaunchError `unusable-home` where there is none
 */
export async function diagnose(
  request: DoctorRequest,
  signal: AbortSignal,
  system: System = nodeSystem,
): Promise<Diagnosis> {
  const patient = await admit(request, signal, system);
  const { id: product, version, home } = patient.located;
  const findings = [...(await examine(HOME_CHECKS, patient)), ...(await examineAtOffset(patient))];
  return { product, version, home, findings };
}

/** What the checks look at. */
interface Patient {
  readonly request: DoctorRequest;
  readonly located: LocatedHome;
  /** Undefined where the configuration can't be read, or is a deployment.yaml. */
  readonly settings: PortSettings | undefined;
  readonly inspection: InspectedHome | LaunchError;
  readonly leases: readonly LiveLease[];
  /** That runs in the home, whoever started it. */
  readonly server: ProcessRow | undefined;
  readonly memory: MemorySources;
  readonly signal: AbortSignal;
  readonly system: System;
}

const NO_ARGUMENTS = parseScriptArguments([]);

async function admit(request: DoctorRequest, signal: AbortSignal, system: System): Promise<Patient> {
  const asked = { ...request, script: NO_ARGUMENTS, isOffsetPassed: request.offset !== undefined };
  const located = locateHome(asked, system);
  const settings = located.runtime ? undefined : attempt(() => readSettings({ ...asked, ...located }, system).sources);
  return {
    request,
    located,
    settings: settings instanceof LaunchError ? undefined : settings,
    inspection: attempt(() => inspectLocated(located, asked, system)),
    leases: await readLeases(system),
    server: findServerOf(located.runtimeHome, system),
    memory: { startScript: textOf(located.startScript, system), env: system.env },
    signal,
    system,
  };
}

function attempt<T>(work: () => T): T | LaunchError {
  try {
    return work();
  } catch (error) {
    if (error instanceof LaunchError) return error;
    throw error;
  }
}

function textOf(path: string, { files }: Pick<System, 'files'>): string | undefined {
  try {
    return files.readText(path);
  } catch {
    return undefined; // the check of the script itself says so
  }
}

interface Check<P extends Patient = Patient> {
  /** What is not known where it can't be made. */
  readonly about: string;
  look(patient: P): readonly Finding[] | Promise<readonly Finding[]>;
}

/** One after the other, and none of them in the way of the next. */
async function examine<P extends Patient>(checks: readonly Check<P>[], patient: P): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { about, look } of checks) {
    try {
      findings.push(...(await look(patient)));
    } catch (error) {
      findings.push(unchecked(about, (error as Error).message));
    }
  }
  return findings;
}

const HOME_CHECKS: readonly Check[] = [
  {
    about: 'the version',
    look: ({ located }) => judgeVersion(`${located.facts.title}${versionWords(located)}`, located.warnings),
  },
  { about: 'the JDK', look: checkJdk },
  { about: 'the start script', look: checkStartScript },
  { about: 'the line ends of the start scripts', look: checkLineEnds },
  { about: 'the tmp folder', look: checkTmpFolder },
  { about: 'whether the home can be written', look: checkWritten },
  { about: 'the limit of open files', look: ({ system }) => [judgeOpenFiles(system.machine.openFileLimit())] },
  { about: 'the free memory', look: ({ memory, system }) => [judgeMemory(system.machine.availableMemory(), memory)] },
  { about: 'the free disk space', look: checkDiskSpace },
  { about: 'the state folder', look: checkState },
  { about: 'the leases of other launches', look: checkLeases },
  { about: 'whether the home runs', look: checkTwin },
  { about: 'the pid file', look: checkPidFile },
  { about: 'the databases', look: checkDatabases },
  { about: 'the environment', look: ({ located, system }) => [judgeVariables(system.env, located.home)] },
  { about: 'JAVA_OPTS', look: checkJavaOptions },
  { about: 'the configuration', look: checkConfiguration },
  { about: 'the logging configuration', look: checkReadyLine },
  { about: 'the file of properties', look: checkProperties },
  { about: 'the host name of the configuration', look: checkServerHostname },
  { about: 'the name of this machine', look: checkMachineHostname },
];

/** A patient whose configuration was read, at an offset that its ports allow. */
interface Placed extends Patient {
  readonly inspection: InspectedHome;
  readonly offset: number;
  readonly ports: readonly EffectivePort[];
}

const OFFSET_CHECKS: readonly Check<Placed>[] = [
  { about: 'the ports', look: checkPorts },
  { about: 'the ports of outgoing connections', look: checkClientPorts },
  { about: 'listeners on one port', look: checkClashes },
  { about: 'the URLs of the configuration', look: checkUrls },
  { about: 'agents that know the configured offset only', look: checkAgent },
];

async function examineAtOffset(patient: Patient): Promise<Finding[]> {
  const { inspection, request } = patient;
  const abouts = OFFSET_CHECKS.map(({ about }) => about).join(', ');
  if (inspection instanceof LaunchError)
    return [unchecked(abouts, 'The configuration is unusable', MEND_CONFIGURATION)];
  // An offset that nothing can change is the affair of the check of the properties.
  const { beatsArguments: _, ...configured } = inspection.configured;
  const choice: OffsetChoice = request.offset ? { kind: 'fixed', offset: request.offset } : { kind: 'configured' };
  const range = attempt(() => offsetRange(choice, configured, inspection.ports));
  if (range instanceof LaunchError) {
    return [failed('offset', range), unchecked(abouts, 'There is no such offset', 'Choose another offset.')];
  }
  const offset = range.min;
  const placed = { ...patient, inspection, offset, ports: effectivePorts(inspection.ports, offset) };
  return [fine('offset', `The ports allow offset ${offset}.`), ...(await examine(OFFSET_CHECKS, placed))];
}

const MEND_CONFIGURATION = 'Mend the configuration, and look again.';

// ---------- What a start needs ----------

async function checkJdk({ located, request, signal, system }: Patient): Promise<Finding[]> {
  try {
    const { javaHome, warnings } = await inspectJdk(located, request, signal, system);
    return judgeJdk(javaHome, warnings);
  } catch (error) {
    if (error instanceof LaunchError) return [failed('jdk', error)];
    throw error;
  }
}

function checkStartScript({ located, system }: Patient): Finding[] {
  const script = attempt(() => findScript(located, system));
  return [
    script instanceof LaunchError ? failed('start-script', script) : fine('start-script', `${script} can be run.`),
  ];
}

function checkLineEnds({ located, system }: Patient): Finding[] {
  if (system.host.scriptsTakeCarriageReturns) return []; // there they are right
  const scripts = new Map<string, string>();
  const read = (path: string): void => {
    const text = scripts.has(path) ? undefined : system.files.readText(path);
    if (text === undefined) return;
    scripts.set(path, text);
    for (const [name] of text.matchAll(/[\w.-]+\.sh\b/g)) read(join(dirname(located.startScript), name));
  };
  read(located.startScript);
  return [judgeLineEnds([...scripts].flatMap(([path, text]) => (/\r$/m.test(text) ? [path] : [])))];
}

function checkJavaOptions({ located, memory }: Patient): Finding[] {
  // Carbon 5 knows no -DportOffset.
  return [...(located.runtime ? [] : [judgeOffsetOption(memory.env)]), judgeMemoryOptions(memory)];
}

function checkTmpFolder({ located, system }: Patient): Finding[] {
  if (located.runtime) return []; // Carbon 5 empties none
  const path = join(located.home, 'tmp');
  return [judgeTmpFolder({ path, isThere: system.files.isFolder(path), isNeeded: system.host.scriptsNeedTmp })];
}

function checkWritten({ inspection, system }: Patient): Finding[] {
  if (inspection instanceof LaunchError) return []; // told of already, and what is written is not known
  const { refused, lacking } = lookAtWriting(inspection, { script: NO_ARGUMENTS, followsOffset: false }, system);
  return judgeWriting(
    inspection.home,
    refusal(refused, inspection, system),
    lacking,
    mendingOf(lacking, inspection, system),
  );
}

function checkDiskSpace({ located, system }: Patient): Finding[] {
  const state = stateFolder(system);
  return [
    judgeDiskSpace(located.home, system.machine.freeSpace(located.home)),
    judgeDiskSpace(state, system.machine.freeSpace(nearestExisting(state, system.files))),
  ];
}

function checkState({ system }: Patient): Finding[] {
  const folder = stateFolder(system);
  const refused = attempt(() => checkStateFolder(folder, system));
  return [refused ? failed('state-folder', refused) : fine('state-folder', `${folder} can be used.`)];
}

async function checkLeases({ system }: Patient): Promise<Finding[]> {
  try {
    await system.leases.readLive();
    return [judgeLeases(undefined)];
  } catch (error) {
    return [judgeLeases((error as Error).message)];
  }
}

// ---------- What the last server has left, or does ----------

const leasesOf = ({ leases, located, system }: Patient): LiveLease[] =>
  leases.filter((lease) => keepsHome(lease, system.files.realPath(located.runtimeHome), system));

function checkTwin(patient: Patient): Finding[] {
  const { located, leases, server, system } = patient;
  const runs = attempt(() => checkHomeIsIdle(located, { leases, server }, TWO_HOMES, system));
  if (!runs) return [fine('home-runs', `${located.home} does not run.`)];
  return [judgeTwin(runs, leasesOf(patient)[0]?.name)];
}

function checkPidFile({ located, server, system }: Patient): Finding[] {
  const pid = pidInFile(located.runtimeHome, system.files);
  const holder = pid === undefined ? undefined : system.processes.find(pid);
  const path = join(located.runtimeHome, located.runtime ? 'runtime.pid' : 'wso2carbon.pid');
  return [judgePidFile({ path, pid, holder, isOfServer: server !== undefined })];
}

function checkDatabases(patient: Patient): Finding[] {
  const { located, server, system } = patient;
  // Those of a running server are open, and locked, as they should be.
  if (server !== undefined || leasesOf(patient).length > 0) return [];
  const folder = located.runtime ? 'database' : 'repository/database';
  const files = databasesIn(join(system.files.realPath(located.runtimeHome), folder), system);
  const open = files.length === 0 ? [] : system.processes.withOpenFile(new Set(files));
  const commandOf = (pid: number): string => system.processes.find(pid)?.name ?? 'a process';
  return judgeDatabases({ files, open: open?.map(({ file, pid }) => ({ file, pid, command: commandOf(pid) })) });
}

const databasesIn = (folder: string, { files }: Pick<System, 'files'>): string[] =>
  files.filesIn(folder).flatMap((name) => (name.endsWith('.db') ? [join(folder, name)] : []));

// ---------- The configuration ----------

function checkConfiguration({ inspection, located, system }: Patient): Finding[] {
  if (inspection instanceof LaunchError) {
    return [failed(inspection.failure.kind === 'unusable-home' ? 'home-path' : 'configuration', inspection)];
  }
  const unrendered = attempt(() => checkRendered(inspection, system));
  if (unrendered) return [failed('configuration', unrendered)];
  return judgeConfiguration(inspection.warnings.filter((text) => !located.warnings.includes(text)));
}

function checkReadyLine({ located, system }: Patient): Finding[] {
  const { logging } = located.facts;
  if (!logging) return [];
  return [judgeReadyLine(routeOfReadyLine(located, { script: parseScriptArguments([]) }, system), logging)];
}

function checkProperties({ located, settings, request, system }: Patient): Finding[] {
  const hasToml = system.files.exists(join(located.home, located.facts.configFile));
  const all = settings?.properties ?? propertiesOfHome(located, hasToml, system);
  const properties = new Map([...all].filter(([, { source }]) => !OPTION_VARIABLES.includes(source)));
  return judgeProperties({ properties, ports: located.row.ports, isOffsetPassed: request.offset !== undefined });
}

/** A name server that is away would keep everything else waiting. */
const LOOK_UP_MS = 2_000;

async function checkServerHostname({ located, settings, system }: Patient): Promise<Finding[]> {
  if (located.runtime) return []; // each of its listeners has a host of its own
  const about = 'the host name of the configuration';
  if (!settings) return [unchecked(about, 'The configuration is unusable', MEND_CONFIGURATION)];
  const { value, leaf } = settings.setting('server.hostname') ?? {};
  if (typeof value !== 'string' || value.trim() === '')
    return [fine('server-hostname', 'The configuration names no host.')];
  const name = value.trim();
  if (name.includes('{')) return [unchecked(about, `Only the running server knows what ${name} is`)];
  const source = leaf ? ` (${settings.file}:${leaf.line})` : '';
  return [judgeHostname('server-hostname', `hostname = "${name}"${source}`, name, await lookUp(name, system))];
}

async function checkMachineHostname({ system }: Patient): Promise<Finding[]> {
  const name = system.machine.hostname();
  return [judgeHostname('machine-hostname', `${name}, the name of this machine,`, name, await lookUp(name, system))];
}

const lookUp = async (name: string, { machine }: Pick<System, 'machine'>): Promise<string | undefined> =>
  isLoopback(name) ? undefined : machine.whyUnresolved(name, LOOK_UP_MS);

// ---------- Ports and offset ----------

const subjectOf = ({ located, request }: Patient): Subject => ({
  id: located.id,
  home: located.home,
  ...(request.profile && { profile: request.profile.name }),
});

async function checkPorts(patient: Placed): Promise<Finding[]> {
  const { inspection, located, offset, ports, signal, system } = patient;
  const { id: product, version, home } = located;
  const seen = await lookAtPorts({ product, version, home, offset, ports }, system);
  // That the home runs is told already; of itself it is not in its way.
  const taken = seen.ports.filter(({ state, by }) => state !== 'free' && !isOfHome(by, patient));
  const found = {
    offset,
    taken,
    fixed: taken.filter(({ shifted }) => !shifted),
    free: taken.length === 0 ? offset : await findFreeOffset(inspection, signal, system),
    unbeatable: inspection.configured.beatsArguments && inspection.configured.source,
  };
  return [judgePorts(found, subjectOf(patient)), ...judgeBroker(brokerWarnings(taken), subjectOf(patient))];
}

function isOfHome(by: Holder | null, patient: Placed): boolean {
  const { realPath } = patient.system.files;
  // Of a home with several runtimes, another one is in the way.
  if (by?.home !== undefined)
    return patient.server !== undefined && realPath(by.home) === realPath(patient.located.home);
  return by?.instance !== undefined && leasesOf(patient).some(({ name }) => name === by.instance);
}

function checkClientPorts(patient: Placed): Finding[] {
  const { inspection, offset, system } = patient;
  return judgeClientPorts(
    clientPortWarnings(inspection.ports, offset, system.sockets.clientPorts()),
    subjectOf(patient),
  );
}

function checkClashes({ inspection, offset }: Placed): Finding[] {
  return judgeClashes(clashWarnings(inspection.ports, offset));
}

async function checkUrls({ inspection, ports, system }: Placed): Promise<Finding[]> {
  return judgeUrls(staleUrls(inspection.urls, ports, await liveServers(inspection.urls, system)));
}

function checkAgent({ located, settings, offset }: Placed): Finding[] {
  const { agent, defaultOffset } = located.facts;
  if (!agent || !settings) return [];
  const { setting, file } = settings;
  const { value, leaf } = setting('server.offset') ?? { value: defaultOffset };
  const isOn = String(setting(agent.key)?.value).toLowerCase() === 'true';
  const configured = parseInteger(String(value).trim());
  return [judgeAgent(agent, { isOn, offset, configured, source: leaf ? `${file}:${leaf.line}` : 'default' })];
}
