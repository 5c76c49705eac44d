import { versionWords } from '../domain/product.js';
import { mention, mentioning } from '../domain/text.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';

const VERSION = kind('version', 'Ports and scripts differ between versions: what is known of another one may not fit.');

export const version: Check<'version'> = {
  about: 'the version',
  look: ({ located }) => judgeVersion(`${located.facts.title}${versionWords(located)}`, located.warnings),
};

export const judgeVersion = (product: string, warnings: readonly string[]): Finding<'version'>[] =>
  VERSION.each(
    warnings,
    `${product} is known.`,
    mentioning`Compare the ports with those of ${mention.command('ports')}.`,
  );
