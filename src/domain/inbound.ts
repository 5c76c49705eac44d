import type { PortFact, Scheme } from './facts.js';
import { parseJavaInteger } from './numbers.js';
import { type BasePort, HIGHEST_PORT } from './ports.js';
import { elementsNamed, parseXml, type XmlElement, XmlError } from './xml.js';

/** A listening inbound endpoint as its file has it. */
export interface InboundEndpoint {
  readonly name: string;
  /** Absent where it is suspended: nothing listens then. The base is before any offset. */
  readonly port?: BasePort;
}

export interface InboundEndpoints {
  readonly endpoints: readonly InboundEndpoint[];
  /** Warnings of what can't be told about the file. */
  readonly warnings: readonly string[];
}

interface Protocol {
  /** The parameter that holds the port. */
  readonly port: string;
  readonly scheme: Scheme;
  /** The port where the parameter says nothing usable; absent: the endpoint doesn't open. */
  readonly otherwise?: number;
  /** The switch that moves the port: a setting of the whole server, a parameter of its own, or nothing. */
  readonly shiftedBy: 'setting' | 'parameter' | 'nothing';
}

// MI org.wso2.carbon.inbound.endpoint.protocol: InboundHttpListener and its HTTPS twin, InboundWebsocketListener, the
// multiplexing WebSocket ones, HL7 and InboundGRPCListener. The other protocols only poll or subscribe; what a class
// of the user's own does, nobody can tell.
const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  http: { port: 'inbound.http.port', scheme: 'http', shiftedBy: 'setting' },
  https: { port: 'inbound.http.port', scheme: 'https', shiftedBy: 'setting' },
  ws: { port: 'inbound.ws.port', scheme: 'ws', shiftedBy: 'parameter' },
  wss: { port: 'inbound.ws.port', scheme: 'wss', shiftedBy: 'parameter' },
  httpws: { port: 'port', scheme: 'ws', shiftedBy: 'nothing' },
  httpswss: { port: 'port', scheme: 'wss', shiftedBy: 'nothing' },
  hl7: { port: 'inbound.hl7.Port', scheme: 'tcp', shiftedBy: 'nothing' },
  grpc: { port: 'inbound.grpc.port', scheme: 'tcp', otherwise: 8888, shiftedBy: 'nothing' },
};

export interface InboundRules {
  /** Whether endpoints with HTTP move with the offset. */
  readonly httpShifts: boolean;
  /** The value of `$SYSTEM:NAME`: Synapse's SystemResolver reads the environment. */
  readonly variable: (name: string) => unknown;
}

/**
 * Reads the listening inbound endpoints of a synapse file. A file that isn't well-formed opens nothing: the server logs
 * it and goes on.
 */
export function inboundEndpoints(text: string, file: string, rules: InboundRules): InboundEndpoints {
  let elements: XmlElement[];
  try {
    elements = elementsNamed('inboundEndpoint', parseXml(text));
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return { endpoints: [], warnings: [`${file}, ${error.message}: the server can't deploy this inbound endpoint.`] };
  }
  const found = elements.flatMap((element) => readEndpoint(element, file, rules));
  return {
    endpoints: found.filter((result) => typeof result !== 'string'),
    warnings: found.filter((result) => typeof result === 'string'),
  };
}

function readEndpoint(
  element: XmlElement,
  file: string,
  { httpShifts, variable }: InboundRules,
): [InboundEndpoint | string] | [] {
  const { name = '', protocol = '', suspend = '' } = element.attributes;
  const kind = Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined;
  if (!kind) return [];
  if (suspend.toLowerCase() === 'true') return [{ name }];

  const parameters = elementsNamed('parameter', element);
  const parameter = (wanted: string): XmlElement | undefined =>
    parameters.find(({ attributes }) => attributes['name'] === wanted);
  const given = parameter(kind.port);
  const text = given?.text ?? '';
  const named = /^\$SYSTEM:(\w+)$/.exec(text)?.[1];
  const base = parseJavaInteger(named === undefined ? text : String(variable(named))) ?? kind.otherwise;
  if (base === undefined || base < 1 || base > HIGHEST_PORT) {
    return [
      `${file}: ${kind.port} of the inbound endpoint ${name} is ${JSON.stringify(text)}, so that nobody looks after its port.`,
    ];
  }
  const shifted = {
    setting: httpShifts,
    parameter: parameter('ws.use.port.offset')?.text.toLowerCase() === 'true',
    nothing: false,
  }[kind.shiftedBy];
  const source = `${file}:${(given ?? element).line}`;
  return [{ name, port: { name, base, scheme: kind.scheme, shifted, required: false, source } }];
}

/**
 * Adds endpoints to a server's ports. An endpoint that the product ships is among them already: its file counts only
 * where no key sets its port, for else each start renders that file anew.
 * @param shipped the names of shipped endpoints, and of their ports
 */
export function mergeEndpoints(
  ports: readonly BasePort[],
  endpoints: readonly InboundEndpoint[],
  facts: readonly PortFact[],
  shipped: Readonly<Record<string, string>>,
): BasePort[] {
  const portOf = ({ name }: InboundEndpoint): string | undefined =>
    Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  const isRendered = (port: string): boolean => facts.find(({ name }) => name === port)?.key !== undefined;
  const own = ports.flatMap((port): BasePort[] => {
    const endpoint = isRendered(port.name) ? undefined : endpoints.find((candidate) => portOf(candidate) === port.name);
    if (!endpoint) return [port];
    if (!endpoint.port) return [];
    const { base, shifted, source } = endpoint.port;
    return [{ ...port, shifted, ...(base !== port.base && { base, source }) }];
  });
  const names = new Set(own.map(({ name }) => name));
  const added = endpoints.flatMap((endpoint): BasePort[] => {
    if (!endpoint.port || portOf(endpoint) !== undefined) return [];
    const { name, base } = endpoint.port;
    const unique = names.has(name) || name === '' ? `${name}-${base}` : name;
    names.add(unique);
    return [{ ...endpoint.port, name: unique }];
  });
  return [...own, ...added];
}
