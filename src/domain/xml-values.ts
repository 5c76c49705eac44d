import type { XmlElement } from './xml.js';

/** The value that a text of XML stands for: true, false, a number, else itself. */
export function valueIn(text: string): unknown {
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return /^[-+]?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** The values of the elements that hold no others, by their dotted paths below the root; of several, each by its place. */
export function xmlValues(root: XmlElement): [string, unknown][] {
  const values: [string, unknown][] = [];
  // Not by recursion: somebody else's file may be nested deeper than a stack.
  for (const left = [{ element: root, path: '' }]; left.length > 0; ) {
    const { element, path } = left.pop() as (typeof left)[number];
    if (element.children.length === 0) values.push([path, valueIn(element.text)]);
    const inner = element.children.map((child) => ({
      element: child,
      path: `${path && `${path}.`}${placed(child, element)}`,
    }));
    left.push(...inner.toReversed());
  }
  return values;
}

function placed(child: XmlElement, { children }: XmlElement): string {
  const alike = children.filter(({ name }) => name === child.name);
  return alike.length > 1 ? `${child.name}[${alike.indexOf(child)}]` : child.name;
}
