import type { LoggingFact } from '../domain/facts.js';
import type { LogRoute } from '../domain/log-route.js';
import { routeOfReadyLine } from '../server/ready-line.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import { NO_ARGUMENTS } from './patient.js';

const READY_LINE = kind(
  'ready-line',
  'By that line a launch hears that the server has started; without it, it goes by ports and waits longer.',
);

export const readyLine: Check<'ready-line'> = {
  about: 'the logging configuration',
  look: ({ located, system }) => {
    const { logging } = located.facts;
    if (!logging) return [];
    return [judgeReadyLine(routeOfReadyLine(located, { script: NO_ARGUMENTS }, system), logging)];
  },
};

/** @param route where the line goes by which the server says that it has started */
export function judgeReadyLine(route: LogRoute, { configFile, readyLogger }: LoggingFact): Finding<'ready-line'> {
  switch (route.kind) {
    case 'console':
      return READY_LINE.fine('The server says on its console that it has started.');
    case 'file':
      return READY_LINE.fine(`The server says in ${route.path} that it has started.`);
    case 'nowhere':
      return READY_LINE.warning(
        `${configFile} keeps the line that the server has started from console and log file.`,
        `Let INFO of ${readyLogger} through to the console there.`,
      );
  }
}
