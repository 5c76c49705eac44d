import { OFFSET_VARIABLE } from './command.js';
import { isYamlMap, valueAt, type YamlMap, type YamlPath } from './deployment-yaml.js';
import type { Scheme } from './facts.js';
import { LaunchError } from './failure.js';
import { parseInteger } from './numbers.js';
import type { ConfiguredOffset } from './offsets.js';
import { type BasePort, isZero, portIn, toPort } from './ports.js';

/** A deployment.yaml as the server ends up with it: whatever is laid over the file is in the tree already. */
export interface RuntimeSettings {
  readonly tree: YamlMap;
  /** The place where something was set: `deployment.yaml:12`. */
  sourceOf(path: YamlPath): string;
  /** A value with its placeholders filled in. @throws LaunchError `unusable-configuration` */
  resolve(value: unknown, path: YamlPath): unknown;
  /** Whether the listeners of `wso2.transport.http` add the offset. */
  readonly movesHttp: boolean;
  /** Whether the ports of listeners that don't can be passed. */
  readonly takesOverlay: boolean;
  readonly hasThrift: boolean;
}

export const OFFSET_PATH: YamlPath = ['wso2.carbon', 'ports', 'offset'];

/** The offset that the server uses if nothing is passed. @throws LaunchError `unusable-configuration` */
export function offsetOf(settings: RuntimeSettings, variable: string | undefined): ConfiguredOffset {
  const found = variable ?? valueAt(settings.tree, OFFSET_PATH);
  // CK PortsConfig: 0 where nothing is said.
  if (found === undefined || found === null) return { value: 0, source: 'default' };
  const source = variable === undefined ? settings.sourceOf(OFFSET_PATH) : OFFSET_VARIABLE;
  const value = variable ?? settings.resolve(found, OFFSET_PATH);
  const integer = typeof value === 'string' ? parseInteger(value.trim()) : value;
  if (typeof integer === 'number' && Number.isSafeInteger(integer)) return { value: integer, source };
  throw new LaunchError({
    kind: 'unusable-configuration',
    what: `${source}: the offset is ${JSON.stringify(found)}, not an integer.`,
    hint: 'The server would not start with it; mend the number.',
  });
}

/** A port of a runtime, and what an overlay has to say of it. */
interface Listener {
  readonly port: BasePort;
  /** The path of its number, if the server does not add the offset by itself. */
  readonly place?: YamlPath;
}

/**
 * The listeners of a runtime. A port that the server does not move by itself has as its base the file's number less the
 * file's offset: an overlay moves it.
 * @throws LaunchError `unusable-configuration`, or `usage` for what `-Dconfig` says
 */
export const runtimePorts = (settings: RuntimeSettings, fileOffset: number): BasePort[] =>
  listenersOf(settings, fileOffset).map(({ port }) => port);

function listenersOf(settings: RuntimeSettings, fileOffset: number): Listener[] {
  const read = new Reader(settings, fileOffset);
  // MSF MicroservicesServerSC: the newer namespace wins, and there the offset is always added.
  const isNewer = settings.movesHttp && isYamlMap(valueAt(settings.tree, ['transports', 'http']));
  const http = isNewer ? ['transports', 'http'] : [HTTP];
  return [
    ...read.transport(http, ['http', 'https'], settings.movesHttp, true),
    ...read.transport([STORE], ['store-http', 'store-https'], false, false),
    ...read.receivers(settings.hasThrift),
    ...read.highAvailability(),
    ...read.jmx(),
  ];
}

export const HTTP = 'wso2.transport.http';
const STORE = 'siddhi.stores.query.api';
const LISTENERS = 'listenerConfigurations';
/** MSF ListenerConfiguration. */
const BEAN_PORT = 9090;

class Reader {
  constructor(
    private readonly settings: RuntimeSettings,
    private readonly fileOffset: number,
  ) {}

  /** The listeners of one transport, named by their scheme, and beyond the first of each scheme by their id. */
  transport(section: YamlPath, names: readonly [string, string], moves: boolean, isRequired: boolean): Listener[] {
    const found = valueAt(this.settings.tree, section);
    const listPath = [...section, LISTENERS];
    const list = valueAt(this.settings.tree, listPath);
    if (!isYamlMap(found) || !Array.isArray(list)) {
      // MSF4J opens one plain listener without a configuration; the query API opens none.
      return isRequired
        ? [
            this.#listener({
              name: names[0],
              scheme: 'http',
              place: undefined,
              otherwise: BEAN_PORT,
              moves,
              required: true,
            }),
          ]
        : [];
    }
    const taken = new Set<string>();
    return list.map((_, index) => {
      const at = (key: string): YamlPath => [...listPath, index, key];
      const scheme = valueAt(this.settings.tree, at('scheme')) === 'https' ? 'https' : 'http';
      const usual = scheme === 'https' ? names[1] : names[0];
      const id = String(valueAt(this.settings.tree, at('id')) ?? index);
      const name = taken.has(usual) ? `${section.join('.')}.${id}` : usual;
      taken.add(usual);
      return this.#listener({
        name,
        scheme,
        place: at('port'),
        otherwise: BEAN_PORT,
        moves,
        required: isRequired && name === usual,
      });
    });
  }

  /** Thrift and binary data receivers add the offset by themselves: CAC ThriftServerStartupImpl, BinaryDataReceiver. */
  receivers(hasThrift: boolean): Listener[] {
    const path = ['databridge.config', 'dataReceivers'];
    const list = valueAt(this.settings.tree, path);
    return (Array.isArray(list) ? list : []).flatMap((_, index) => {
      const at = (...rest: string[]): YamlPath => [...path, index, 'dataReceiver', ...rest];
      const receiver = RECEIVERS[String(valueAt(this.settings.tree, at('type'))).toLowerCase()];
      if (!receiver || (receiver.name === 'thrift' && !hasThrift)) return [];
      return [
        this.#listener({
          name: receiver.name,
          scheme: 'tcp',
          place: at('properties', 'tcpPort'),
          otherwise: receiver.tcp,
          moves: true,
        }),
        this.#listener({
          name: `${receiver.name}-ssl`,
          scheme: 'tls',
          place: at('properties', 'sslPort'),
          otherwise: receiver.ssl,
          moves: true,
        }),
      ];
    });
  }

  /** CA EventSyncServer binds the number itself. */
  highAvailability(): Listener[] {
    const place = ['deployment.config', 'eventSyncServer', 'port'];
    if (valueAt(this.settings.tree, place) === undefined) return [];
    return [
      this.#listener({ name: 'deployment.config.eventSyncServer.port', scheme: 'tcp', place, otherwise: BEAN_PORT }),
    ];
  }

  /** CK CarbonJMXComponent: off unless it is switched on, and at no offset. */
  jmx(): Listener[] {
    const jmx = (key: string): YamlPath => ['wso2.carbon', 'jmx', key];
    if (String(valueAt(this.settings.tree, jmx('enabled'))) !== 'true') return [];
    return [
      this.#listener({ name: 'jmx-registry', scheme: 'tcp', place: jmx('rmiRegistryPort'), otherwise: 9999 }),
      this.#listener({ name: 'jmx-server', scheme: 'tcp', place: jmx('rmiServerPort'), otherwise: 11111 }),
    ];
  }

  #listener({ name, scheme, place, otherwise, moves = false, required = false }: ListenerFact): Listener {
    const value = place && valueAt(this.settings.tree, place);
    const isSet = place !== undefined && value !== undefined && value !== null;
    const source = isSet ? this.settings.sourceOf(place) : 'default';
    const resolved = isSet ? this.settings.resolve(value, place) : otherwise;
    if (!moves && isZero(resolved))
      return { port: { name, base: 0, scheme, shifted: false, movesOn: true, required: false, source } };
    const number = toPort({ value: resolved, source, key: place?.join('.') ?? name }, name);
    if (moves) return { port: { name, base: number, scheme, shifted: true, required, source } };
    if (!this.settings.takesOverlay || !place)
      return { port: { name, base: number, scheme, shifted: false, required, source } };
    const base = toPort({ value: number - this.fileOffset, source, key: place.join('.') }, name);
    return { port: { name, base, scheme, shifted: true, required, source }, place };
  }
}

/** The facts of a listener before its configuration is read. */
interface ListenerFact {
  readonly name: string;
  readonly scheme: Scheme;
  /** The path of its port; undefined where nothing sets it. */
  readonly place: YamlPath | undefined;
  readonly otherwise: number;
  /** Whether the server adds the offset by itself. */
  readonly moves?: boolean;
  readonly required?: boolean;
}

// CAC BinaryDataReceiverConstants: without keys, the two ports of the binary receiver are the other way round.
const RECEIVERS: Readonly<Record<string, { readonly name: string; readonly tcp: number; readonly ssl: number }>> = {
  thrift: { name: 'thrift', tcp: 7611, ssl: 7711 },
  binary: { name: 'binary', tcp: 9711, ssl: 9611 },
};

/**
 * The overlay that gives a deployment.yaml another offset.
 * @param given what the user lays over the file, which ours replaces
 */
export function overlayFor(settings: RuntimeSettings, fileOffset: number, offset: number, given: YamlMap): YamlMap {
  const moved = structuredClone(settings.tree);
  const places = listenersOf(settings, fileOffset).flatMap(({ port, place }) => {
    if (!place) return [];
    const parent = valueAt(moved, place.slice(0, -1)) as Record<string, unknown>;
    parent[place.at(-1) as string] = port.base + offset;
    return [upToList(place)];
  });
  return places
    .map((path) => nested(path, valueAt(moved, path)))
    .reduce(merge, merge(given, nested(OFFSET_PATH, offset)));
}

/** The ports in a file that its server does not move by itself, and their numbers there: undefined for a placeholder. */
export function unmovedPorts(
  tree: YamlMap,
  movesHttp: boolean,
): { readonly path: YamlPath; readonly number: number | undefined }[] {
  const settings: RuntimeSettings = {
    tree,
    movesHttp,
    takesOverlay: true,
    hasThrift: true,
    sourceOf: (path) => path.join('.'),
    resolve: (value) => portIn(value) ?? BEAN_PORT,
  };
  return listenersOf(settings, 0).flatMap(({ port, place }) => {
    const value = place && valueAt(tree, place);
    if (place === undefined || value === undefined) return [];
    return [{ path: place, number: value === null ? port.base : portIn(value) }];
  });
}

/** A path as far as its first list: lists are replaced as a whole, so they have to be complete. */
function upToList(path: YamlPath): YamlPath {
  const index = path.findIndex((key) => typeof key === 'number');
  return index < 0 ? path : path.slice(0, index);
}

const nested = (path: YamlPath, value: unknown): YamlMap =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as YamlMap;

/** Lays one tree over another as the server does: mappings deeply, all else as a whole. CC YmlMerger. */
export function merge(below: YamlMap, above: YamlMap): YamlMap {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key];
    merged[key] = isYamlMap(under) && isYamlMap(value) ? merge(under, value) : value;
  }
  return merged;
}

const PLACEHOLDER = /\$\{(?:(sys|env|sec):)?([^},]+)(?:,([^}]*))?\}/g;

/** The values of placeholders: system properties and variables of the server. */
export interface PlaceholderValues {
  property(name: string): string | undefined;
  variable(name: string): string | undefined;
}

/** Fills in `${sys:name,default}` and its like; a part that nothing says stays as it is. CC ConfigProviderImpl. */
export function fillPlaceholders(text: string, { property, variable }: PlaceholderValues): string {
  return text.replace(PLACEHOLDER, (whole, kind: string | undefined, name: string, otherwise: string | undefined) => {
    const found =
      kind === 'sys'
        ? property(name)
        : kind === 'env'
          ? variable(name)
          : kind === 'sec'
            ? undefined
            : (property(name) ?? variable(name));
    return found ?? otherwise ?? whole;
  });
}

export const hasPlaceholder = (text: string): boolean => new RegExp(PLACEHOLDER.source).test(text);
