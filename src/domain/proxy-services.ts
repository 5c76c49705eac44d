import { type ArtifactListener, type ArtifactListeners, collected, listenerOn } from './artifacts.js';
import type { Declaration, Parameter, ResolveText } from './synapse.js';

/** A transport that opens a port for each service which names one, at no offset. */
interface ServiceTransport {
  /** The name that it has as the products ship it. */
  readonly name: string;
  /** Its listener, whatever the name. */
  readonly listener: RegExp;
  /** The service's parameter that holds the port. */
  readonly port: string;
}

// MI HL7Endpoint.loadConfiguration, and TCPEndpoint of axis2-transports; both bind the number itself. UDP opens no TCP
// port; JMS, MQTT, RabbitMQ, mail, files, SAP, MSMQ and SMS connect, poll or subscribe.
const TRANSPORTS: readonly ServiceTransport[] = [
  { name: 'hl7', listener: /\bHL7TransportListener$/, port: 'transport.hl7.Port' },
  { name: 'tcp', listener: /\bTCPTransportListener$/, port: 'transport.tcp.port' },
];

// SYN FIXSessionFactory: a service of this one names a file of QuickFIX/J in which its acceptors have their ports.
const FIX: ServiceTransport = {
  name: 'fix',
  listener: /\bFIXTransportListener$/,
  port: 'transport.fix.AcceptorConfigURL',
};

/** A transport that the configuration opens: its name, and its listener's class where that is known. */
export interface TransportReceiver {
  readonly name: string;
  readonly className: string | undefined;
}

export interface ProxyRules {
  /** The transports that the server has; undefined where that is not known, and each counts. */
  readonly receivers: readonly TransportReceiver[] | undefined;
  readonly resolve: ResolveText;
  /** The text of the file that a URL names; undefined where it can't be read. */
  readonly fileAt: (url: string) => string | undefined;
}

/** The ports that proxy services open by parameters of their own. */
export const proxyServices = (declarations: readonly Declaration[], rules: ProxyRules): ArtifactListeners =>
  collected(declarations.filter(({ kind }) => kind === 'proxy').flatMap((found) => portsOf(found, rules)));

function portsOf(declaration: Declaration, rules: ProxyRules): (ArtifactListener | string)[] {
  const { startOnLoad = 'true' } = declaration.attributes;
  if (startOnLoad.toLowerCase() !== 'true') return [];
  return [
    ...TRANSPORTS.flatMap((transport) => portsOver(transport, declaration, rules, ({ text }) => [text])),
    ...portsOver(FIX, declaration, rules, ({ text }) => acceptorsIn(rules.fileAt(text) ?? '')),
  ];
}

/** The ports of a service on one transport, whose parameter tells them by `saidIn`. */
function portsOver(
  transport: ServiceTransport,
  { attributes, parameters, file }: Declaration,
  rules: ProxyRules,
  saidIn: (parameter: Parameter) => readonly string[],
): (ArtifactListener | string)[] {
  const given = parameters.find((one) => one.name === transport.port);
  if (!given || !namesOf(transport, rules.receivers).some((name) => isExposed(attributes['transports'], name)))
    return [];
  const { name = '' } = attributes;
  const port = { name, scheme: 'tcp', shifted: false, source: `${file}:${given.line}` } as const;
  const text = rules.resolve(given.text);
  const said = text === undefined ? [] : saidIn({ ...given, text });
  const found = said.map((number) => listenerOn({ ...port, text: number }));
  const isTold = found.length > 0 && found.every((one) => one !== undefined);
  if (isTold) return found;
  return [
    `${file}: ${transport.port} of the proxy service ${name} is ${JSON.stringify(given.text)}, so that nobody looks after its port.`,
  ];
}

/** SYN ProxyServiceFactory: a service that names no transport is on all of them. */
function isExposed(transports: string | undefined, name: string): boolean {
  const named = (transports ?? '').split(/[ ,]+/).filter((word) => word !== '');
  return named.length === 0 || transports === 'all' || named.includes(name);
}

const acceptorsIn = (settings: string): string[] =>
  [...settings.matchAll(/^[ \t]*SocketAcceptPort[ \t]*=(.*)$/gim)].map(([, port = '']) => port);

/** The names by which a server has a transport. */
const namesOf = ({ name, listener }: ServiceTransport, receivers: ProxyRules['receivers']): string[] =>
  receivers === undefined
    ? [name]
    : receivers
        .filter((one) => (one.className === undefined ? one.name === name : listener.test(one.className)))
        .map((one) => one.name);
