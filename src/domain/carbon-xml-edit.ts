import { offsetsIn, parseConfigXml } from './carbon-xml.js';
import { parseJavaInteger } from './numbers.js';
import { BY_HAND, notEditable, type OffsetFormat, type WrittenFile } from './offset-file.js';
import type { XmlElement } from './xml.js';

/** The offset of a kernel whose `carbon.xml` says none. */
const NONE = 0;

/** `<Offset>` under `<Ports>` of a carbon.xml: its text is replaced, and taking it out puts 0 there. */
export const carbonXmlOffset: OffsetFormat = (text, file): WrittenFile => {
  const root = parseConfigXml(text, { file, root: 'Server' });
  const [offset, ...others] = offsetsIn(root);
  const set = (number: number) => {
    if (!offset || others.length > 0) {
      throw notEditable(`${file} has ${offset ? 'more than one' : 'no'} <Offset> under <Ports>.`, BY_HAND);
    }
    const [start, end] = offset.content;
    const written = text.slice(start, end);
    if (/[<&]/.test(written) || text.slice(0, start).endsWith('/>')) {
      throw notEditable(`${file}, line ${offset.line}: <Offset> holds something else than plain text.`, BY_HAND);
    }
    const blanks = /^\s*/.exec(written.trimEnd())?.[0].length ?? 0;
    return [{ offset: start + blanks, length: written.trim().length, content: String(number) }];
  };
  return {
    written: offset && { text: offset.text, integer: parseJavaInteger(offset.text), line: offset.line },
    set,
    unset: () => set(NONE),
    whenUnset: NONE,
    rest: () => elementsOf(root).map((one) => [one.name, one.attributes, one.line, one === offset ? '' : one.text]),
  };
};

/** Every element of a text; not by recursion, as in {@link elementsNamed}. */
function elementsOf(root: XmlElement): XmlElement[] {
  const all = [root];
  // The list grows on the way.
  for (const { children } of all) for (const child of children) all.push(child);
  return all;
}
