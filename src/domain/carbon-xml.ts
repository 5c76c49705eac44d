import { LaunchError } from './failure.js';
import type { Leaf } from './toml.js';
import { parseXml, type XmlElement, XmlError } from './xml.js';

/**
 * The `Ports.Offset` and the `HostName` of a `carbon.xml`, the configuration itself before there was a deployment.toml.
 * @throws LaunchError `unusable-configuration` where the file is not well-formed
 */
export function flattenCarbonXml(text: string, file: string): Leaf[] {
  const root = parseCarbonXml(text, file);
  const [offset] = offsetsIn(root);
  const [host] = childrenNamed('HostName', root);
  return [
    ...(offset ? [{ key: 'Ports.Offset', value: offset.text, line: offset.line }] : []),
    ...(host ? [{ key: 'HostName', value: host.text, line: host.line }] : []),
  ];
}

/** Every `Ports.Offset`: the first one counts. */
export const offsetsIn = (root: XmlElement): XmlElement[] =>
  childrenNamed('Ports', root).flatMap((ports) => childrenNamed('Offset', ports));

const childrenNamed = (wanted: string, { children }: XmlElement): XmlElement[] =>
  children.filter(({ name }) => name === wanted);

/** The root element of a carbon.xml. @throws LaunchError `unusable-configuration` where it is not well-formed */
export function parseCarbonXml(text: string, file: string): XmlElement {
  try {
    return parseXml(text);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new LaunchError({
      kind: 'unusable-configuration',
      what: `${file}, line ${error.line}, column ${error.column} is not well-formed XML: ${error.reason}.`,
      hint: 'The server would not start with this file; mend that line.',
    });
  }
}
