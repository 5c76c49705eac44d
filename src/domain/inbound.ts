import { type ArtifactListener, type ArtifactListeners, collected, listenerOn, withListeners } from './artifacts.js';
import type { PortFact, Scheme } from './facts.js';
import type { BasePort } from './ports.js';
import type { Declaration, Parameter, ResolveText } from './synapse.js';

interface ListeningKind {
  /** The parameter that holds the port. */
  readonly port: string;
  readonly scheme: Scheme;
  /** The port where the parameter says nothing usable; absent: the endpoint doesn't open. */
  readonly otherwise?: string;
  /** The switch that moves the port: a setting of the whole server, a parameter of its own, or nothing. */
  readonly shiftedBy: 'setting' | 'parameter' | 'nothing';
  /** The parameter that makes it one of TLS. */
  readonly securedBy?: string;
}

// MI org.wso2.carbon.inbound.endpoint.protocol: InboundHttpListener and its HTTPS twin, InboundWebsocketListener, the
// multiplexing WebSocket ones, HL7 and InboundGRPCListener. The other protocols only poll or subscribe.
const PROTOCOLS: Readonly<Record<string, ListeningKind>> = {
  http: { port: 'inbound.http.port', scheme: 'http', shiftedBy: 'setting' },
  https: { port: 'inbound.http.port', scheme: 'https', shiftedBy: 'setting' },
  ws: { port: 'inbound.ws.port', scheme: 'ws', shiftedBy: 'parameter' },
  wss: { port: 'inbound.ws.port', scheme: 'wss', shiftedBy: 'parameter' },
  httpws: { port: 'port', scheme: 'ws', shiftedBy: 'nothing' },
  httpswss: { port: 'port', scheme: 'wss', shiftedBy: 'nothing' },
  hl7: { port: 'inbound.hl7.Port', scheme: 'tcp', shiftedBy: 'nothing' },
  grpc: { port: 'inbound.grpc.port', scheme: 'tcp', otherwise: '8888', shiftedBy: 'nothing' },
};

// Classes that take the place of a protocol, as far as their parameters are known: MED InboundRMHttpListener, and
// ISO8583MessageConsumer of wso2-extensions/esb-inbound-iso8583. What another class of the user's own does, nobody can
// tell.
const CLASSES: Readonly<Record<string, ListeningKind>> = {
  InboundRMHttpListener: {
    port: 'inbound.cxf.rm.port',
    scheme: 'http',
    shiftedBy: 'nothing',
    securedBy: 'enableSSL',
  },
  ISO8583MessageConsumer: { port: 'port', scheme: 'tcp', shiftedBy: 'nothing' },
};

export interface InboundRules {
  /** Whether endpoints with HTTP move with the offset. */
  readonly httpShifts: boolean;
  readonly resolve: ResolveText;
}

/** The listening inbound endpoints among what synapse files declare. */
export const inboundEndpoints = (declarations: readonly Declaration[], rules: InboundRules): ArtifactListeners =>
  collected(
    declarations.filter(({ kind }) => kind === 'inboundEndpoint').flatMap((found) => readEndpoint(found, rules)),
  );

function readEndpoint(
  { attributes, parameters, file, line }: Declaration,
  { httpShifts, resolve }: InboundRules,
): [ArtifactListener | string] | [] {
  const { name = '', suspend = '' } = attributes;
  const kind = listeningOf(attributes);
  if (!kind) return [];
  if (suspend.toLowerCase() === 'true') return [{ name }];

  const parameter = (wanted: string): Parameter | undefined => parameters.find((one) => one.name === wanted);
  const isOn = (wanted: string | undefined): boolean =>
    wanted !== undefined && parameter(wanted)?.text.toLowerCase() === 'true';
  const given = parameter(kind.port);
  const said = given?.text ?? '';
  const port = {
    name,
    scheme: isOn(kind.securedBy) ? ('https' as const) : kind.scheme,
    shifted: { setting: httpShifts, parameter: isOn('ws.use.port.offset'), nothing: false }[kind.shiftedBy],
    source: `${file}:${given?.line ?? line}`,
  };
  const found =
    listenerOn({ ...port, text: resolve(said) ?? '' }) ?? listenerOn({ ...port, text: kind.otherwise ?? '' });
  return [
    found ??
      `${file}: ${kind.port} of the inbound endpoint ${name} is ${JSON.stringify(said)}, so that nobody looks after its port.`,
  ];
}

function listeningOf(attributes: Declaration['attributes']): ListeningKind | undefined {
  const { protocol, class: className } = attributes;
  if (protocol !== undefined) return Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined;
  const simple = className?.slice(className.lastIndexOf('.') + 1) ?? '';
  return Object.hasOwn(CLASSES, simple) ? CLASSES[simple] : undefined;
}

/**
 * Adds endpoints to a server's ports. An endpoint that the product ships is among them already: its file counts only
 * where no key sets its port, for else each start renders that file anew.
 * @param shipped the names of shipped endpoints, and of their ports
 */
export function mergeEndpoints(
  ports: readonly BasePort[],
  endpoints: readonly ArtifactListener[],
  facts: readonly PortFact[],
  shipped: Readonly<Record<string, string>>,
): BasePort[] {
  const portOf = ({ name }: ArtifactListener): string | undefined =>
    Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  const isRendered = (port: string): boolean => facts.find(({ name }) => name === port)?.key !== undefined;
  const own = ports.flatMap((port): BasePort[] => {
    const endpoint = isRendered(port.name) ? undefined : endpoints.find((candidate) => portOf(candidate) === port.name);
    if (!endpoint) return [port];
    if (!endpoint.port) return [];
    const { base, shifted, source } = endpoint.port;
    return [{ ...port, shifted, ...(base !== port.base && { base, source }) }];
  });
  return withListeners(
    own,
    endpoints.filter((endpoint) => portOf(endpoint) === undefined),
  );
}
