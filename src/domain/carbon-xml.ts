import { LaunchError } from './failure.js';
import type { Leaf } from './toml.js';
import { childrenNamed, parseXml, type XmlElement, XmlError } from './xml.js';

/** The settings of a carbon.xml that are read here, and its root, in which its neighbours look for their ports. */
export interface CarbonXml {
  readonly root: XmlElement;
  readonly leaves: readonly Leaf[];
  readonly warnings: readonly string[];
}

/**
 * The `Ports.Offset` and the `HostName` of a `carbon.xml`, the configuration itself before there was a deployment.toml.
 * @param fill puts the values of system properties in the place of `${name}`, as CK ServerConfiguration does
 * @throws LaunchError `unusable-configuration` where the file is not well-formed, or none of the kernel's
 */
export function readCarbonXml(
  text: string,
  file: string,
  fill: (text: string) => string = (unchanged) => unchanged,
): CarbonXml {
  const root = parseConfigXml(text, { file, root: 'Server' });
  const [offset, second] = offsetsIn(root);
  const [host] = childrenNamed('HostName', root);
  const leaf = (key: string, element: XmlElement | undefined): Leaf[] =>
    element ? [{ key, value: fill(element.text), line: element.line }] : [];
  return {
    root,
    leaves: [...leaf('Ports.Offset', offset), ...leaf('HostName', host)],
    warnings:
      offset && second
        ? [
            `${file}, lines ${offset.line} and ${second.line}: <Offset> stands there twice. The server takes the first one, ${offset.text}; keep only one of them.`,
          ]
        : [],
  };
}

/** Every `Ports.Offset`: the first one counts (CK ServerConfiguration.getFirstProperty). */
export const offsetsIn = (root: XmlElement): XmlElement[] =>
  childrenNamed('Ports', root).flatMap((ports) => childrenNamed('Offset', ports));

/** A value of a carbon.xml by its path, `Ports.JMX.RMIServerPort`: the first of several. */
export function carbonXmlValue(path: string, root: XmlElement): XmlElement | undefined {
  let found = [root];
  for (const name of path.split('.')) found = found.flatMap((element) => childrenNamed(name, element));
  return found[0];
}

/** The names that messages and checks know a file by. */
export interface ConfigXml {
  readonly file: string;
  /** The name of its root element; undefined: any will do. */
  readonly root?: string | undefined;
  /** The line that messages are to name for one of the text; absent: the same. */
  lineOf?(line: number): number;
}

/**
 * The root element of a configuration file.
 * @throws LaunchError `unusable-configuration` where it is not well-formed, or has another root
 */
export function parseConfigXml(text: string, { file, root, lineOf = (line) => line }: ConfigXml): XmlElement {
  let found: XmlElement;
  try {
    found = parseXml(text);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const place = `${file}, line ${lineOf(error.line)}, column ${error.column}`;
    if (error.kind === 'malformed') throw unusable(`${place} is not well-formed XML: ${error.reason}.`);
    throw unusable(
      `${place} can't be read: ${error.reason}.`,
      'Without it nobody can tell the ports; write it plainly.',
    );
  }
  if (root === undefined || found.name === root) return found;
  throw unusable(`${file}, line ${lineOf(found.line)}: the root element is <${found.name}>, not <${root}>.`);
}

const unusable = (what: string, hint = 'The server would not start with this file; mend that line.'): LaunchError =>
  new LaunchError({ kind: 'unusable-configuration', what, hint });
