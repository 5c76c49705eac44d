import { type Pair, parseLines } from 'dot-properties';
import { type MaskedConfiguration, SettingMask } from './setting.js';

/** A text of Java properties without its secrets and its comments. */
export function maskedProperties(text: string): MaskedConfiguration {
  const mask = new SettingMask();
  const lines = parseLines(text, true).map((line) => {
    if (line.type !== 'PAIR') return '';
    const { key, value } = line as unknown as Pair;
    return `${oneLine(key)}=${oneLine(mask.shown([key], value))}`;
  });
  return { text: `${lines.join('\n')}\n`, secrets: mask.secrets };
}

const oneLine = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
