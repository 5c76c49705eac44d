import { dirname, join } from 'node:path';
import { LaunchError } from '../domain/failure.js';
import { type Lacking, lackingText, listPaths, mendWriting, type Unwritable } from '../domain/written.js';
import { nearestExisting } from '../system/files.js';
import { nodeSystem, type System } from '../system/index.js';
import { configuredDatabases } from './databases.js';
import type { InspectedHome } from './inspect.js';
import { hasTemplates, renderedFiles, renderingAhead } from './rendering.js';
import type { StartRequest } from './request.js';

type WritingSystem = Pick<System, 'env' | 'files'>;
type WritingStart = Pick<StartRequest, 'script' | 'followsOffset' | 'changes'>;

/** The paths that a server writes and its user may not. */
export interface WritingLook {
  /** The server would not start, or never be ready. */
  readonly refused: readonly Unwritable[];
  readonly lacking: readonly Lacking[];
}

/** Looks at what the server of a home is going to write, by the rights of whoever asks; nothing is written. */
export function lookAtWriting(
  inspection: InspectedHome,
  request: WritingStart,
  system: WritingSystem = nodeSystem,
): WritingLook {
  const { runtimeHome, facts } = inspection;
  const { files } = system;
  const denied = (paths: readonly string[]): Unwritable[] => paths.flatMap((path) => unwritable(path, files));
  const isConfigured = rendersAtAll(inspection, system);
  const copies = isConfigured ? denied(backupPaths(inspection, system)) : [];
  const rendered = isConfigured ? denied(renderedPaths(inspection, system)) : [];
  // The look ahead takes the sums of all these files, which only matters where one of them can't be written.
  const isSure = copies.length === 0 && rendered.length === 0;
  const ahead = isSure ? 'nothing' : renderingAhead({ ...inspection, ...request }, system);
  const refused = [
    ...(ahead === 'nothing' ? [] : copies),
    ...(ahead === 'files' ? rendered : []),
    ...denied(osgiPaths(inspection, request, system)),
    ...(facts.written.needsDatabases ? denied(configuredDatabases(inspection, system)) : []),
  ];
  const lacking = [
    ...Object.entries(facts.written.wanted).flatMap(([path, without]) =>
      denied([join(runtimeHome, path)]).map((found) => ({ ...found, without })),
    ),
    ...rendered.map((found) => ({ ...found, without: 'a change of deployment.toml would keep it from starting' })),
  ];
  const isRefused = ({ path }: Unwritable): boolean => refused.some((other) => other.path === path);
  return { refused, lacking: lacking.filter((found) => !isRefused(found)) };
}

/**
 * Refuses a home in which this user may not write what the server has to.
 * @returns warnings of what the server will lack
 * @throws LaunchError `unusable-home`
 */
export function checkWriting(
  inspection: InspectedHome,
  request: WritingStart,
  system: WritingSystem = nodeSystem,
): string[] {
  const { refused, lacking } = lookAtWriting(inspection, request, system);
  const error = refusal(refused, inspection, system);
  if (error) throw error;
  return lacking.length === 0 ? [] : [lackingText(inspection.home, lacking)];
}

/** The error about paths that can't be written; undefined where the server can write all that it needs. */
export function refusal(
  refused: WritingLook['refused'],
  inspection: Pick<InspectedHome, 'home'>,
  system: Pick<System, 'files'> = nodeSystem,
): LaunchError | undefined {
  if (refused.length === 0) return undefined;
  const { home } = inspection;
  const what = `In ${home} this user may not write what the server has to: ${listPaths(home, refused)}.`;
  return new LaunchError({ kind: 'unusable-home', what, hint: mendingOf(refused, inspection, system) });
}

/** The advice on how these paths could be written. */
export function mendingOf(
  unwritable: readonly Unwritable[],
  { home }: Pick<InspectedHome, 'home'>,
  { files }: Pick<System, 'files'> = nodeSystem,
): string {
  const owner = unwritable[0] && files.ownerOf(unwritable[0].path);
  return mendWriting(unwritable, { home, user: files.ownId(), owner, homeOwner: files.ownerOf(home) });
}

function unwritable(path: string, files: System['files']): Unwritable[] {
  const existing = nearestExisting(path, files);
  const code = files.whyUnwritable(existing);
  return code === undefined ? [] : [{ path: existing, code }];
}

const rendersAtAll = ({ home, toml }: InspectedHome, system: WritingSystem): boolean =>
  toml !== undefined && system.files.exists(toml) && hasTemplates(home, system);

const renderedPaths = ({ home }: InspectedHome, system: WritingSystem): string[] =>
  renderedFiles(home, system).map((file) => join(home, file));

/** The last files are copied to a folder of the home, which is made anew each time. */
function backupPaths({ home }: InspectedHome, system: WritingSystem): string[] {
  const folders = ['', ...renderedFiles(home, system).map(dirname)].map((folder) => join(home, 'backup', folder));
  return [home, ...[...new Set(folders)].filter((folder) => system.files.filesIn(folder).length > 0)];
}

/** The files without which Equinox ends: "Unable to create lock manager". */
function osgiPaths(
  { runtimeHome, facts }: InspectedHome,
  { script }: WritingStart,
  { files }: WritingSystem,
): string[] {
  const profile = script.properties.get('profile')?.value ?? 'default';
  const folder = join(runtimeHome, facts.written.osgi.replace('/default/', `/${profile}/`));
  if (!files.isFolder(folder)) return [];
  return ['.manager', '.manager/.fileTableLock'].map((path) => join(folder, 'org.eclipse.osgi', path));
}
