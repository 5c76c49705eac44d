import { basename, join, resolve } from 'node:path';
import type { InboundFacts, VersionRow } from '../domain/facts.js';
import { inboundEndpoints, mergeEndpoints } from '../domain/inbound.js';
import { type BasePort, isOn, type PortSettings } from '../domain/ports.js';
import { propertiesInFile } from '../domain/properties.js';
import { proxyServices, type TransportReceiver } from '../domain/proxy-services.js';
import type { Surroundings } from '../domain/references.js';
import { declarationsIn, type ResolveText, resolver, unreadArtifact } from '../domain/synapse.js';
import type { Leaf } from '../domain/toml.js';
import { elementsNamed, parseXml, XmlError } from '../domain/xml.js';
import { ArtifactCache } from './artifact-cache.js';
import { type Declared, readCarbonApplication } from './carbon-applications.js';
import { type Reading, readIfPossible } from './config-files.js';

const SYNAPSE_FOLDER = 'repository/deployment/server/synapse-configs/default';
const APPLICATIONS_FOLDER = 'repository/deployment/server/carbonapps';

interface ArtifactHome extends Pick<Surroundings, 'variable'> {
  readonly home: string;
  readonly row: VersionRow;
  readonly leaves: readonly Leaf[];
}

/** `ports` together with those of the artifacts of the mediation engine that lie in the home. */
export function withArtifacts(
  ports: readonly BasePort[],
  artifacts: ArtifactHome,
  sources: PortSettings,
  system: Reading,
): { readonly ports: readonly BasePort[]; readonly warnings: readonly string[] } {
  const { home, row } = artifacts;
  if (!row.inbound) return { ports, warnings: [] };
  const { declarations, warnings } = readDeclarations(home, system);
  if (declarations.length === 0) return { ports, warnings };
  const resolveText = resolverOf(artifacts, sources, system);
  const { shiftedWhen, shipped } = row.inbound;
  const endpoints = inboundEndpoints(declarations, {
    httpShifts: shiftedWhen !== undefined && isOn(shiftedWhen, sources),
    resolve: resolveText,
  });
  const proxies = proxyServices(declarations, {
    receivers: receiversOf(artifacts, row.inbound, sources, system),
    resolve: resolveText,
    fileAt: (url) => fileAt(url, home, system),
  });
  return {
    ports: mergeEndpoints(ports, [...endpoints.listeners, ...proxies.listeners], row.ports, shipped),
    warnings: [...warnings, ...endpoints.warnings, ...proxies.warnings],
  };
}

function readDeclarations(home: string, system: Reading): Declared {
  const folder = join(home, SYNAPSE_FOLDER);
  const synapse = (path: string, subject: string): Artifact => ({
    path,
    read: () => readSynapse(path, subject, system),
  });
  const inFolder = (path: string, extension: string): string[] =>
    system.files.filesIn(path).flatMap((name) => (name.endsWith(extension) ? [join(path, name)] : []));
  const main = join(folder, 'synapse.xml');
  const artifacts: Artifact[] = [
    ...inFolder(join(folder, 'inbound-endpoints'), '.xml').map((path) => synapse(path, 'this inbound endpoint')),
    ...inFolder(join(folder, 'proxy-services'), '.xml').map((path) => synapse(path, 'this proxy service')),
    ...(system.files.exists(main) ? [synapse(main, 'what is in it')] : []),
    ...inFolder(join(home, APPLICATIONS_FOLDER), '.car').map((path) => ({
      path,
      read: () => readCarbonApplication(path, system),
    })),
  ];
  if (artifacts.length === 0) return { declarations: [], warnings: [] };
  const cache = new ArtifactCache(home, system);
  const found = artifacts.map(({ path, read }) => cache.declared(path, read));
  cache.keep();
  return {
    declarations: found.flatMap(({ declarations }) => declarations),
    warnings: found.flatMap(({ warnings }) => warnings),
  };
}

/** A file that may declare listeners. */
interface Artifact {
  readonly path: string;
  readonly read: () => Declared;
}

function readSynapse(path: string, subject: string, { files }: Reading): Declared {
  const file = basename(path);
  try {
    const text = files.readText(path);
    return { declarations: text === undefined ? [] : declarationsIn(text, file), warnings: [] };
  } catch (error) {
    const warning =
      error instanceof XmlError
        ? unreadArtifact(file, error, subject)
        : `${path} can't be read, so that nobody looks after its ports: ${(error as Error).message}.`;
    return { declarations: [], warnings: [warning] };
  }
}

/** SYN FilePropertyLoader: the start script of MI names the file `default`. */
function resolverOf({ home, variable }: ArtifactHome, { properties }: PortSettings, system: Reading): ResolveText {
  const named = properties.get('properties.file.path')?.value ?? 'default';
  const path = named === 'default' ? join(home, 'conf/file.properties') : resolve(home, named);
  return resolver(variable, (name) => propertiesInFile(readIfPossible(path, system) ?? '', path).get(name)?.value);
}

/** The receivers that the configuration opens; undefined where it can't be told. */
function receiversOf(
  { home, leaves }: ArtifactHome,
  { transports }: InboundFacts,
  sources: PortSettings,
  system: Reading,
): TransportReceiver[] | undefined {
  if (!transports) return receiversIn(home, system);
  const known = Object.entries(transports).flatMap(([name, condition]) =>
    isOn(condition, sources) ? [{ name, className: undefined }] : [],
  );
  const custom = leaves.flatMap(({ key, element }): TransportReceiver[] => {
    if (key !== 'custom_transport.listener.protocol' || element === undefined) return [];
    const className = sources.setting(element.replace(/\.protocol$/, '.class'))?.value;
    return [
      {
        name: String(sources.setting(element)?.value),
        className: className === undefined ? undefined : String(className),
      },
    ];
  });
  return [...known, ...custom];
}

const AXIS2_FILES = ['repository/conf/axis2/axis2.xml', 'conf/axis2/axis2.xml'];

/** The receivers of a home's axis2.xml, as its last start rendered it or its user wrote it. */
function receiversIn(home: string, system: Reading): TransportReceiver[] | undefined {
  const text = AXIS2_FILES.map((file) => readIfPossible(join(home, file), system)).find((found) => found !== undefined);
  if (text === undefined) return undefined;
  try {
    return elementsNamed('transportReceiver', parseXml(text)).map(({ attributes }) => ({
      name: attributes['name'] ?? '',
      className: attributes['class'],
    }));
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
}

function fileAt(url: string, home: string, system: Reading): string | undefined {
  const path = /^file:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  return path === undefined ? undefined : readIfPossible(resolve(home, path), system);
}
