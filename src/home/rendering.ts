import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import type { ScriptArguments } from '../domain/command.js';
import type { ServerFacts, VersionRow } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import { isSince } from '../domain/version.js';
import { nodeSystem, type System } from '../system/index.js';
import { RULES_FOLDER, readIfPossible } from './config-files.js';
import { mapperVersion } from './mapper-version.js';
import { givenProperties } from './surroundings.js';

// A start renders a home's configuration from its deployment.toml and its templates (config-mapper
// ConfigParser.parse). Without a deployment.toml it renders nothing and says so in one line.

type RenderingSystem = Pick<System, 'files'>;

const templatesOf = (home: string): string => join(home, RULES_FOLDER, 'templates');

/**
 * The file by which the products tell whether what they have rendered still fits their configuration. Without it they
 * render everything anew; with it they would overlook a copy of their deployment.toml, and then not start without it:
 * config-mapper `MetaDataParser.getChangedFiles`.
 */
export const renderedMark = (home: string): string => join(home, RULES_FOLDER, '.metadata/metadata_config.properties');

/** Whether a home's configuration is made from templates at all. */
export const hasTemplates = (home: string, { files }: RenderingSystem = nodeSystem): boolean =>
  files.isFolder(templatesOf(home));

/** The files that the templates of a home are rendered to, by paths within the home. */
export function renderedFiles(home: string, { files }: RenderingSystem = nodeSystem): string[] {
  const within = (folder: string): string[] =>
    files.filesIn(join(templatesOf(home), folder)).flatMap((name) => {
      const path = join(folder, name);
      if (name.endsWith('.j2')) return [path.slice(0, -'.j2'.length)];
      return files.isFolder(join(templatesOf(home), path)) ? within(path) : [];
    });
  return within('');
}

/** Whether no start has ever rendered the configuration: each leaves a mark, and a file for each template. */
export const wasNeverRendered = (home: string, system: RenderingSystem = nodeSystem): boolean =>
  hasTemplates(home, system) &&
  !system.files.exists(renderedMark(home)) &&
  renderedFiles(home, system).some((file) => !system.files.exists(join(home, file)));

interface RenderedHome {
  readonly home: string;
  readonly row: Pick<VersionRow, 'startsUnrendered'>;
  /** The deployment.toml that the server reads, whether or not it is there; undefined where it reads none. */
  readonly toml: string | undefined;
}

/**
 * Refuses a home that lacks its deployment.toml, and what would have been rendered from it.
 * @throws LaunchError `unusable-configuration`
 */
export function checkRendered({ home, row, toml }: RenderedHome, system: RenderingSystem = nodeSystem): void {
  if (toml === undefined || row.startsUnrendered || system.files.exists(toml)) return;
  if (!wasNeverRendered(home, system)) return;
  throw new LaunchError({
    kind: 'unusable-configuration',
    what: `${toml} is missing, and no start has rendered the configuration from it yet: the server would never be ready.`,
    hint: 'Put it back: unpack that file again.',
  });
}

/** The sentence about what the server does without its deployment.toml. */
export function missingTomlText(
  { home, row, facts, toml }: RenderedHome & { readonly facts: Pick<ServerFacts, 'opensByXml'> },
  system: RenderingSystem = nodeSystem,
): string {
  const read = facts.opensByXml ? 'whose ports and offset are read here' : 'of which only the offset is read here';
  if (!wasNeverRendered(home, system)) {
    return `${toml} is missing: the server starts with what was rendered from it before, ${read}.`;
  }
  return row.startsUnrendered
    ? `${toml} is missing: the server starts with the files that it was unpacked with, ${read}.`
    : `${toml} is missing, and nothing was ever rendered from it: the server does not start.`;
}

/**
 * The part of the configuration that a start writes: the files themselves, a copy of the last ones only, or nothing.
 */
export type RenderingAhead = 'files' | 'backup' | 'nothing';

/** The start that is asked about, of a home that was inspected. */
export interface Start {
  readonly home: string;
  readonly toml: string | undefined;
  /** The start script's path. */
  readonly startScript: string;
  readonly row: VersionRow;
  readonly script: ScriptArguments;
  /** Whether it starts with a copy of the deployment.toml, whose first sight renders everything. */
  readonly followsOffset: boolean;
  /** Laid over it, in such a copy. */
  readonly changes?: readonly unknown[];
}

/** Tells what a start renders, as config-mapper decides it: ConfigParser.parse, MetaDataParser.getChangedFiles. */
export function renderingAhead(
  start: Start,
  system: RenderingSystem & Pick<System, 'env'> = nodeSystem,
): RenderingAhead {
  const { home, toml } = start;
  if (toml === undefined || !system.files.exists(toml) || !hasTemplates(home, system)) return 'nothing';
  const given = givenProperties(start, system);
  const text = readIfPossible(start.startScript, system) ?? '';
  const isOn = (name: string): boolean => given.get(name)?.value === 'true' || text.includes(`-D${name}=true`);
  if (isOn('avoidConfigUpdate')) return 'nothing';
  const isForced =
    start.followsOffset || start.changes !== undefined || isOn('forceConfigUpdate') || isOn('avoidConfigHashRead');
  if (!isOn('configParseOnly') && (isForced || !isAsRendered(home, system))) return 'files';
  return copiesAlways(home, system) ? 'backup' : 'nothing';
}

/** Whether a start also copies files that it does not render anew; up to config-mapper 1.0.11 it does not. */
function copiesAlways(home: string, system: RenderingSystem): boolean {
  const version = mapperVersion(home, system);
  return version !== undefined && isSince(version, '1.0.12');
}

/** Whether everything that the last start read and wrote is what it was then. */
function isAsRendered(home: string, { files, env }: RenderingSystem & Pick<System, 'env'>): boolean {
  const marks = ['metadata_config.properties', 'metadata_template.properties'].map((name) =>
    readIfPossible(join(dirname(renderedMark(home)), name), { files }),
  );
  if (marks.includes(undefined)) return false;
  const known = new Map(marks.flatMap((text) => entriesIn(text as string)));
  const isSame = ([path, sum]: [string, string]): boolean => sumOf(resolve(home, path), files) === sum;
  const isKnown = (file: string): boolean => known.has(join(RULES_FOLDER, 'templates', `${file}.j2`));
  const references = readIfPossible(join(dirname(renderedMark(home)), 'references.properties'), { files }) ?? '';
  const variables = entriesIn(references).filter(([name]) => name.startsWith('env:'));
  return (
    renderedFiles(home, { files }).every(isKnown) &&
    [...known].every(isSame) &&
    variables.every(([name, value]) => env[name.slice('env:'.length)] === value)
  );
}

/** The entries of a file of properties as Java writes it. */
const entriesIn = (text: string): [string, string][] =>
  text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const found = line.startsWith('#') ? null : /^((?:\\.|[^=])*)=(.*)$/.exec(line);
    const plain = (part = ''): string => part.replace(/\\(.)/g, '$1');
    return found ? [[plain(found[1]), plain(found[2])]] : [];
  });

function sumOf(path: string, files: System['files']): string | undefined {
  const text = readIfPossible(path, { files });
  return text === undefined ? undefined : createHash('md5').update(text).digest('hex');
}
