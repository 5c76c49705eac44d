import { clientPortWarnings } from '../domain/port-warnings.js';
import { mention, mentioning } from '../domain/text.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import { launchOf, type Subject, subjectOf } from './launch-command.js';
import type { PatientAtOffset } from './patient.js';

const EPHEMERAL_PORTS = kind('ephemeral-ports', 'Then the server lacks that listener, at one start in many.');

export const ephemeralPorts: Check<'ephemeral-ports', PatientAtOffset> = {
  about: 'the ports of outgoing connections',
  look: (patient) => {
    const { inspection, offset, system } = patient;
    const warnings = clientPortWarnings(inspection.ports, offset, system.sockets.clientPorts());
    return judgeClientPorts(warnings, subjectOf(patient));
  },
};

export const judgeClientPorts = (warnings: readonly string[], subject: Subject): Finding<'ephemeral-ports'>[] =>
  EPHEMERAL_PORTS.each(
    warnings,
    'No port lies where this system takes those of outgoing connections from.',
    mentioning`${launchOf(subject, mention.option('autoOffset'), mention.option('minOffset', 0))}`,
  );
