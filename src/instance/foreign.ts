import { parseScriptArguments } from '../domain/command.js';
import { parseJavaInteger } from '../domain/numbers.js';
import { type EffectivePort, effectivePorts } from '../domain/ports.js';
import { homeInArguments, innermost, runtimeInArguments, runtimeNameIn } from '../domain/tree.js';
import { urlsOf } from '../domain/urls.js';
import { inspectHome } from '../home/inspect.js';
import { nodeSystem, type System } from '../system/index.js';
import { type Instance, isRunning } from './list.js';

/** A WSO2 server that somebody has started without us. */
export interface ForeignServer {
  readonly pid: number;
  readonly home: string;
  /** Null where its home is of a product that is not known, or can't be read. */
  readonly product: string | null;
  readonly version: string | null;
  readonly kernel?: string;
  readonly offset: number | null;
  readonly ports: readonly EffectivePort[];
  readonly urls: Readonly<Record<string, string>>;
}

/** The servers on this machine, as far as their processes can be seen, that are none of these instances. */
export function listForeign(instances: readonly Instance[], system: System = nodeSystem): ForeignServer[] {
  const { processes, files } = system;
  const running = instances.filter(isRunning);
  const ours = new Set(running.map(({ home, runtimeHome = home }) => files.realPath(runtimeHome)));
  const isForeign = (args: readonly string[]): boolean => {
    const home = runtimeInArguments(args);
    return home !== undefined && !ours.has(files.realPath(home));
  };
  return innermost(processes.withArguments(isForeign)).flatMap(({ pid }) => {
    const args = processes.argumentsOf(pid);
    const home = homeInArguments(args);
    return home === undefined ? [] : [describe(pid, home, args, system)];
  });
}

function describe(pid: number, home: string, args: readonly string[], system: System): ForeignServer {
  const passed = args.findLast((argument) => argument.startsWith('-DportOffset='))?.slice('-DportOffset='.length);
  try {
    const profile = runtimeNameIn(args);
    const request = {
      named: { path: home, by: `process ${pid}` },
      ...(profile !== undefined && { profile: { name: profile, by: `process ${pid}`, isGeneral: true as const } }),
      script: parseScriptArguments([]),
    };
    const found = inspectHome({ ...request, isOffsetPassed: passed !== undefined, onlyLooks: true }, system);
    const offset = parseJavaInteger(passed ?? '') ?? found.configured.value;
    const ports = effectivePorts(found.ports, offset);
    const urls = urlsOf(found.facts.urls, ports);
    const { id: product, version, kernel } = found;
    return { pid, home, product, version, ...(kernel !== undefined && { kernel }), offset, ports, urls };
  } catch {
    return { pid, home, product: null, version: null, offset: null, ports: [], urls: {} };
  }
}
