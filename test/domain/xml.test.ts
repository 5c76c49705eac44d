import { describe, expect, test } from '@jest/globals';
import { elementsNamed, parseXml, XmlError } from '../../src/domain/xml.js';

describe('an element', () => {
  test('has its name without a prefix, its attributes, its own text, its line and its children', () => {
    const text = `<?xml version="1.0"?>
<!-- <no/> -->
<a xmlns:p="urn:x" one="1">
  start <p:b p:two="&lt;2&gt;"/>
  <![CDATA[<end>]]>
</a>
`;
    expect(parseXml(text)).toEqual({
      name: 'a',
      attributes: { 'xmlns:p': 'urn:x', one: '1' },
      text: 'start \n  <end>',
      line: 3,
      content: [text.indexOf('\n  start'), text.indexOf('</a>')],
      children: [{ name: 'b', attributes: { 'p:two': '<2>' }, text: '', line: 4, content: [97, 97], children: [] }],
    });
  });

  test.each(['\n', '\r\n'])('has its content where the text has it, with lines ended by %j', (lineEnd) => {
    const lines = ['\ufeff<?xml version="1.0"?>', '<a 😀="😀">', '<!-- 😀 --> <b>', ' 3 ', '</b ></a>'];
    const text = lines.join(lineEnd).replace('a 😀', 'a c');
    const [b] = parseXml(text).children;
    expect(text.slice(...(b?.content ?? []))).toBe(`${lineEnd} 3 ${lineEnd}`);
  });
});

test('elements of a name are found at any depth, in their order, the root among them', () => {
  const root = parseXml('<a n="1"><b><a n="2"><a n="3"/></a></b><a n="4"/></a>');
  expect(elementsNamed('a', root).map(({ attributes }) => attributes['n'])).toEqual(['1', '2', '3', '4']);
  expect(elementsNamed('c', root)).toEqual([]);
});

test.each<[string, string]>([
  ['', 'line 1, column 1: document must contain a root element'],
  ['text', 'line 1, column 5: text data outside of root node'],
  ['<a>', 'line 1, column 4: unclosed tag: a'],
  ['<a>\n  <b></a>', 'line 2, column 10: unexpected close tag'],
  [
    '<a>\n  &unknown;\n</a>',
    'line 2, column 12: it names an entity that is none of XML itself, and those are not followed',
  ],
  ['<a b/>', 'line 1, column 6: disallowed character in attribute name'],
])('%j is not well-formed', (text, message) => {
  const parse = (): unknown => parseXml(text);
  expect(parse).toThrow(XmlError);
  expect(parse).toThrow(message);
});
