import { shownValue } from './secrets.js';
import { flatten, type Leaf } from './toml.js';

/** A setting that a change of the configuration gives another value; without one it is not set there. */
export interface ChangedSetting {
  readonly key: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** The settings in which two texts of deployment.toml differ, as they may be shown: without secrets. */
export function changedSettings(before: string, after: string, file: string): readonly ChangedSetting[] {
  const [old, made] = [byKey(flatten(before, file)), byKey(flatten(after, file))];
  return [...new Set([...old.keys(), ...made.keys()])].flatMap((key): ChangedSetting[] => {
    if (JSON.stringify(old.get(key)) === JSON.stringify(made.get(key))) return [];
    return [
      {
        key,
        ...(old.has(key) && { before: shownSetting(key, old.get(key)) }),
        ...(made.has(key) && { after: shownSetting(key, made.get(key)) }),
      },
    ];
  });
}

const byKey = (leaves: readonly Leaf[]): ReadonlyMap<string, unknown> =>
  new Map(leaves.map(({ key, element, value }) => [element ?? key, value]));

const shownSetting = (key: string, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((one) => shownSetting(key, one));
  return typeof value === 'string' ? shownValue(key, value) : value;
};
