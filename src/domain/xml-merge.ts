import { parseConfigXml } from './carbon-xml.js';
import { type ConfigurationChange, keyParts } from './configuration-change.js';
import { applyEdits, type Edit } from './edits.js';
import { LaunchError } from './failure.js';
import { typeDoubt } from './setting-types.js';
import { suggestion } from './suggestion.js';
import { childrenNamed, legible, type XmlElement } from './xml.js';

/** A carbon.xml with changes laid over it. */
export interface MergedXml {
  /** The file's text, of which only what is given differs. */
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * Lays changes over a carbon.xml: a dotted key is a path of elements below the root, and of a file elements with
 * elements in them are merged, all others replaced.
 * @throws LaunchError `unusable-configuration` for what is no carbon.xml, `usage` for a change that does not fit the file
 */
export const mergeXml = (text: string, changes: readonly ConfigurationChange[], file: string): MergedXml =>
  changes.reduce<MergedXml>((so, change) => laidOver(so, change, file), { text, warnings: [] });

function laidOver({ text, warnings }: MergedXml, change: ConfigurationChange, file: string): MergedXml {
  const root = parseConfigXml(legible(text), { file, root: ROOT });
  const base: LaidXml = { text, root, file, by: change.by };
  const laid =
    change.key === undefined
      ? fileOver(root, parseConfigXml(inAscii(change.text), { file: change.by, root: ROOT }), {
          ...base,
          over: inAscii(change.text),
        })
      : [valueOver(root, partsOf(change.key, root), { ...base, over: escaped(givenText(change)) })];
  return {
    text: applyEdits(text, laid.flatMap(({ edits }) => edits).toReversed()),
    warnings: [...warnings, ...laid.flatMap((one) => one.warnings)],
  };
}

const ROOT = 'Server';

interface LaidXml {
  readonly text: string;
  readonly root: XmlElement;
  readonly file: string;
  readonly by: string;
}

/** What a change comes to; `over` is the text that it takes its own from. */
type Laying = LaidXml & { readonly over: string };

interface Laid {
  readonly edits: readonly Edit[];
  readonly warnings: readonly string[];
}

/** A text, which may stand in quotes as in other configurations. @throws LaunchError `usage` for a list or a mapping */
function givenText({ by, key, text }: ConfigurationChange): string {
  if (/^\s*[[{]/.test(text))
    throw usage(`${by} gives ${key} ${text.trim()[0] === '[' ? 'a list' : 'a mapping'}, and an element holds a text.`);
  if (/^'[^']*'$/.test(text)) return text.slice(1, -1);
  try {
    return text.startsWith('"') ? String(JSON.parse(text)) : text;
  } catch {
    throw usage(`${by} gives ${key} a value whose quotes don't fit.`);
  }
}

/** The path may begin with the root. */
function partsOf(key: string, root: XmlElement): readonly string[] {
  const [first, ...rest] = (keyParts(key) ?? []).map(({ name }) => name);
  return first === ROOT && rest.length > 0 && childrenNamed(ROOT, root).length === 0
    ? rest
    : [first as string, ...rest];
}

/** @param over the text of the element, escaped */
function valueOver(root: XmlElement, parts: readonly string[], laying: Laying): Laid {
  let element = root;
  for (const [index, part] of parts.entries()) {
    const children = childrenNamed(part, element);
    const path = parts.slice(0, index + 1);
    if (children.length > 1) throw severalOf(path, children, laying);
    if (!children[0]) {
      if (element.children.length === 0 && element.text !== '') throw otherKind(parts.slice(0, index), element, laying);
      const inner = parts.slice(index);
      return { edits: [added(element, elementText(inner, laying), laying)], warnings: unknown(parts, laying) };
    }
    element = children[0];
  }
  if (element.children.length > 0) throw otherKind(parts, element, laying);
  return { edits: [replaced(element, laying.over, laying.text)], warnings: doubts(parts, element, laying) };
}

const elementText = (names: readonly string[], { over }: Laying): string =>
  names.reduceRight((inner, name) => `<${name}>${inner}</${name}>`, over);

/** Lays the elements of one root over those of another. */
function fileOver(below: XmlElement, above: XmlElement, laying: Laying, path: readonly string[] = []): Laid[] {
  const names = [...new Set(above.children.map(({ name }) => name))];
  return names.flatMap((name): Laid[] => {
    const [given, there] = [childrenNamed(name, above), childrenNamed(name, below)];
    const [one, former] = [given[0] as XmlElement, there[0]];
    const inner = [...path, name];
    if (!former) {
      const texts = given.map((element) => wholeText(element, laying.over)).join('');
      return [{ edits: [added(below, texts, laying)], warnings: unknown(inner, laying) }];
    }
    const areSingle = given.length === 1 && there.length === 1;
    if (areSingle && one.children.length > 0 && former.children.length > 0) return fileOver(former, one, laying, inner);
    const isGroup = ({ children }: XmlElement): boolean => children.length > 0;
    if (areSingle && isGroup(one) !== isGroup(former) && former.text + one.text !== '')
      throw otherKind(inner, former, laying);
    return [
      {
        edits: allReplaced(there, given, laying),
        warnings: areSingle ? doubts(inner, former, { ...laying, over: one.text }) : [],
      },
    ];
  });
}

/** Elements of one name in the place of others: the first takes them all. */
const allReplaced = (there: readonly XmlElement[], given: readonly XmlElement[], { text, over }: Laying): Edit[] =>
  there.map((element, index) => {
    const [offset, end] = rangeOf(element, text);
    return {
      offset,
      length: end - offset,
      content: index > 0 ? '' : given.map((one) => wholeText(one, over)).join(''),
    };
  });

// ---------- Texts ----------

/** An element from its `<` to its `>`. No attribute holds a `<`. */
function rangeOf({ content: [start, end] }: XmlElement, text: string): readonly [start: number, end: number] {
  const isSingle = text.slice(0, start).endsWith('/>');
  return [text.lastIndexOf('<', start - 1), isSingle ? start : text.indexOf('>', end) + 1];
}

const wholeText = (element: XmlElement, text: string): string => text.slice(...rangeOf(element, text));

function replaced(element: XmlElement, content: string, text: string): Edit {
  const [start, end] = element.content;
  if (!text.slice(0, start).endsWith('/>')) return { offset: start, length: end - start, content };
  return { offset: start - 2, length: 2, content: `>${content}</${tagOf(element, text)}>` };
}

/** An element behind the last one of its parent, on a line of its own. */
function added(parent: XmlElement, content: string, { text }: LaidXml): Edit {
  const last = parent.children.at(-1);
  if (last) {
    const [start, end] = rangeOf(last, text);
    return { offset: end, length: 0, content: `${lineEndOf(text)}${indentation(start, text)}${content}` };
  }
  const [start] = rangeOf(parent, text);
  const outer = indentation(start, text);
  const inner = `${lineEndOf(text)}${outer}    ${content}${lineEndOf(text)}${outer}`;
  return replaced(parent, inner, text);
}

const tagOf = (element: XmlElement, text: string): string =>
  /^<([^\s/>]+)/.exec(text.slice(rangeOf(element, text)[0]))?.[1] ?? element.name;

const indentation = (at: number, text: string): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at) + 1))?.[0] ?? '';

const lineEndOf = (text: string): string => /\r?\n/.exec(text)?.[0] ?? '\n';

const escaped = (text: string): string =>
  inAscii(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));

/** A text that means the same in every encoding that a file may be in. */
const inAscii = (text: string): string =>
  text.replace(/^\ufeff/, '').replaceAll(/[^\0-\x7f]/gu, (character) => `&#${character.codePointAt(0)};`);

// ---------- Doubts ----------

/** What the kernel reads whether or not a file has it: CK 4.4.x, ServerConfiguration.getFirstProperty. */
const KNOWN = [
  ...['Name', 'ServerKey', 'Version', 'Package', 'HostName', 'MgtHostName', 'ClusteringHostName', 'WebContextRoot'],
  ...['RegistryHttpPort', 'WorkDirectory', 'ItemsPerPage', 'EnableMetering', 'UserDomainSeparator', 'Ports.Offset'],
  ...['Ports.CommandListener', 'CommandListener.Port', 'Ports.WorkerHttpProxyPort', 'Ports.WorkerHttpsProxyPort'],
  ...['Registry.Type', 'Registry.Url', 'Registry.ReadOnly', 'Registry.Chroot', 'Management.EnableConsole'],
  ...['Security.TrustStore.Location', 'Security.TrustStore.Password', 'Security.TrustStore.Type'],
  ...['SymmetricEncryption.IsEnabled', 'SymmetricEncryption.Algorithm', 'SymmetricEncryption.SecureVaultAlias'],
  ...['HouseKeeping.AutoStart', 'HouseKeeping.Interval', 'HouseKeeping.MaxTempFileLifetime'],
  ...['FileUploadConfig.TotalFileSizeLimit', 'Cache.DefaultCacheTimeout', 'DeploymentSynchronizer.Enabled'],
  ...['Axis2Config.RepositoryLocation', 'Axis2Config.ConfigurationFile', 'Axis2Config.DeploymentUpdateInterval'],
];

/** A warning of an element that the file does not have, not even in a comment. */
function unknown(path: readonly string[], { text, root, file }: LaidXml): string[] {
  const isThere = ['>', ' ', '/>'].some((end) => text.includes(`<${path.at(-1)}${end}`));
  if (isThere || KNOWN.includes(path.join('.'))) return [];
  const near = suggestion(path.join('.'), [...pathsIn(root), ...KNOWN]);
  return [`${file} has no ${path.join('.')}, in comments neither, and no server is known to read it.${near}`];
}

/** The dotted paths of all elements; not by recursion: the file is somebody's. */
function pathsIn(root: XmlElement): string[] {
  const all = root.children.map((element) => ({ element, path: element.name }));
  for (const { element, path } of all)
    all.push(...element.children.map((child) => ({ element: child, path: `${path}.${child.name}` })));
  return all.map(({ path }) => path);
}

const doubts = (path: readonly string[], { text: before }: XmlElement, { over, by, file }: Laying): string[] =>
  typeDoubt({ by, key: path.join('.'), before, value: over, file });

function otherKind(path: readonly string[], { children, line }: XmlElement, { by, file }: LaidXml): LaunchError {
  const [is, given] = children.length > 0 ? ['elements', 'a value'] : ['a value', 'elements'];
  return usage(`${by} gives ${path.join('.')} ${given}, and it has ${is} in ${file}, line ${line}.`);
}

const severalOf = (path: readonly string[], found: readonly XmlElement[], { by, file }: LaidXml): LaunchError =>
  usage(
    `${by} names ${path.join('.')}, of which ${file} has ${found.length}, in lines ${found.map(({ line }) => line).join(', ')}.`,
  );

const usage = (what: string): LaunchError =>
  new LaunchError({
    kind: 'usage',
    what,
    hint: 'Name the whole path of one element below the root, such as Ports.Offset, or give all of them in a file.',
  });
