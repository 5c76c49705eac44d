import type { PortFact } from '../facts.js';
import { ldap } from '../products/identity-server.js';
import { thriftAuth } from '../products/kernel.js';
import { childrenNamed, elementsNamed, type XmlElement } from '../xml.js';
import { referring, referringElement } from './reference.js';
import { bare, isTrue, namesOf, type XmlFile, type XmlListener } from './xml-file.js';

// identity/*.xml, which older products have without that folder.

// CIF ThriftAuthenticationServiceComponent adds the offset, and has no switch.
export const thriftAuthentication: XmlFile = {
  paths: ['identity/thrift-authentication.xml', 'thrift-authentication.xml'],
  root: 'Server',
  decides: [thriftAuth.name],
  read: (root) =>
    elementsNamed('Port', root)
      .slice(0, 1)
      .map(({ text, line }) => ({ fact: bare(thriftAuth), value: text, key: 'Port', line })),
};

const kerberos = { name: 'kerberos', base: 8000, scheme: 'tcp' } as const satisfies PortFact;

// wso2/carbon-identity LDAPServerConfigurationBuilder: Kerberos starts only beside LDAP, and by UDP where nothing is said.
export const embeddedLdap: XmlFile = {
  paths: ['identity/embedded-ldap.xml', 'embedded-ldap.xml'],
  decides: namesOf([ldap, kerberos]),
  read: (root, surroundings) => {
    const property = (section: string, name: string): XmlElement | undefined =>
      childrenNamed(section, root)
        .flatMap((one) => childrenNamed('Property', one))
        .find(({ attributes }) => attributes['name'] === name);
    if (property('EmbeddedLDAP', 'enable')?.text !== 'true') return [];
    const listener = (fact: PortFact, section: string): XmlListener[] => {
      const port = property(section, 'port');
      return port ? [referringElement(fact, `port of ${section}`, port, surroundings)] : [];
    };
    const isTcp = property('KDCServer', 'protocol')?.text.toUpperCase() === 'TCP';
    const hasKerberos = isTcp && isTrue(property('KDCServer', 'enabled')?.text);
    return [...listener(ldap, 'EmbeddedLDAP'), ...(hasKerberos ? listener(kerberos, 'KDCServer') : [])];
  },
};

const entitlement = { name: 'thrift-entitlement', scheme: 'tls' } as const satisfies PortFact;

// CIF EntitlementServiceComponent.startThriftEntitlementService; the name is misspelt there.
export const identity: XmlFile = {
  paths: ['identity/identity.xml', 'identity.xml'],
  root: 'Server',
  decides: [entitlement.name],
  read: (root, surroundings) =>
    elementsNamed('ThirftBasedEntitlementConfig', root)
      .filter((config) => isTrue(childrenNamed('EnableThriftService', config)[0]?.text))
      .flatMap((config) => referring(entitlement, 'ReceivePort', config, surroundings)),
};
