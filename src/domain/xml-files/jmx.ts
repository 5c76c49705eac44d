import type { PortFact } from '../facts.js';
import { jmxOn } from '../products/kernel.js';
import { elementsNamed } from '../xml.js';
import { referring } from './reference.js';
import { isTrue, namesOf, type XmlFile } from './xml-file.js';

// etc/jmx.xml: CK JMXServerManager. A number of its own is absolute; one from carbon.xml takes the offset.

export const jmx: XmlFile = {
  paths: ['etc/jmx.xml'],
  root: 'JMX',
  decides: namesOf(jmxOn),
  read: (root, surroundings) => {
    const [start] = elementsNamed('StartRMIServer', root);
    if (!start || (start.text !== '' && !isTrue(start.text))) return [];
    return [
      ...referring(jmxOn[0] as PortFact, 'RMIRegistryPort', root, surroundings),
      ...referring(jmxOn[1] as PortFact, 'RMIServerPort', root, surroundings),
    ];
  },
};
