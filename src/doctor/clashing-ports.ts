import { clashWarnings } from '../domain/port-warnings.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import type { PatientAtOffset } from './patient.js';

const CLASHING_PORTS = kind('clashing-ports', 'The server starts all the same, and says so.');

export const clashingPorts: Check<'clashing-ports', PatientAtOffset> = {
  about: 'listeners on one port',
  look: ({ inspection, offset }) => judgeClashes(clashWarnings(inspection.ports, offset)),
};

export const judgeClashes = (warnings: readonly string[]): Finding<'clashing-ports'>[] =>
  CLASHING_PORTS.each(
    warnings,
    'No two listeners want the same port.',
    'Give one of them another port; where only one of them moves, another offset parts them.',
  );
