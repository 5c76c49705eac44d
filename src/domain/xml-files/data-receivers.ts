import type { PortFact } from '../facts.js';
import { binary, thrift } from '../products/api-manager.js';
import { childrenNamed, type XmlElement } from '../xml.js';
import { bare, isOnUnlessSaid, namesOf, type XmlFile, type XmlListener } from './xml-file.js';

// data-bridge/data-bridge-config.xml: CAC ThriftDataReceiverConfiguration and BinaryDataReceiverConfiguration add
// the offset; without a number the binary pair comes the other way round.

export const dataBridge: XmlFile = {
  paths: ['data-bridge/data-bridge-config.xml'],
  root: 'dataBridgeConfiguration',
  decides: namesOf([...thrift, ...binary]),
  read: (root, { hasReceivers }) => {
    if (!hasReceivers) return [];
    const named = (name: string): XmlElement[] =>
      childrenNamed('dataReceiver', root).filter(({ attributes }) => attributes['name'] === name);
    return [
      ...named('Thrift').flatMap((one) => dataReceiver(one, [thrift[0], '7611'], [thrift[1], '7711'])),
      ...childrenNamed('thriftDataReceiver', root).flatMap(oldReceiver),
      ...named('Binary').flatMap((one) => dataReceiver(one, [binary[0], '9711'], [binary[1], '9611'])),
    ];
  },
};

type ReceiverPort = readonly [fact: PortFact, otherwise: string];

function dataReceiver(element: XmlElement, plain: ReceiverPort, secured: ReceiverPort): XmlListener[] {
  const config = (name: string): XmlElement | undefined =>
    childrenNamed('config', element).find(({ attributes }) => attributes['name'] === name);
  if (!isOnUnlessSaid(config('enable')?.text)) return [];
  const listener = (name: string, [fact, otherwise]: ReceiverPort): XmlListener => {
    const found = config(name);
    return { fact: bare(fact), value: found?.text ?? otherwise, key: name, line: (found ?? element).line };
  };
  return [listener('tcpPort', plain), listener('sslPort', secured)];
}

// The form of the data bridge of the first CEP and BAM servers on this kernel.
function oldReceiver(element: XmlElement): XmlListener[] {
  const of = (name: string, fact: PortFact): XmlListener[] =>
    childrenNamed(name, element).map(({ text, line }) => ({ fact: bare(fact), value: text, key: name, line }));
  return [...of('port', thrift[0]), ...of('securePort', thrift[1])];
}
