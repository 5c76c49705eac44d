import { basename, join } from 'node:path';
import type { Rules } from '../domain/configuration.js';
import type { ConfigurationChange } from '../domain/configuration-change.js';
import { typeDoubt } from '../domain/setting-types.js';
import { flatten } from '../domain/toml.js';
import { tomlOf } from '../domain/toml-change.js';
import { unknownSetting } from '../domain/unknown-settings.js';
import { type Reading, RULES_FOLDER, readIfPossible } from './config-files.js';

/** What a key that is given is looked for in. */
export interface OwnSettings {
  readonly home: string;
  readonly rules: Rules;
  /** The home's deployment.toml. */
  readonly path: string;
}

/** The warnings of what is laid over a home's configuration: known to nothing in that home, or of another type. */
export function doubtfulSettings(
  { home, rules, path }: OwnSettings,
  changes: readonly ConfigurationChange[],
  system: Reading,
): string[] {
  if (changes.length === 0) return [];
  const file = basename(path);
  const own = flatten(readIfPossible(path, system) ?? '', file);
  const templates = textsBelow(join(home, RULES_FOLDER, 'templates'), system);
  const given = changes.flatMap((change) =>
    flatten(tomlOf(change), change.by).map((leaf) => ({ ...leaf, by: change.by })),
  );
  const keys = new Set(given.map(({ key }) => key));
  return [
    ...[...keys].flatMap((key) => unknownSetting(key, { rules, templates }) ?? []),
    ...given.flatMap(({ by, key, element, value }) => {
      if (element !== undefined) return [];
      const before = own.find((leaf) => leaf.key === key && leaf.element === undefined);
      return before
        ? typeDoubt({ by, key, before: before.value, value, file })
        : typeDoubt({ by, key, before: rules.defaults[key], value, file: "the product's default" });
    }),
  ];
}

function textsBelow(folder: string, system: Reading): string[] {
  return system.files.filesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    return system.files.isFolder(path) ? textsBelow(path, system) : (readIfPossible(path, system) ?? []);
  });
}
