import { LaunchError } from '../domain/failure.js';
import { findScript } from '../home/toolchain.js';
import { attempt } from './attempt.js';
import type { Check } from './check.js';
import { kind } from './finding.js';

const START_SCRIPT = kind('start-script', "A launch runs the product's own start script.");

export const startScript: Check<'start-script'> = {
  about: 'the start script',
  look: ({ located, system }) => {
    const script = attempt(() => findScript(located, system));
    return [script instanceof LaunchError ? START_SCRIPT.failed(script) : START_SCRIPT.fine(`${script} can be run.`)];
  },
};
