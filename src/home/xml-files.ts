import { basename, join } from 'node:path';
import { parseConfigXml } from '../domain/carbon-xml.js';
import { LaunchError } from '../domain/failure.js';
import type { BasePort, PortSettings } from '../domain/ports.js';
import type { XmlElement } from '../domain/xml.js';
import { CLUSTER_FILE, isClustered, XML_FILES, type XmlFile, type XmlSurroundings } from '../domain/xml-listeners.js';
import { unreadFile, xmlPorts } from '../domain/xml-ports.js';
import { type Reading, readConfigured } from './config-files.js';

/** A configuration by files of XML, as far as it was read. */
export interface XmlConfiguration {
  /** The folder of carbon.xml. */
  readonly folder: string;
  /** The root of carbon.xml; undefined where it is missing. */
  readonly carbon: XmlElement | undefined;
  /** Puts the values of system properties in the place of `${name}`. */
  readonly fill: (text: string) => string;
}

/** The ports of the files beside a carbon.xml. */
export interface ReadXmlFiles {
  readonly ports: readonly BasePort[];
  /** The ports about which a file decides, whether or not it opens them. */
  readonly decided: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

/**
 * Reads the files that open ports, as far as they are there.
 * @throws LaunchError `unusable-configuration` for one that the server does not start with, or a required port that
 *   can't be told; `usage` for what an argument says
 */
export function readXmlFiles(
  { folder, carbon, fill }: XmlConfiguration,
  required: readonly string[],
  { properties }: Pick<PortSettings, 'properties'>,
  system: Reading,
): ReadXmlFiles {
  const read = XML_FILES.flatMap((file) => parseFile(folder, file, system));
  const cluster = read.find(({ file }) => file === CLUSTER_FILE)?.root;
  const surroundings: XmlSurroundings = {
    carbon,
    isClustered: cluster !== undefined && isClustered(cluster),
    hasReceivers: properties.get('disable.receiver')?.value.toLowerCase() !== 'true',
  };
  const found = read.map(({ file, name, root }) => ({
    file: name,
    listeners: root === undefined ? [] : file.read(root, surroundings),
  }));
  const { ports, warnings } = xmlPorts(found, { required, properties, fill });
  return {
    ports,
    decided: new Set(read.flatMap(({ file }) => file.decides)),
    warnings: [...read.flatMap(({ warning }) => warning ?? []), ...warnings],
  };
}

/** A file that is there; without a root it can't be read. */
interface ParsedFile {
  readonly file: XmlFile;
  readonly name: string;
  readonly root?: XmlElement;
  readonly warning?: string;
}

function parseFile(folder: string, file: XmlFile, system: Reading): [ParsedFile] | [] {
  const path = file.paths.map((one) => join(folder, one)).find((one) => system.files.exists(one));
  if (path === undefined) return [];
  const name = basename(path);
  try {
    return [
      { file, name, root: parseConfigXml(readConfigured(path, system, 'any') ?? '', { file: name, root: file.root }) },
    ];
  } catch (error) {
    if (file.isNeeded || !(error instanceof LaunchError)) throw error;
    return [{ file, name, warning: unreadFile(error) }];
  }
}
