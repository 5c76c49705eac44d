import { expect, test } from '@jest/globals';
import { readCarbonXml } from '../../src/domain/carbon-xml.js';
import { refusal } from '../support/refusal.js';

const read = (text: string) => readCarbonXml(text, 'carbon.xml').leaves;

test.each<[string, [value: string, line: number] | []]>([
  ['<Server><Ports><Offset>3</Offset></Ports></Server>', ['3', 1]],
  ['<Server xmlns="urn:x">\n<Name/>\n<Ports>\n<Offset> 3\n</Offset></Ports></Server>', ['3', 4]],
  ['<s:Server xmlns:s="urn:x"><s:Ports><s:Offset>-3</s:Offset></s:Ports></s:Server>', ['-3', 1]],
  ['<Server><Ports><Offset/></Ports></Server>', ['', 1]],
  ['<Server><Ports><!-- <Offset>3</Offset> --></Ports></Server>', []],
  ['<Server><Offset>3</Offset><Other><Ports><Offset>4</Offset></Ports></Other></Server>', []],
  ['<Server><Ports><JMX><Offset>3</Offset></JMX></Ports></Server>', []],
])('the offset in %j', (text, [value, line]) => {
  expect(read(text)).toEqual(value === undefined ? [] : [{ key: 'Ports.Offset', value, line }]);
});

test('the host name', () => {
  expect(read('<Server>\n<HostName>api.example</HostName><Ports><HostName>no</HostName></Ports></Server>')).toEqual([
    { key: 'HostName', value: 'api.example', line: 2 },
  ]);
});

test('one that is not well-formed is refused with its line and column', () => {
  expect(refusal(() => read('<Server>\n  <Ports>\n</Server>'))).toEqual({
    code: 3,
    message: 'carbon.xml, line 3, column 10 is not well-formed XML: unexpected close tag.',
    hint: 'The server would not start with this file; mend that line.',
  });
});

test.each<[what: string, text: string, message: string]>([
  ['another root', '<?xml version="1.0"?>\n<Servers/>', 'line 2: the root element is <Servers>, not <Server>.'],
  [
    'UTF-16',
    '\ufffd\ufffd<\0S\0e\0r\0v\0e\0r\0/\0>\0',
    'line 1, column 4 is not well-formed XML: it is UTF-16, which is not read here; save it as UTF-8.',
  ],
  [
    'an entity of its own',
    '<!DOCTYPE Server [<!ENTITY a "1"><!ENTITY b "&a;&a;">]>\n<Server><Ports><Offset>&b;</Offset></Ports></Server>',
    'line 2, column 27 is not well-formed XML: it names an entity that is none of XML itself, and those are not followed.',
  ],
])('one with %s is refused', (_what, text, message) => {
  expect(refusal(() => read(text)).message).toBe(`carbon.xml, ${message}`);
});

test('of two offsets the first one counts, and a warning names both', () => {
  const text = '<Server>\n<Ports>\n<Offset>3</Offset>\n<Offset>4</Offset></Ports></Server>';
  expect(readCarbonXml(text, 'carbon.xml')).toMatchObject({
    leaves: [{ key: 'Ports.Offset', value: '3', line: 3 }],
    warnings: [
      'carbon.xml, lines 3 and 4: <Offset> stands there twice. The server takes the first one, 3; keep only one of them.',
    ],
  });
});

test('the value of a system property takes its place', () => {
  const text = '<Server><Ports><Offset>${mine}</Offset></Ports></Server>';
  expect(readCarbonXml(text, 'carbon.xml', () => '7').leaves).toEqual([{ key: 'Ports.Offset', value: '7', line: 1 }]);
});
