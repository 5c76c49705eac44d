import { servletHttp, servletHttps } from '../products/kernel.js';
import { elementsNamed } from '../xml.js';
import { bare, namesOf, type XmlFile, type XmlListener, type XmlListenerFact } from './xml-file.js';

// tomcat/catalina-server.xml: CK CarbonTomcat.startConnectors adds the offset to every connector.

export const connectors: XmlFile = {
  paths: ['tomcat/catalina-server.xml'],
  root: 'Server',
  decides: namesOf([servletHttps, servletHttp]),
  isNeeded: true,
  read: (root) =>
    elementsNamed('Connector', root).map(({ attributes, line }): XmlListener => {
      const fact = connectorFact(attributes);
      return { fact, value: attributes['port'], key: 'port of the connector', line };
    }),
};

// Tomcat's Connector: its scheme is http where nothing is said, whatever else makes it one with TLS.
function connectorFact({ scheme = 'http', protocol = '' }: Readonly<Record<string, string>>): XmlListenerFact {
  if (/ajp/i.test(protocol)) return { name: 'servlet-ajp', scheme: 'tcp', property: `tomcat.${scheme}.port` };
  return bare(scheme === 'https' ? servletHttps : servletHttp);
}
