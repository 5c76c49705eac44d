import { join } from 'node:path';
import type { Rules } from '../domain/configuration.js';
import type { ConfigurationChange } from '../domain/configuration-change.js';
import { flatten } from '../domain/toml.js';
import { tomlOf } from '../domain/toml-change.js';
import { unknownSetting } from '../domain/unknown-settings.js';
import { type Reading, RULES_FOLDER, readIfPossible } from './config-files.js';

/** The warnings of what is laid over a home's configuration and is known to nothing in that home. */
export function unknownSettings(
  home: string,
  changes: readonly ConfigurationChange[],
  rules: Rules,
  system: Reading,
): string[] {
  if (changes.length === 0) return [];
  const templates = textsBelow(join(home, RULES_FOLDER, 'templates'), system);
  const keys = new Set(changes.flatMap((change) => flatten(tomlOf(change), change.by).map(({ key }) => key)));
  return [...keys].flatMap((key) => unknownSetting(key, { rules, templates }) ?? []);
}

function textsBelow(folder: string, system: Reading): string[] {
  return system.files.filesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    return system.files.isFolder(path) ? textsBelow(path, system) : (readIfPossible(path, system) ?? []);
  });
}
