import type { ConfigurationChange } from './configuration-change.js';
import { LaunchError } from './failure.js';
import { openToml, readToml } from './toml.js';

/**
 * A change as a text of TOML. @param change whose value is as TOML has it; what is none is a string
 * @throws LaunchError `usage` for a key or a value that is none, `unusable-configuration` for a text
 */
export function tomlOf({ by, key, text }: ConfigurationChange): string {
  const toml = key === undefined ? text : pairOf(key, text, by);
  readToml(toml, by);
  return toml;
}

function pairOf(key: string, value: string, by: string): string {
  if (!isOnePair(`${key} = 0`))
    throw usage(`${by} takes a dotted key of TOML, such as server.hostname, not ${JSON.stringify(key)}.`);
  const text = settingText(key, value);
  // Who begins a string, a list or a table means one.
  if (/^\s*["'[{]/.test(value) && text !== `${key} = ${value}`)
    throw usage(
      `${by} gives ${key} a value that is no TOML: ${/^\s*["']/.test(value) ? 'its quotes' : 'its brackets'} don't fit.`,
    );
  return text;
}

/** The text that sets one key. @param value as TOML has it; what is none is a string */
export function settingText(key: string, value: string): string {
  const pair = `${key} = ${value}`;
  return isOnePair(pair) ? pair : `${key} = ${JSON.stringify(value)}`;
}

/** Whether a text sets one key, and nothing else. */
export function isOnePair(text: string): boolean {
  try {
    readToml(text, '');
    const { top, sections } = openToml(text, '').syntax;
    return top.length === 1 && sections.length === 0;
  } catch {
    return false;
  }
}

const usage = (what: string): LaunchError =>
  new LaunchError({
    kind: 'usage',
    what,
    hint: 'Give it as deployment.toml would have it: server.hostname=\'"a b"\'.',
  });
