import { NO_RULES } from '../configuration.js';
import type { BirthFacts, PortFact, ProductFacts } from '../facts.js';
import {
  carbonConsole,
  carbonServer,
  carbonXml,
  carbonXmlRules,
  clustering,
  jmxOff,
  jmxOn,
  literal,
  on,
  osgiConsole,
  plus,
  propertiesFile,
  propertiesLast,
  servlet,
  servletHttp,
  servletHttps,
  thriftAuth,
} from './kernel.js';

// Identity Server 5.3 to 7.3. IS wso2/product-is.

// IS catalina-server.xml.j2: a text, from `$env{}` for instance, is never the same as true.
const servletIs511 = [
  plus(servletHttps, { ...on('transport.https.enabled'), reads: 'same' }),
  plus(servletHttp, { ...on('transport.http.enabled'), reads: 'same' }),
];
// Kerberos, 8000, is off by a literal in embedded-ldap.xml; without LDAP it would not start either.
export const ldap = { name: 'ldap', base: 10389, scheme: 'tcp' } as const satisfies PortFact;
const isCommon = [thriftAuth, ...jmxOff, clustering, osgiConsole];
const is6Ports = [...servletIs511, ...isCommon];

// IS 5.9 has no word on JMX in its default.json, so that the kernel's own counts. Up to 5.8 the files are the
// configuration: embedded-ldap.xml, thrift-authentication.xml and the kernel's.
const portsIs59 = [...servlet, ldap, thriftAuth, ...jmxOn, clustering, osgiConsole];
const portsIs53 = [...[...servlet, ldap, thriftAuth, ...jmxOn].map(literal), osgiConsole];

const is = { script: 'wso2server', rules: NO_RULES } as const;
const isXml = { ...is, propertiesFile, rules: carbonXmlRules, carbonXml, knowsNoToml: true } as const;
const is6 = {
  ...is,
  ...propertiesLast,
  ports: is6Ports,
  extras: [{ key: /^custom_transport\.(?:[\w-]+|'[^']*')\.properties\.port$/, scheme: 'https' }],
} as const;

// The first start registers its pages with the callbacks of then: wso2/product-is#12961, #14602. From 7.0 on those of the
// root organisation follow by a placeholder, those that organisations share don't: carbon-identity-framework#5136,
// identity-inbound-auth-oauth#2486.
const pages: BirthFacts = {
  database: /IDENTITY_DB/,
  urls: [
    carbonConsole,
    { name: "console's callback", port: 'servlet-https', path: '/console', since: [5, 11] },
    { name: "myaccount's callback", port: 'servlet-https', path: '/myaccount', since: [5, 11] },
  ],
  written: /regexp=\(https:\/\/[\w.-]{1,255}:(\d{1,5})\/(?:t\/carbon\.super\/)?(?:console|myaccount)/,
};

export const identityServer = {
  ...carbonServer,
  birth: pages,
  aliases: ['identity-server'],
  title: 'WSO2 Identity Server',
  names: ['WSO2 Identity Server'],
  homeVariable: 'IS_HOME',
  known: [
    [5, 3],
    [7, 3],
  ],
  versions: [
    { ...is6, since: [7, 3], jdk: [21] },
    { ...is6, since: [7, 1], jdk: [11, 21] },
    { ...is6, since: [6, 0], jdk: [11, 17] },
    {
      ...is,
      ...propertiesLast,
      since: [5, 11],
      jdk: [7, 11],
      ports: [...servletIs511, plus(ldap, on('embedded_ldap.enable')), ...isCommon],
    },
    { ...is, propertiesFile, since: [5, 10], jdk: [7, 11], ports: [...servlet, ldap, ...isCommon] },
    { ...is, propertiesFile, since: [5, 9], jdk: [7, 11], ports: portsIs59 },
    { ...isXml, since: [5, 3], jdk: [7, 8], ports: portsIs53 },
  ],
  required: ['servlet-https'],
  urls: [
    { name: 'console', port: 'servlet-https', path: '/console' },
    { name: 'myaccount', port: 'servlet-https', path: '/myaccount' },
  ],
  // IS pom.xml, carbon.kernel.version at each tag.
  kernels: {
    '4.6.0': [5, 10],
    '4.6.1': [5, 11],
    '4.7.1': [6, 0],
    '4.9.0': [6, 1],
    '4.10.9': [7, 0],
    '4.10.42': [7, 1],
    '4.10.101': [7, 2],
    '4.12.34': [7, 3],
  },
} as const satisfies ProductFacts;
