import type { Condition, PortFact } from '../facts.js';

/**
 * Whether a template opens what the catalogue knows, and by the same switches: then there is no need to render it, which
 * takes 15 ms. A template of any other form is rendered.
 * @param decides the ports that the file decides about
 * @param isOff whether the setting of a key is off
 */
export function isAsShipped(
  template: string,
  ports: readonly PortFact[],
  decides: readonly string[],
  isOff: (key: string) => boolean,
): boolean {
  const found = openingsIn(template);
  const names = found.map(nameOf);
  const known = ports.map(openingOf);
  const wanted = ports.filter(({ name, base }) => base !== undefined && decides.includes(name)).map(openingOf);
  return (
    new Set(names).size === names.length &&
    wanted.every((one) => names.includes(one)) &&
    found.every(
      (one) => known.includes(nameOf(one)) || one.conditions.some((key) => /^[\w.]+$/.test(key) && isOff(key)),
    )
  );
}

/** An element that opens a port. */
interface TemplateOpening {
  /** The conditions that it stands in. */
  readonly conditions: readonly string[];
  /** The table that its number is in. */
  readonly source: string;
}

const nameOf = ({ conditions, source }: TemplateOpening): string => [...conditions, source].join(' | ');

/** A port as the products' templates open it: its conditions, and the table that its number is in. */
const openingOf = ({ key = '', openWhen = [] }: PortFact): string =>
  [...openWhen.map(conditionOf), key.replace(/\.port$/, '.items()')].join(' | ');

function conditionOf(condition: Condition): string {
  if (!('key' in condition) || 'lists' in condition) return '?';
  return condition.reads === 'same' ? `${condition.key} is sameas true` : condition.key;
}

/** The elements that open a port; those that have none of their own, and none by a table, open nothing. */
function openingsIn(template: string): TemplateOpening[] {
  const openings: TemplateOpening[] = [];
  const blocks: Block[] = [];
  let within: { readonly conditions: readonly string[]; isOpen: boolean } | undefined;
  const note = (source: string): void => {
    if (within && !within.isOpen && !isCustom(within)) openings.push({ conditions: within.conditions, source });
    if (within) within.isOpen = true;
  };
  for (const { 0: piece, 1: tag = '', 2: element, 3: attributes = '', 4: parameter } of withoutComments(
    template,
  ).matchAll(PIECE)) {
    const [, word = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(tag) ?? [];
    const table = /\bin\s+(\S+\.items\(\))$/.exec(rest)?.[1];
    if (word === 'for' && table !== undefined) note(table);
    if (word === 'if' || word === 'for') blocks.push({ text: word === 'if' ? rest.replace(/\s*==\s*true$/, '') : tag });
    else if (word.startsWith('end')) blocks.pop();
    else if (word !== '' && word !== 'set') blocks.push(otherwise(blocks.pop(), tag));
    if (element !== undefined) for (const block of blocks) block.hasElement = true;
    if (element !== undefined)
      within = SILENT.test(attributes)
        ? undefined
        : { conditions: blocks.map(({ text }) => text).filter((text) => text !== ''), isOpen: false };
    if (/\bport\s*=/.test(attributes) || /port$/i.test(parameter ?? '')) note('a number');
    if (piece.startsWith('</') || attributes.endsWith('/')) within = undefined;
  }
  return openings;
}

interface Block {
  /** The condition; empty where its element is there in any case, only in another form. */
  readonly text: string;
  hasElement?: boolean;
}

const otherwise = (block: Block | undefined, tag: string): Block =>
  block?.hasElement && tag === 'else' ? { text: '', hasElement: true } : { text: `${block?.text} ${tag}` };

const PIECE =
  /\{%-?\s*([\s\S]*?)\s*-?%\}|<(Connector|transportReceiver)\b((?:[^>{]|\{\{[^}]*\}\})*)|<\/(?:Connector|transportReceiver)>|<parameter\s+name="([^"]*)"/g;

/** Receivers that fetch what they receive, or are handed it. */
/** Transports of names that the user gives: the catalogue knows where they are configured. */
const isCustom = ({ conditions }: { readonly conditions: readonly string[] }): boolean =>
  conditions.some((condition) => /\bcustom_transport\b/.test(condition));

const SILENT =
  /\bname="(?:jms|mailto|vfs|rabbitmq|local)"|class="org\.(?:wso2\.carbon\.core\.transports\.|apache\.(?:axis2\.transport\.(?:jms|mail|rabbitmq)|synapse\.transport\.vfs)\.)/;

/** A template in which the comments of XML and of its own are blank, so that everything stays in its place. */
export const withoutComments = (text: string): string =>
  text.replaceAll(/<!--[\s\S]*?-->|\{#[\s\S]*?#\}/g, (comment) =>
    comment.replaceAll(/[^\n]+/g, (line) => ' '.repeat(line.length)),
  );
