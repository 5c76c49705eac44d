import { type ArtifactListener, type ArtifactListeners, collected, listenerOn } from './artifacts.js';
import { isYamlMap } from './deployment-yaml.js';
import type { Scheme } from './facts.js';
import { type Annotation, annotationsIn, filledIn } from './siddhi.js';

/** What an extension is told beside an application: its options in deployment.yaml. */
type SystemOption = (name: string) => string | undefined;

/** A source or sink that listens, at no offset. */
interface SiddhiTransport {
  /** The number, or the URL that has it; undefined where it doesn't listen. */
  readonly said: (option: SystemOption, system: SystemOption) => string | undefined;
  readonly scheme: Scheme;
  /** The scheme with `tls.enabled = 'true'`. */
  readonly secured?: Scheme;
}

// Siddhi listens at what the application says, and adds no offset: by siddhi-io/siddhi-io-http HttpSource,
// HttpServiceSource, HttpWebSubSource and SSEServerSink, siddhi-io-tcp TCPSource, siddhi-io-grpc ServiceConfigs,
// siddhi-io-websocket WebSocketServerSource and WebSocketServerSink, siddhi-io-hl7 Hl7Source, siddhi-io-prometheus
// PrometheusSink. The others connect, poll or subscribe.
const defaultUrl = (system: SystemOption): string => {
  const isSecured = system('defaultScheme') === 'https';
  const port = isSecured ? (system('defaultHttpsPort') ?? '8243') : (system('defaultHttpPort') ?? '8280');
  return `${isSecured ? 'https' : 'http'}://0.0.0.0:${port}/`;
};
const httpAt = (name: string): SiddhiTransport => ({
  said: (option, system) => option(name) ?? defaultUrl(system),
  scheme: 'http',
});
const grpc: SiddhiTransport = { said: (option) => option('receiver.url') ?? '', scheme: 'tcp' };
const webSocket: SiddhiTransport = { said: (option) => option('port') ?? '', scheme: 'ws', secured: 'wss' };

const SOURCES: Readonly<Record<string, SiddhiTransport>> = {
  http: httpAt('receiver.url'),
  'http-service': httpAt('receiver.url'),
  'http-request': httpAt('receiver.url'),
  websubhub: httpAt('receiver.url'),
  grpc,
  'grpc-service': grpc,
  'websocket-server': webSocket,
  tcp: { said: (_option, system) => system('port') ?? '9892', scheme: 'tcp' },
  hl7: { said: (option) => option('port') ?? '', scheme: 'tcp', secured: 'tls' },
};
const SINKS: Readonly<Record<string, SiddhiTransport>> = {
  'sse-server': httpAt('server.url'),
  'websocket-server': webSocket,
  prometheus: {
    said: (option, system) =>
      (option('publish.mode') ?? system('publishMode') ?? 'server').toLowerCase() === 'server'
        ? (option('server.url') ?? system('serverURL') ?? 'http://localhost:9080')
        : undefined,
    scheme: 'http',
  },
};

/** What surrounds the applications of a runtime. */
export interface SiddhiSurroundings {
  /** The value of `${NAME}`: a property of the JVM, or a variable. */
  readonly meaningOf: (name: string) => string | undefined;
  /** deployment.yaml: its `siddhi`, or its older top level. */
  readonly extensions: readonly unknown[];
  readonly refs: readonly unknown[];
}

/** A Siddhi application as it lies in its runtime's folder. */
export interface SiddhiFile {
  /** The file's name without `.siddhi`, which has to be the application's. */
  readonly name: string;
  readonly text: string;
}

/** The ports that applications open. Sources of one kind share a listener, of whichever application they are. */
export function siddhiListeners(files: readonly SiddhiFile[], around: SiddhiSurroundings): ArtifactListeners {
  const found = files.map((file) => applicationListeners(file, around));
  const shared = new Map(
    found
      .flatMap(({ listeners }) => listeners)
      .reverse()
      .map((listener) => [`${listener.port?.scheme} ${listener.port?.base}`, listener]),
  );
  return { listeners: [...shared.values()].reverse(), warnings: found.flatMap(({ warnings }) => warnings) };
}

function applicationListeners({ name, text }: SiddhiFile, around: SiddhiSurroundings): ArtifactListeners {
  const file = `${name}.siddhi`;
  const cannot = (what: string): ArtifactListeners => ({
    listeners: [],
    warnings: [`${file}${what}: the server can't deploy it.`],
  });
  const filled = filledIn(text, around.meaningOf);
  if (typeof filled !== 'string')
    return cannot(`, line ${filled.line}: nothing says what \${${filled.name}} stands for`);
  const annotations = annotationsIn(filled);
  const own = annotations.find((annotation) => annotation.name === 'app:name')?.elements['value'];
  // SI StreamProcessorDeployer
  if (own !== name) return cannot(` names ${own === undefined ? 'no application' : `the application ${own}`}`);
  return collected(annotations.flatMap((annotation) => listenersOf(annotation, { name, file }, around)));
}

function listenersOf(
  { name: kind, elements, line }: Annotation,
  { name, file }: { readonly name: string; readonly file: string },
  { extensions, refs }: SiddhiSurroundings,
): [ArtifactListener | string] | [] {
  const known = { source: SOURCES, sink: SINKS }[kind];
  if (!known) return [];
  const shared = propertiesOf(refs, 'ref', (ref) => ref['name'] === elements['ref']);
  const option: SystemOption = (wanted) => elements[wanted] ?? shared(wanted);
  const type = option('type') ?? '';
  const listening = Object.hasOwn(known, type) ? known[type] : undefined;
  if (!listening) return [];
  const system = propertiesOf(extensions, 'extension', (one) => one['name'] === type && one['namespace'] === kind);
  const said = listening.said(option, system);
  if (said === undefined) return [];
  const [, scheme, number] = /^(?:(\w+):\/\/(?:\[[^\]]*\]|[^/:]*):)?(\d+)(?:\/.*)?$/.exec(said.trim()) ?? [];
  const isSecured = option('tls.enabled')?.toLowerCase() === 'true';
  const found = listenerOn({
    name,
    text: number ?? '',
    scheme: scheme === 'https' ? 'https' : isSecured ? (listening.secured ?? listening.scheme) : listening.scheme,
    shifted: false,
    source: `${file}:${line}`,
  });
  return [
    found ??
      `${file}, line ${line}: the ${type} ${kind} says ${JSON.stringify(said)}, so that nobody looks after its port.`,
  ];
}

/** The properties of the first entry of a list in deployment.yaml that is meant; a reference has its type among them. */
function propertiesOf(
  list: readonly unknown[],
  key: string,
  isMeant: (entry: Readonly<Record<string, unknown>>) => boolean,
): SystemOption {
  const entries = list.map((entry) => (isYamlMap(entry) ? entry[key] : undefined)).filter(isYamlMap);
  const entry = entries.find(isMeant);
  const properties = entry && isYamlMap(entry['properties']) ? entry['properties'] : {};
  return (name) => {
    const value = properties[name] ?? (name === 'type' ? entry?.['type'] : undefined);
    return value === undefined || value === null ? undefined : String(value);
  };
}
