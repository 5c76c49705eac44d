import { describe, expect, test } from '@jest/globals';
import { declarationsIn, resolver, unreadArtifact } from '../../src/domain/synapse.js';
import { XmlError } from '../../src/domain/xml.js';

describe('the declarations of a synapse file', () => {
  test('are its endpoints and proxy services, with the parameters that tell of listeners', () => {
    const text = `<definitions xmlns="http://ws.apache.org/ns/synapse">
<proxy name="P" transports="hl7"><target><inSequence>
<property name="a"/><parameter name="transport.tcp.port">1</parameter>
</inSequence></target>
<parameter name="transport.hl7.Port"> 2 </parameter><parameter name="password">x</parameter><parameter>3</parameter></proxy>
<s:inboundEndpoint xmlns:s="x" name="I" protocol="http">
<s:parameters><s:parameter name="inbound.http.port">4</s:parameter></s:parameters></s:inboundEndpoint>
</definitions>`;
    expect(declarationsIn(text, 'synapse.xml')).toEqual([
      expect.objectContaining({
        kind: 'inboundEndpoint',
        attributes: expect.objectContaining({ name: 'I', protocol: 'http' }),
        parameters: [{ name: 'inbound.http.port', text: '4', line: 7 }],
        line: 6,
      }),
      {
        kind: 'proxy',
        attributes: { name: 'P', transports: 'hl7' },
        parameters: [{ name: 'transport.hl7.Port', text: '2', line: 5 }],
        file: 'synapse.xml',
        line: 2,
      },
    ]);
  });

  test('are none of a file that can declare no listener, which is not even parsed', () => {
    expect(declarationsIn('<proxy name="P"><unclosed>', 'P.xml')).toEqual([]);
  });

  test('are refused where the file is not well-formed', () => {
    expect(() => declarationsIn('<inboundEndpoint>', 'I.xml')).toThrow(XmlError);
  });

  test.each([
    ['UTF-16', Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><inboundEndpoint/>', 'utf16le').toString()],
    ['UTF-16 without a mark', Buffer.from('<proxy name="P"/>', 'utf16le').toString()],
    ['an entity of its own', '<!DOCTYPE p [<!ENTITY n "8085">]><inboundEndpoint name="&n;"/>'],
  ])('are not known of a file with %s, which is no fault of the file', (_what, text) => {
    expect(() => declarationsIn(text, 'I.xml')).toThrow(/only UTF-8 is read here|names an entity/);
  });

  test('are none of a file of empty characters', () => {
    expect(declarationsIn('\0'.repeat(100), 'I.xml')).toEqual([]);
  });
});

test("an artifact that was not read is the server's loss, or ours", () => {
  const malformed = new XmlError('unclosed tag: proxy', 1, 9);
  expect(unreadArtifact('P.xml', malformed, 'this proxy service')).toBe(
    "P.xml, line 1, column 9: unclosed tag: proxy: the server can't deploy this proxy service.",
  );
  const foreign = new XmlError('it is UTF-16; only UTF-8 is read here', 1, 1, 'foreign');
  expect(unreadArtifact('P.xml', foreign)).toBe(
    'P.xml, line 1, column 1: it is UTF-16; only UTF-8 is read here, so that nobody looks after its ports.',
  );
});

describe('a reference', () => {
  const resolve = resolver(
    (name) => (name === 'PORT' ? '8085' : Symbol('unknown')),
    (name) => (name === 'port' ? '8086' : undefined),
  );

  test.each([
    ['$SYSTEM:PORT', '8085'],
    ['$SYSTEM:OTHER', undefined],
    ['$FILE:port', '8086'],
    ['$FILE:other', undefined],
    ['8087', '8087'],
    ['$OTHER:PORT', '$OTHER:PORT'],
  ])('%s means %s', (text, value) => {
    expect(resolve(text)).toBe(value);
  });
});
