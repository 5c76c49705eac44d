import { basename, join, resolve } from 'node:path';
import type { ChangedFile } from '../domain/changed-settings.js';
import { CONFIGURATION_FOLDER_PROPERTY } from '../domain/command.js';
import type { ConfigurationChange } from '../domain/configuration-change.js';
import { applyEdits } from '../domain/edits.js';
import { LaunchError } from '../domain/failure.js';
import type { EffectivePort } from '../domain/ports.js';
import { propertiesInAll } from '../domain/properties.js';
import {
  changeText,
  editsOf,
  type LiteralUrl,
  literalUrls,
  type OtherServer,
  type StaleUrl,
  staleUrls,
  undecided,
} from '../domain/stale-urls.js';
import { mention, mentioning, type Text } from '../domain/text.js';
import { type Leaf, readToml } from '../domain/toml.js';
import { readChanged } from '../home/changed-configuration.js';
import { readConfigured } from '../home/config-files.js';
import type { InspectedHome } from '../home/inspect.js';
import { jvmOptions } from '../home/surroundings.js';
import { isLive, listInstances } from '../instance/list.js';
import { copyFile, removeCopy, writeCopy } from '../state/configuration-copy.js';
import { nodeSystem, type System } from '../system/index.js';
import type { LaunchRequest } from './request.js';

/** The URLs of a configuration at one offset: what is done about those that it leaves behind. */
export interface Following {
  /** The file that the server is to read in the place of its own; absent: nothing has to change. */
  readonly file?: string;
  readonly warnings: readonly Text[];
}

type Followable = Pick<LaunchRequest, 'followsOffset' | 'script' | 'changes'>;

/** Properties that make the server take no notice of a changed configuration: config-mapper `ConfigParser.parse`. */
const NOT_RENDERED = ['avoidConfigUpdate', 'configParseOnly'];

/**
 * Whether this server can be started with a copy of its configuration.
 * @throws LaunchError `usage`, `unusable-configuration`
 */
export function checkFollowable(
  inspection: InspectedHome,
  { followsOffset, script, changes = [] }: Followable,
  system: Pick<System, 'env' | 'files'> = nodeSystem,
): void {
  if (!followsOffset && changes.length === 0) return;
  const option = mention.option(followsOffset ? 'followOffset' : 'set');
  const { facts, version, home, row, toml } = inspection;
  const title = `${facts.title} ${version ?? ''}`.trimEnd();
  // What is laid over a deployment.yaml or a carbon.xml was merged when that was read.
  if (inspection.overlaid) checkFolderIsOurs(inspection.overlaid, script);
  if (inspection.overlaid && !followsOffset) return;
  if (toml === undefined) {
    throw new LaunchError({
      kind: 'unusable-configuration',
      what: mentioning`${option} needs a deployment.toml, and this ${title} has its configuration in ${row.carbon5 ? 'deployment.yaml' : 'carbon.xml'}.`,
      hint: mentioning`Leave ${option} out, and write its URLs for the offset that it is to have.`,
    });
  }
  if (changes.length > 0 && !inspection.overlaid && !system.files.exists(toml)) {
    throw new LaunchError({
      kind: 'unusable-configuration',
      what: mentioning`${mention.option('set')} changes a deployment.toml, and ${toml} is missing.`,
      hint: 'Unpack that file again.',
    });
  }
  const options = propertiesInAll(jvmOptions({ ...inspection, script }, system));
  const obstacle =
    NOT_RENDERED.map((name) => [name, script.properties.get(name) ?? options.get(name)] as const)
      .filter(([, property]) => property?.value.toLowerCase() === 'true')
      .map(([name]) => `-D${name}=true, with which the server does not apply its configuration`)[0] ??
    script.others
      .filter((argument) => /^-{0,2}optimize$/.test(argument))
      .map((argument) => `${argument}, which writes deployment.toml anew at the start`)[0];
  if (obstacle !== undefined) {
    const hint = 'Leave one of the two out.';
    const what = mentioning`${option} contradicts ${obstacle}.`;
    throw new LaunchError({ kind: 'usage', what, hint });
  }
  // The script writes the key into the home's own file, whatever file the server is told to read.
  if (row.writesEncryptionKey !== true || toml !== resolve(join(home, facts.configFile))) return;
  const text = readConfigured(toml, system, 'exact');
  if (text === undefined || !lacksEncryptionKey(readToml(text, basename(toml)).leaves)) return;
  throw new LaunchError({
    kind: 'unusable-configuration',
    what: `${toml} has no [encryption] key: the start script of ${title} is going to write one into it, and a server with a copy would encrypt without it.`,
    hint: mentioning`Start it once without ${option}, or write a key of 64 hexadecimal digits there yourself.`,
  });
}

/** @throws LaunchError `usage` where the user names a folder of carbon.xml as well */
function checkFolderIsOurs({ format }: ChangedFile, { properties }: Followable['script']): void {
  const theirs = properties.get(CONFIGURATION_FOLDER_PROPERTY);
  if (format !== 'xml' || theirs === undefined) return;
  throw new LaunchError({
    kind: 'usage',
    what: mentioning`${mention.option('set')} contradicts -D${CONFIGURATION_FOLDER_PROPERTY}=${theirs.value}, by which the server reads another carbon.xml.`,
    hint: 'Leave one of the two out.',
  });
}

/** Whether the script would write a key, as its EncryptionKeyGenerator decides, which leaves RSA alone. */
function lacksEncryptionKey(leaves: readonly Leaf[]): boolean {
  const textOf = (key: string): string => String(leaves.find((leaf) => leaf.key === key)?.value ?? '');
  return textOf('encryption.key') === '' && !/^RSA\//i.test(textOf("system.parameter.'org.wso2.CipherTransformation'"));
}

/** Whether a server may be started with a copy of its deployment.toml. */
export const mayHaveCopy = (
  { toml, overlaid }: InspectedHome,
  { followsOffset, changes = [] }: Pick<Followable, 'followsOffset' | 'changes'>,
): boolean => toml !== undefined && (followsOffset || (changes.length > 0 && overlaid === undefined));

/** The properties of a launch on which its copy depends. */
export interface FollowRequest {
  readonly inspection: InspectedHome;
  readonly followsOffset: boolean;
  readonly changes?: readonly ConfigurationChange[];
  readonly name: string;
  readonly ports: readonly EffectivePort[];
  readonly stateFolder: string;
}

/** A copy as it would be. */
export interface PlannedCopy extends Following {
  /** The home's own file and the copy; absent: there is none. */
  readonly changed?: ChangedFile;
}

/** Plans the copy at this offset; nothing is written. */
export async function planFollowing(request: FollowRequest, system: System = nodeSystem): Promise<PlannedCopy> {
  const { following, text } = await compare(request, system);
  const { toml } = request.inspection;
  if (following.file === undefined || toml === undefined) return following;
  const before = readConfigured(toml, system, 'exact') ?? '';
  return { ...following, changed: { path: toml, format: 'toml', before, after: text } };
}

/**
 * Looks at the URLs of the configuration as it is now, and writes the copy where one is asked for and needed.
 * @throws LaunchError `unusable-configuration`, `unusable-state-folder`, `unusable-home`
 */
export async function follow(request: FollowRequest, system: System = nodeSystem): Promise<Following> {
  const { following, text } = await compare(request, system);
  const { name, inspection, stateFolder } = request;
  const owner = { name, home: inspection.home };
  if (following.file !== undefined) writeCopy(owner, text, stateFolder, system);
  // A copy may have been needed at an offset that was lost before.
  else removeCopy(owner, stateFolder, system);
  return following;
}

interface Compared {
  readonly following: Following;
  /** The configuration with its URLs changed, where there is a file to write. */
  readonly text: string;
}

async function compare(request: FollowRequest, system: System): Promise<Compared> {
  const { inspection, followsOffset, changes = [], name, ports, stateFolder } = request;
  const { facts, toml } = inspection;
  if (!followsOffset) {
    const stale = staleUrls(inspection.urls, ports, await liveServers(inspection.urls, system));
    const warnings = stale.length === 0 ? [] : [staleText(stale)];
    if (!mayHaveCopy(inspection, request) || toml === undefined) return { following: { warnings }, text: '' };
    const text = readChanged(toml, basename(toml), changes, system) ?? '';
    return { following: { file: copyFile({ name }, stateFolder, system), warnings }, text };
  }
  const text = toml === undefined ? undefined : readChanged(toml, basename(toml), changes, system);
  if (toml === undefined || text === undefined) return { following: { warnings: [] }, text: '' };
  // The file may have been edited since it was inspected, and the server would read it as it is now.
  const urls = literalUrls(readToml(text, basename(toml)).strings, basename(toml), facts.urlKeys);
  const live = await liveServers(urls, system);
  const stale = staleUrls(urls, ports, live);
  const open = undecided(urls, live);
  const file = copyFile({ name }, stateFolder, system);
  if (stale.length === 0) return { following: { ...(changes.length > 0 && { file }), warnings: open }, text };
  const said = `URLs follow the offset in ${file}, which takes the place of ${toml}: ${listed(stale)}.`;
  return { following: { file, warnings: [said, ...open] }, text: applyEdits(text, editsOf(stale)) };
}

/** The running servers that the URLs may mean; none where no URL means another server. */
export async function liveServers(urls: readonly LiteralUrl[], system: System): Promise<readonly OtherServer[]> {
  if (urls.every(({ meaning }) => meaning.of === undefined)) return [];
  const all = await listInstances(system);
  return all.filter(isLive);
}

const listed = (stale: readonly StaleUrl[]): string => stale.map(changeText).join('; ');

const staleText = (stale: readonly StaleUrl[]): Text =>
  mentioning`URLs that don't follow the offset: ${listed(stale)}. With ${mention.option('followOffset')} the server starts with a copy in which they do.`;
