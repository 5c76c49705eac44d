import { elementsNamed, isUtf16, parseXml, type XmlElement, type XmlError } from './xml.js';

/** An element of a synapse file that may listen, as the file has it; nothing is concluded from it yet. */
export interface Declaration {
  readonly kind: (typeof KINDS)[number];
  readonly attributes: Readonly<Record<string, string>>;
  readonly parameters: readonly Parameter[];
  /** The file's name for sources and messages; of one in an archive, behind the archive's. */
  readonly file: string;
  readonly line: number;
}

export interface Parameter {
  readonly name: string;
  readonly text: string;
  readonly line: number;
}

const KINDS = ['inboundEndpoint', 'proxy'] as const;

/**
 * The inbound endpoints and proxy services of a synapse file, without those of which the text alone tells that they
 * listen to no port of their own: most files are not parsed at all.
 * @throws XmlError where it is not well-formed, or can't be read
 */
export function declarationsIn(text: string, file: string): Declaration[] {
  if (!MAY_LISTEN.test(text) && !isUtf16(text)) return [];
  const root = parseXml(text);
  return KINDS.flatMap((kind) =>
    elementsNamed(kind, root).map((element) => ({
      kind,
      attributes: element.attributes,
      parameters: parametersOf(element),
      file,
      line: element.line,
    })),
  );
}

/** An endpoint, or a parameter by which a proxy service gets a port: `transport.hl7.Port`, `transport.tcp.port`. */
const MAY_LISTEN = /inboundEndpoint|transport\.\w+\.port|AcceptorConfigURL/i;

/** Those of the element itself and of its `parameters`, as far as they tell of a listener. */
function parametersOf({ children }: XmlElement): Parameter[] {
  const within = children.flatMap((child) => (child.name === 'parameters' ? child.children : [child]));
  return within.flatMap(({ name, attributes, text, line }) => {
    const { name: parameter = '' } = attributes;
    return name === 'parameter' && TELLING.test(parameter) ? [{ name: parameter, text, line }] : [];
  });
}

/**
 * The warning of a file that was not read: of one that is no XML, the server logs the same and goes on without it; one
 * that is no XML to us alone may listen.
 */
export const unreadArtifact = (file: string, { kind, message }: XmlError, subject = 'it'): string =>
  kind === 'malformed'
    ? `${file}, ${message}: the server can't deploy ${subject}.`
    : `${file}, ${message}, so that nobody looks after its ports.`;

/** Others are nobody's business: there are passwords among them, and declarations are kept in a cache. */
const TELLING = /(?:^|\.)port$|^ws\.use\.port\.offset$|^transport\.fix\.AcceptorConfigURL$|^enableSSL$/i;

/** The value of a text that may be a reference; undefined where nothing says what it stands for. */
export type ResolveText = (text: string) => string | undefined;

/** Resolves `$SYSTEM:NAME` by a variable and `$FILE:NAME` by a property. SYN ResolverFactory. */
export function resolver(
  variable: (name: string) => unknown,
  fileProperty: (name: string) => string | undefined,
): ResolveText {
  return (text) => {
    const [, kind, name = ''] = /^\$(SYSTEM|FILE):(\w+)$/.exec(text) ?? [];
    if (kind === undefined) return text;
    const value = kind === 'SYSTEM' ? variable(name) : fileProperty(name);
    return typeof value === 'string' ? value : undefined;
  };
}
