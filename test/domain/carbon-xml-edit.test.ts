import { describe, expect, test } from '@jest/globals';
import { carbonXmlOffset } from '../../src/domain/carbon-xml-edit.js';
import { changeOffset } from '../../src/domain/offset-file.js';
import { refusal } from '../support/refusal.js';

const edited = (text: string, offset?: number, isForced = false): string =>
  changeOffset(carbonXmlOffset, text, 'carbon.xml', { offset, isForced }).after;

const SAMPLE = `<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- <Ports><Offset>1</Offset></Ports> -->
<Server xmlns="http://wso2.org/projects/carbon/carbon.xml">
  <Offset>2</Offset>
  <Ports>
    <!-- <Offset>3</Offset> 😀 -->
    <JMX><Offset>4</Offset></JMX>
    <Offset>0</Offset> <!-- mine -->
    <Other>\${Ports.Offset}</Other>
  </Ports>
  <Other><Ports><Offset>5</Offset></Ports></Other>
</Server>
`;

describe.each([
  ['plain', SAMPLE],
  ['line ends of Windows', SAMPLE.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\ufeff${SAMPLE}`],
  ['no final line end', SAMPLE.trimEnd()],
  ['blanks and a prefix', SAMPLE.replace('<Offset>0<', '<Offset>\n\t 0 <')],
])('a carbon.xml, %s', (_what, text) => {
  test('changes where its offset stands, and back', () => {
    const changed = edited(text, -12);
    expect(changed).toBe(text.replace(/0(?= ?<\/Offset>)/, '-12'));
    expect(edited(changed, 0)).toBe(text);
    expect(edited(changed)).toBe(text);
    expect(edited(changed, -12)).toBe(changed);
  });
});

test('what is no integer is replaced only where that is forced, and nothing set stays so', () => {
  const [before, after] = ['abc', '7'].map((offset) => SAMPLE.replace('<Offset>0<', `<Offset>${offset}<`));
  expect(refusal(() => edited(before as string, 7))).toEqual({
    code: 3,
    message: 'carbon.xml, line 8: the offset is abc, not a plain integer.',
    hint: 'Somebody had a reason for that; --force replaces it all the same.',
  });
  expect(edited(before as string, 7, true)).toBe(after);
  expect(edited(SAMPLE.replace('<Offset>0<', '<Offset><'), 7, true)).toBe(after);
  const none = '<Server><Ports/></Server>';
  expect(edited(none)).toBe(none);
});

describe('refused is', () => {
  const PLAIN = 'carbon.xml, line 1: <Offset> holds something else than plain text.';
  test.each([
    ['a file without the element', '<Server><Ports/></Server>', 'carbon.xml has no <Offset> under <Ports>.'],
    [
      'the element twice',
      '<Server><Ports><Offset>0</Offset></Ports><Ports><Offset>1</Offset></Ports></Server>',
      'carbon.xml has more than one <Offset> under <Ports>.',
    ],
    ['an entity', '<Server><Ports><Offset>&#48;</Offset></Ports></Server>', PLAIN],
    ['a comment inside of it', '<Server><Ports><Offset>0<!-- x --></Offset></Ports></Server>', PLAIN],
    ['a section of characters', '<Server><Ports><Offset><![CDATA[0]]></Offset></Ports></Server>', PLAIN],
    ['an element inside of it', '<Server><Ports><Offset>0<x/></Offset></Ports></Server>', PLAIN],
    ['one tag alone', '<Server><Ports><Offset/></Ports></Server>', PLAIN],
    [
      'what is not well-formed',
      '<Server>\n  <Ports>\n</Server>',
      'carbon.xml, line 3, column 10 is not well-formed XML: unexpected close tag.',
    ],
  ])('%s', (_what, text, message) => {
    expect(refusal(() => edited(text, 7, true))).toMatchObject({ code: 3, message });
  });
});
