import { factsOf, type ProductId } from '../domain/catalogue.js';
import type { ChangedFile } from '../domain/changed-settings.js';
import { hasShellSpecials, type OffsetPassing } from '../domain/command.js';
import type { Carbon5Facts, RuntimeFacts, ServerFacts, VersionRow } from '../domain/facts.js';
import type { ConfiguredOffset } from '../domain/offsets.js';
import { type BasePort, basePorts } from '../domain/ports.js';
import { rowFor } from '../domain/product.js';
import type { LiteralUrl } from '../domain/stale-urls.js';
import { nodeSystem } from '../system/index.js';
import { readConfiguration } from './configuration.js';
import { type HomeReading, type LocatedHome, locateHome, profileServer, runtimeOf, unusableHome } from './locate.js';
import type { HomeRequest } from './request.js';
import { readRuntimeConfiguration } from './runtime-configuration.js';

/** The facts that a home tells about its server, before any offset is chosen. */
export interface Inspection
  extends Pick<LocatedHome, 'id' | 'facts' | 'row' | 'version' | 'kernel' | 'isKnown' | 'warnings'> {
  /** Absolute; the folder that the start script computes for itself. Null without any home. */
  readonly home: string | null;
  readonly ports: readonly BasePort[];
  /** URLs of the configuration that name a port as a literal. */
  readonly urls: readonly LiteralUrl[];
  /** The deployment.toml that the server reads, whether or not it is there; undefined where it reads none. */
  readonly toml: string | undefined;
  /** The offset that the server uses if nothing is passed, and where it comes from. */
  readonly configured: ConfiguredOffset;
}

export interface InspectedHome extends Inspection, Omit<LocatedHome, 'runtime'> {
  readonly home: string;
  /** The way in which the server is told its offset. */
  readonly passing: OffsetPassing;
  /** The file that something is laid over, where the server reads both of them. */
  readonly overlaid?: ChangedFile;
  /** JDBC URLs of the databases that its configuration names. */
  readonly databases?: readonly string[];
}

/**
 * Finds the home and reads what matters of it. Nothing is started or changed.
 * @throws LaunchError `unusable-home`, `unusable-configuration`, or `usage` for what an argument or a profile says
 */
export const inspectHome = (request: HomeRequest, system: HomeReading = nodeSystem): InspectedHome =>
  inspectLocated(locateHome(request, system), request, system);

/**
 * The newest known version of a product with nothing configured: for looking without a home.
 * @throws LaunchError `usage` for a wrong profile
 */
export function inspectWithoutHome(id: ProductId, request: Pick<HomeRequest, 'profile'> = {}): Inspection {
  const server = profileServer(factsOf(id), null, request.profile);
  const { facts } = server;
  const { row, version } = newestWith(request.profile?.name, facts);
  const runtime = runtimeOf(row, server, request);
  return {
    id,
    facts,
    row,
    version,
    isKnown: true,
    home: null,
    ports: basePorts(runtime?.ports ?? row.ports, facts.required),
    urls: [],
    toml: undefined,
    configured: { value: runtime?.defaultOffset ?? facts.shippedOffset ?? facts.defaultOffset, source: 'default' },
    warnings: [],
  };
}

/** The newest version, and its row; with a profile that it has no more, the newest one that has it. */
function newestWith(profile: string | undefined, facts: ServerFacts): Pick<Inspection, 'row' | 'version'> {
  const newest = facts.known?.[1].join('.') ?? null;
  const { row } = rowFor(facts, newest, []);
  const has = ({ carbon5 }: VersionRow): boolean =>
    profile !== undefined && Object.hasOwn(carbon5?.profiles ?? {}, profile);
  const last = has(row) ? row : facts.versions.find(has);
  return last === undefined || last === row ? { row, version: newest } : { row: last, version: last.since.join('.') };
}

/**
 * Reads what matters of a home that was found.
 * @throws LaunchError `unusable-configuration`, `unusable-home`, or `usage` for what an argument says
 */
export function inspectLocated(
  { runtime, ...located }: LocatedHome,
  request: HomeRequest,
  system: HomeReading = nodeSystem,
): InspectedHome {
  const { carbon5 } = located.row;
  const read =
    carbon5 && runtime
      ? inspectRuntimeOf({ ...located, carbon5, runtime }, request, system)
      : inspectServer(located, request, system);
  return { ...located, ...read, warnings: [...located.warnings, ...read.warnings] };
}

type ReadRuntime = Pick<
  InspectedHome,
  'facts' | 'passing' | 'ports' | 'urls' | 'toml' | 'configured' | 'overlaid' | 'databases' | 'warnings'
>;

/** Inspects a home of Carbon 4, which holds one server. */
function inspectServer(located: LocatedHome, request: HomeRequest, system: HomeReading): ReadRuntime {
  const { offset: configured, ...read } = readConfiguration({ ...request, ...located }, system);
  return { facts: located.facts, passing: { kind: 'argument' }, configured, ...read };
}

interface RuntimeHome {
  readonly carbon5: Carbon5Facts;
  readonly runtime: RuntimeFacts;
}

/** Inspects a runtime of a home of Carbon 5. */
function inspectRuntimeOf(
  { facts, home, row, carbon5, runtime, startScript }: LocatedHome & RuntimeHome,
  { script, changes = [] }: HomeRequest,
  system: HomeReading,
): ReadRuntime {
  if (hasShellSpecials(home)) {
    throw unusableHome(
      `The home's path ${home} holds a space or a glob character, which the start scripts of ${facts.title} can't carry.`,
      'Move it to a path without these characters, or name it by a link that has none.',
    );
  }
  const found = readRuntimeConfiguration({ home, row, carbon5, runtime, script, startScript, changes }, system);
  const { name, overlayFor, changed } = found;
  return {
    facts: { ...facts, ...(name !== undefined && { readyText: `${name} started in ` }) },
    passing: overlayFor ? { kind: 'overlay', textFor: overlayFor } : { kind: 'property' },
    ports: found.ports,
    urls: found.urls,
    toml: found.toml,
    configured: found.offset,
    ...(changed && { overlaid: changed }),
    warnings: found.warnings,
  };
}
