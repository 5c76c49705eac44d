import type { ConfigurationChange } from '../domain/configuration-change.js';
import { tomlOf } from '../domain/toml-change.js';
import { mergeToml } from '../domain/toml-merge.js';
import { spliceToml } from '../domain/toml-splice.js';
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
  if (text === undefined || changes.length === 0 || text.startsWith('\ufeff')) return text;
  return spliceToml(text, changes.map(tomlOf), mergeToml(text, changes, file), file);
}
