import { expect, test } from '@jest/globals';
import { flattenCarbonXml } from '../../src/domain/carbon-xml.js';
import { refusal } from '../support/refusal.js';

const read = (text: string) => flattenCarbonXml(text, 'carbon.xml');

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
