import { basename, join } from 'node:path';
import { parseConfigXml } from '../domain/carbon-xml.js';
import type { PortFact } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import { parseJavaInteger } from '../domain/numbers.js';
import type { ConfiguredOffset } from '../domain/offsets.js';
import type { BasePort, PortSettings } from '../domain/ports.js';
import { TemplateError, type TemplateScope } from '../domain/template/expression.js';
import { type JudgedPorts, judgePorts, type TemplateListeners } from '../domain/template/listeners.js';
import { renderTemplate } from '../domain/template/render.js';
import { isAsShipped, withoutComments } from '../domain/template/shipped.js';
import { TEMPLATE_FILES } from '../domain/xml-files/all.js';
import type { XmlFile } from '../domain/xml-files/xml-file.js';
import { type Reading, RULES_FOLDER, readIfPossible } from './config-files.js';

/** What a home's templates are rendered with. */
export interface TemplateContext {
  /** The folder of the rendered files, as a path in the home. */
  readonly folder: string;
  readonly scope: () => TemplateScope;
  /** Whether the setting of a key is off. */
  readonly isOff: (key: string) => boolean;
  /** The ports as the product ships them. */
  readonly facts: readonly PortFact[];
  /** The product's own name of a port. */
  readonly named: (port: string) => string;
  readonly sources: PortSettings;
  /** The names of the ports without which the server is of no use. */
  readonly required: readonly string[];
}

/** The ports of a server, held against what the templates of its home open. */
export function withTemplates(
  home: string,
  ports: readonly BasePort[],
  context: TemplateContext,
  system: Reading,
): JudgedPorts {
  const { folder, required, sources } = context;
  let open = ports;
  const warnings: string[] = [];
  for (const file of TEMPLATE_FILES) {
    const path = join(home, RULES_FOLDER, 'templates', folder, `${file.paths[0]}.j2`);
    const text = readIfPossible(path, system);
    if (text !== undefined && isAsShipped(text, context.facts, file.decides.map(context.named), context.isOff))
      continue;
    const found = text === undefined ? undefined : listenersOf(text, basename(path), file, context);
    if (typeof found === 'string') warnings.push(found);
    if (typeof found !== 'object') continue;
    const judged = judgePorts(open, found, required, sources);
    open = judged.ports;
    warnings.push(...judged.warnings);
  }
  return { ports: open, warnings };
}

/** The elements of which each opens a port. */
const OPENS = /<(?:Connector|transportReceiver)\b/;

/**
 * The offset that a home's own template says, where that is another one than the configuration's and the product's.
 * @param otherwise the product's offset where nothing is said
 */
export function offsetInTemplate(
  home: string,
  { folder, scope, sources }: TemplateContext,
  otherwise: number,
  system: Reading,
): ConfiguredOffset | undefined {
  const text = readIfPossible(join(home, RULES_FOLDER, 'templates', folder, 'carbon.xml.j2'), system) ?? '';
  const found = OFFSET.exec(withoutComments(text));
  if (!found) return undefined;
  const [, written = ''] = found;
  const isSet = sources.setting('server.offset') !== undefined;
  const shipped = SHIPPED_OFFSET.exec(written);
  if (shipped && (isSet || Number(shipped[1] ?? otherwise) === otherwise)) return undefined;
  const value = parseJavaInteger(renderTemplate(written.trim(), scope(), OPENS).text);
  const line = text.slice(0, found.index).split('\n').length;
  return value === undefined ? undefined : { value, source: `carbon.xml.j2:${line}` };
}

const OFFSET = /<Offset>([^<]*)<\/Offset>/;
const SHIPPED_OFFSET = /^\s*\{\{\s*server\.offset\s*(?:\|\s*default\(\s*['"]?(-?\d+)['"]?\s*\))?\s*\}\}\s*$/;

/** The listeners of a template, or a warning of what can't be told. */
function listenersOf(
  text: string,
  name: string,
  file: XmlFile,
  { scope, named }: TemplateContext,
): TemplateListeners | string {
  try {
    const rendered = renderTemplate(text, scope(), OPENS);
    const root = parseConfigXml(rendered.text, { file: name, root: file.root, lineOf: rendered.lineOf });
    const listeners = file.read(root, { carbon: undefined, isClustered: false, hasReceivers: true });
    return {
      file: name,
      listeners: listeners.map(({ fact, line, ...listener }) => ({
        ...listener,
        fact: { ...fact, name: named(fact.name) },
        line: rendered.lineOf(line),
      })),
      decides: file.decides.map(named),
    };
  } catch (error) {
    return `${whyUnread(error, name)} Its ports are taken to be those of the product as shipped.`;
  }
}

function whyUnread(error: unknown, name: string): string {
  if (error instanceof LaunchError) return error.message; // which names the file
  if (!(error instanceof TemplateError)) throw error;
  return `${name}${error.line === undefined ? '' : `, line ${error.line}`}: ${error.message}.`;
}
