import { resolve } from 'node:path';
import { type ConfigurationChange, keyParts } from '../../domain/configuration-change.js';
import { LaunchError } from '../../domain/failure.js';
import { nodeSystem, type System } from '../../system/index.js';

/** One key that is set, and the option that says so. */
export interface GivenSetting {
  readonly key: string;
  /** As the home's configuration would have it; what is none is a string. */
  readonly value: string;
  readonly by: string;
}

/**
 * What is laid over a configuration: files in their order, then single keys.
 * @throws LaunchError `usage`
 */
export const changesOf = (
  paths: readonly string[],
  settings: readonly GivenSetting[],
  system: Pick<System, 'files' | 'currentFolder'> = nodeSystem,
): readonly ConfigurationChange[] => [...paths.map((path) => changeIn(path, system)), ...settings.map(changeBy)];

function changeIn(
  given: string,
  { files, currentFolder }: Pick<System, 'files' | 'currentFolder'>,
): ConfigurationChange {
  const path = resolve(currentFolder() ?? '/', given);
  const text = readText(path, files);
  if (text === undefined) throw usage(`There is no file ${path}.`);
  return { by: path, text };
}

function readText(path: string, files: System['files']): string | undefined {
  try {
    return files.readUtf8(path);
  } catch (error) {
    const { name, message } = error as Error;
    throw usage(`${path} can't be read: ${name === 'TypeError' ? 'it is not UTF-8' : message}.`);
  }
}

function changeBy({ key, value, by }: GivenSetting): ConfigurationChange {
  if (keyParts(key)) return { by, key, text: value };
  throw usage(`${by} takes a dotted key, such as server.hostname, not ${JSON.stringify(key)}.`);
}

const usage = (what: string): LaunchError => new LaunchError({ kind: 'usage', what });
