import { basename } from 'node:path';
import { type ChangedSetting, changedSettings } from '../domain/changed-settings.js';
import { type ConfigurationChange, mergeToml } from '../domain/toml-merge.js';
import { type Reading, readConfigured } from './config-files.js';

/**
 * The text of a deployment.toml with what is laid over it; undefined where it is missing.
 * @throws LaunchError `unusable-configuration`, or `usage` for what a change says
 */
export function readChanged(
  path: string,
  file: string,
  changes: readonly ConfigurationChange[],
  system: Pick<Reading, 'files'>,
): string | undefined {
  const text = readConfigured(path, system, 'exact');
  return text === undefined || changes.length === 0 || text.startsWith('\ufeff')
    ? text
    : mergeToml(text, changes, file);
}

/** The settings of a deployment.toml that changes give other values, as they may be shown. */
export function settingsChangedIn(
  path: string | undefined,
  changes: readonly ConfigurationChange[],
  system: Pick<Reading, 'files'>,
): readonly ChangedSetting[] {
  if (path === undefined || changes.length === 0) return [];
  const read = (over: readonly ConfigurationChange[]): string => readChanged(path, basename(path), over, system) ?? '';
  return changedSettings(read([]), read(changes), basename(path));
}
