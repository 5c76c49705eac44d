import { carbonXmlValue } from '../carbon-xml.js';
import type { PortFact } from '../facts.js';
import { elementsNamed, type XmlElement } from '../xml.js';
import { bare, type XmlListener, type XmlSurroundings } from './xml-file.js';

/** A listener whose element has a number, which no offset moves, or refers to carbon.xml: `${Ports.JMX.RMIServerPort}`. */
export function referring(
  fact: PortFact,
  name: string,
  root: XmlElement,
  surroundings: XmlSurroundings,
): XmlListener[] {
  const [element] = elementsNamed(name, root);
  return element ? [referringElement(fact, name, element, surroundings)] : [];
}

// CK CarbonUtils.getPortFromServerConfig.
export function referringElement(
  fact: PortFact,
  key: string,
  { text, line }: XmlElement,
  { carbon }: XmlSurroundings,
): XmlListener {
  const path = /\$\{([^}]*)\}/.exec(text)?.[1];
  if (path === undefined) return { fact: { ...bare(fact), fixed: true }, value: text, key, line };
  const found = carbon && carbonXmlValue(path, carbon);
  if (!found) return { fact: bare(fact), value: text, key, line };
  return { fact: bare(fact), value: found.text, key: path, line: found.line, isInCarbonXml: true };
}
