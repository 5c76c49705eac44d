import { join } from 'node:path';
import { RULES_FOLDER } from './config-files.js';
import { renderedMark } from './configuration-copy.js';
import type { VersionRow } from './domain/facts.js';
import { LaunchError } from './domain/failure.js';
import { nodeSystem, type System } from './system/index.js';

// A start renders a home's configuration from its deployment.toml and its templates (config-mapper
// ConfigParser.parse). Without a deployment.toml it renders nothing and says so in one line.

type Reading = Pick<System, 'files'>;

const templatesOf = (home: string): string => join(home, RULES_FOLDER, 'templates');

/** Whether a home's configuration is made from templates at all. */
export const hasTemplates = (home: string, { files }: Reading = nodeSystem): boolean =>
  files.isFolder(templatesOf(home));

/** What the templates of a home are rendered to, by paths within the home. */
export function renderedFiles(home: string, { files }: Reading = nodeSystem): string[] {
  const within = (folder: string): string[] =>
    files.filesIn(join(templatesOf(home), folder)).flatMap((name) => {
      const path = join(folder, name);
      if (name.endsWith('.j2')) return [path.slice(0, -'.j2'.length)];
      return files.isFolder(join(templatesOf(home), path)) ? within(path) : [];
    });
  return within('');
}

/** Whether no start has ever rendered the configuration: each leaves a mark, and a file for each template. */
export const wasNeverRendered = (home: string, system: Reading = nodeSystem): boolean =>
  hasTemplates(home, system) &&
  !system.files.exists(renderedMark(home)) &&
  renderedFiles(home, system).some((file) => !system.files.exists(join(home, file)));

interface Configured {
  readonly home: string;
  readonly row: Pick<VersionRow, 'startsUnrendered'>;
  /** The deployment.toml that the server reads, whether or not it is there; undefined where it reads none. */
  readonly toml: string | undefined;
}

/**
 * Refuses a home that lacks its deployment.toml, and what would have been rendered from it.
 * @throws LaunchError `unusable-configuration`
 */
export function checkRendered({ home, row, toml }: Configured, system: Reading = nodeSystem): void {
  if (toml === undefined || row.startsUnrendered || system.files.exists(toml)) return;
  if (!wasNeverRendered(home, system)) return;
  throw new LaunchError({
    kind: 'unusable-configuration',
    what: `${toml} is missing, and no start has rendered the configuration from it yet: the server would never be ready.`,
    hint: 'Put it back: unpack that file again.',
  });
}

/** What the server does without its deployment.toml. */
export function missingTomlText({ home, row, toml }: Configured, system: Reading = nodeSystem): string {
  if (!wasNeverRendered(home, system)) {
    return `${toml} is missing: the server starts with what was rendered from it before, of which only the offset is read here.`;
  }
  return row.startsUnrendered
    ? `${toml} is missing: the server starts with the files that it was unpacked with, of which only the offset is read here.`
    : `${toml} is missing, and nothing was ever rendered from it: the server does not start.`;
}
