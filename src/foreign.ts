import { parseScriptArguments } from './domain/command.js';
import { parseInteger } from './domain/numbers.js';
import { type EffectivePort, effectivePorts } from './domain/ports.js';
import { homeInArguments, innermost, type ProcessRow, runtimeInArguments, runtimeNameIn } from './domain/tree.js';
import { urlsOf } from './domain/urls.js';
import { inspectHome } from './inspect.js';
import { type Instance, isRunning } from './instances.js';
import { nodeSystem, type System } from './system/index.js';

/** A WSO2 server that somebody has started without us. */
export interface ForeignServer {
  readonly pid: number;
  readonly home: string;
  /** Null where its home is of a product that is not known, or can't be read. */
  readonly product: string | null;
  readonly version: string | null;
  readonly offset: number | null;
  readonly ports: readonly EffectivePort[];
  readonly urls: Readonly<Record<string, string>>;
}

/** The servers on this machine, as far as their processes can be seen, that are none of these instances. */
export function listForeign(instances: readonly Instance[], system: System = nodeSystem): ForeignServer[] {
  const { processes, files } = system;
  const running = instances.filter(isRunning);
  const ours = new Set(running.map(({ home, runtimeHome = home }) => files.realPath(runtimeHome)));
  const homes = new Map<ProcessRow, string>();
  for (const row of processes.snapshot()) {
    const args = row.isZombie ? [] : processes.argumentsOf(row.pid);
    const home = homeInArguments(args);
    const runtimeHome = runtimeInArguments(args);
    if (home !== undefined && !ours.has(files.realPath(runtimeHome ?? home))) homes.set(row, home);
  }
  return innermost([...homes.keys()]).map((row) => describe(row.pid, homes.get(row) as string, system));
}

function describe(pid: number, home: string, system: System): ForeignServer {
  const args = system.processes.argumentsOf(pid);
  const passed = args.findLast((argument) => argument.startsWith('-DportOffset='))?.slice('-DportOffset='.length);
  try {
    const profile = runtimeNameIn(args);
    const request = {
      named: { path: home, by: `process ${pid}` },
      ...(profile !== undefined && { profile: { name: profile, by: `process ${pid}` } }),
      script: parseScriptArguments([]),
    };
    const found = inspectHome({ ...request, isOffsetPassed: passed !== undefined }, system);
    const offset = parseInteger(passed ?? '') ?? found.configured.value;
    const ports = effectivePorts(found.ports, offset);
    const urls = urlsOf(found.facts.urls, ports);
    return { pid, home, product: found.id, version: found.version, offset, ports, urls };
  } catch {
    return { pid, home, product: null, version: null, offset: null, ports: [], urls: {} };
  }
}
