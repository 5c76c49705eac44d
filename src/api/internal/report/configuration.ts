import { dirname, extname, join } from 'node:path';
import { isShownConfiguration, maskedConfiguration } from '../../../domain/masking/configuration.js';
import { readIfPossible } from '../../../home/config-files.js';
import type { Instance } from '../../../instance/list.js';
import { copyFile, overlayFile } from '../../../state/configuration-copy.js';
import { configurationFolder } from '../../../state/configuration-folder.js';
import { stateFolder } from '../../../state/folder.js';
import type { System } from '../../../system/index.js';

/** The configuration of a server without its secrets, and the secrets. */
export interface ReportedConfiguration {
  /** Texts by their paths in the report. */
  readonly texts: Readonly<Record<string, string>>;
  readonly secrets: ReadonlySet<string>;
}

type ReadingConfiguration = Pick<System, 'control' | 'files'> & Parameters<typeof stateFolder>[0];

/** Where the products keep their configuration, below their homes. */
const FOLDERS = ['repository/conf', 'conf'];
/** Links may lead round in circles, and people keep other things there as well. */
const MOST_LEVELS = 6;
const MOST_FILES = 400;
const LONGEST_BYTES = 2 ** 20;

/** Reads the configuration of a home, and what this launch has laid over it. */
export function configurationOf({ name, home }: Instance, system: ReadingConfiguration): ReportedConfiguration {
  const folder = stateFolder(system);
  const inUse = [copyFile, overlayFile].map((pathOf) => pathOf({ name }, folder, system));
  const own = FOLDERS.flatMap((path) => filesBelow(home, path, system));
  const found = [
    ...own.slice(0, MOST_FILES).map((path) => ({ path: join(home, path), shownAs: path })),
    ...[...inUse, ...ownFilesIn(configurationFolder({ name }, folder, system), system)].map((path) => ({
      path,
      shownAs: `in-use${extname(path)}`,
    })),
  ];
  const read = found.flatMap(({ path, shownAs }) => {
    if (!system.files.isFile(path) || system.files.sizeOf(path) > LONGEST_BYTES) return [];
    const text = readIfPossible(path, system);
    return text === undefined ? [] : [{ shownAs, ...maskedConfiguration(text, path) }];
  });
  return {
    texts: Object.fromEntries(read.map(({ shownAs, text }) => [`configuration/${shownAs}`, text])),
    secrets: new Set(read.flatMap(({ secrets }) => [...secrets])),
  };
}

/** The files of a folder that are no links to those of a home. */
const ownFilesIn = (folder: string, { files }: Pick<System, 'files'>): string[] =>
  files
    .filesIn(folder)
    .filter(isShownConfiguration)
    .map((entry) => join(folder, entry))
    .filter((path) => dirname(files.realPath(path)) === files.realPath(folder));

/** The paths of configuration files below a folder of a home, as they are below the home. */
function filesBelow(
  home: string,
  folder: string,
  system: Pick<System, 'files'>,
  levels = MOST_LEVELS,
): readonly string[] {
  const { files } = system;
  return files.filesIn(join(home, folder)).flatMap((entry) => {
    const path = `${folder}/${entry}`;
    if (files.isFolder(join(home, path))) return levels > 0 ? filesBelow(home, path, system, levels - 1) : [];
    return isShownConfiguration(entry) ? [path] : [];
  });
}
