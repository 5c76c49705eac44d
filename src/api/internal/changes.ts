import { resolve } from 'node:path';
import { LaunchError } from '../../domain/failure.js';
import { readToml } from '../../domain/toml.js';
import { type ConfigurationChange, isOnePair, settingText } from '../../domain/toml-merge.js';
import { nodeSystem, type System } from '../../system/index.js';

/** One key that is set, and the option that says so. */
export interface GivenSetting {
  readonly key: string;
  /** As TOML has it; what is none is a string. */
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
  readToml(text, path);
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
  if (!isOnePair(`${key} = 0`) || /[\r\n]/.test(key))
    throw usage(`${by} takes a dotted key of TOML, such as server.hostname, not ${JSON.stringify(key)}.`);
  const text = settingText(key, value);
  // Who begins a string, a list or a table means one.
  if (/^\s*["'[{]/.test(value) && text !== `${key} = ${value}`)
    throw usage(
      `${by} gives ${key} a value that is no TOML: ${/^\s*["']/.test(value) ? 'its quotes' : 'its brackets'} don't fit.`,
    );
  readToml(text, by);
  return { by, text };
}

const usage = (what: string): LaunchError =>
  new LaunchError({
    kind: 'usage',
    what,
    hint: 'Give it as deployment.toml would have it: server.hostname=\'"a b"\'.',
  });
