import type { PortFact } from '../facts.js';
import { broker, mqtt } from '../products/api-manager.js';
import { childrenNamed, elementsNamed, type XmlElement } from '../xml.js';
import {
  bare,
  isOnUnlessSaid,
  namesOf,
  type XmlFile,
  type XmlListener,
  type XmlListenerFact,
  type XmlSurroundings,
} from './xml-file.js';

// broker.xml: AND AndesConfigurationManager.readPortValue adds the offset; CBM features/andes has the file.

// AND AndesKernelBoot.startThriftServer: only in a cluster.
const slots: XmlListenerFact = { name: 'coordination.thriftServerPort', scheme: 'tcp' };

export const messageBroker: XmlFile = {
  paths: ['broker.xml'],
  root: 'broker',
  decides: namesOf([...broker, ...mqtt, slots]),
  read: (root, surroundings) => {
    const transports = childrenNamed('transports', root)[0];
    const of = (name: string, facts: readonly PortFact[]): XmlListener[] =>
      transports ? childrenNamed(name, transports).flatMap((element) => brokerTransport(element, facts)) : [];
    return [...of('amqp', broker), ...of('mqtt', mqtt), ...coordination(root, surroundings)];
  },
};

function brokerTransport(element: XmlElement, facts: readonly PortFact[]): XmlListener[] {
  if (!isOnUnlessSaid(element.attributes['enabled'])) return [];
  const connection = (name: string): XmlElement | undefined => childrenNamed(name, element)[0];
  const [plain, secured] = [connection('defaultConnection'), connection('sslConnection')];
  const isOn = (one: XmlElement | undefined): boolean => one !== undefined && isOnUnlessSaid(one.attributes['enabled']);
  // The broker leaves the plain one out only where TLS alone is wanted.
  const isPlain = isOn(plain) || !isOn(secured);
  const [plainFact, securedFact] = facts as readonly [PortFact, PortFact];
  const listener = (fact: PortFact, { attributes, line }: XmlElement): XmlListener => ({
    fact: bare(fact),
    value: attributes['port'] ?? String(fact.base),
    key: `port of ${element.name}`,
    line,
  });
  return [
    ...(isPlain ? [listener(plainFact, plain ?? element)] : []),
    ...(secured && isOn(secured) ? [listener(securedFact, secured)] : []),
  ];
}

function coordination(root: XmlElement, { isClustered }: XmlSurroundings): XmlListener[] {
  const isAlone = elementsNamed('deployment', root).some((one) => childrenNamed('mode', one)[0]?.text === 'standalone');
  const [port] = elementsNamed('thriftServerPort', root);
  if (!isClustered || isAlone || !port) return [];
  return [{ fact: slots, value: port.text, key: 'thriftServerPort', line: port.line }];
}
