import { LaunchError } from '../domain/failure.js';
import { checkRendered } from '../home/rendering.js';
import { attempt } from './attempt.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';

const CONFIGURATION = kind('configuration', 'The server reads it at each start.');
const HOME_PATH = kind('home-path', 'The start scripts of this product take the path for several words.');

export const configuration: Check<'configuration' | 'home-path'> = {
  about: 'the configuration',
  look: ({ inspection, located, system }) => {
    if (inspection instanceof LaunchError)
      return [(inspection.failure.kind === 'unusable-home' ? HOME_PATH : CONFIGURATION).failed(inspection)];
    const unrendered = attempt(() => checkRendered(inspection, system));
    if (unrendered) return [CONFIGURATION.failed(unrendered)];
    return judgeConfiguration(inspection.warnings.filter((text) => !located.warnings.includes(text)));
  },
};

export const judgeConfiguration = (warnings: readonly string[]): Finding<'configuration'>[] =>
  CONFIGURATION.each(warnings, 'The configuration can be read.', 'Mend it in the file that is named.');
