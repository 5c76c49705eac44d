import { LaunchError } from './failure.js';
import type { Leaf } from './toml.js';
import { parseXml, XmlError } from './xml.js';

/**
 * What is read of a `carbon.xml`, the configuration itself before there was a deployment.toml: its `Ports.Offset` and
 * its `HostName`.
 * @throws LaunchError `unusable-configuration` where the file is not well-formed
 */
export function flattenCarbonXml(text: string, file: string): Leaf[] {
  try {
    const { children } = parseXml(text);
    const ports = children.find(({ name }) => name === 'Ports');
    const offset = ports?.children.find(({ name }) => name === 'Offset');
    const host = children.find(({ name }) => name === 'HostName');
    return [
      ...(offset ? [{ key: 'Ports.Offset', value: offset.text, line: offset.line }] : []),
      ...(host ? [{ key: 'HostName', value: host.text, line: host.line }] : []),
    ];
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new LaunchError({
      kind: 'unusable-configuration',
      what: `${file}, line ${error.line}, column ${error.column} is not well-formed XML: ${error.reason}.`,
      hint: 'The server would not start with this file; mend that line.',
    });
  }
}
