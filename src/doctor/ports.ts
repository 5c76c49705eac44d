import { fixedHint, listTaken, type PortHolder, type PortName, type TakenPort } from '../domain/failure.js';
import { brokerWarnings } from '../domain/message-broker.js';
import { settledPorts } from '../domain/ports.js';
import { mention, mentioning } from '../domain/text.js';
import { lookAtPorts } from '../ports/report.js';
import { findFreeOffset } from '../ports/reserve.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import { launchOf, type Subject, subjectOf } from './launch-command.js';
import { ownLeases, type PatientAtOffset } from './patient.js';

const TAKEN = kind(
  'ports-taken',
  'A launch would be refused. A server started by hand ends, or says that it has started and lacks these listeners.',
);
const BROKER = kind('message-broker', 'Other ports that are taken leave the server running; this one ends it.');

export const ports: Check<'ports-taken' | 'message-broker', PatientAtOffset> = {
  about: 'the ports',
  look: async (patient) => {
    const { inspection, offset, signal, system } = patient;
    const taken = await takenPorts(patient);
    const found = {
      offset,
      taken,
      fixed: taken.filter(({ shifted }) => !shifted),
      free: taken.length === 0 ? offset : await findFreeOffset(inspection, signal, system),
      unbeatable: inspection.configured.beatsArguments && inspection.configured.source,
    };
    const subject = subjectOf(patient);
    return [judgePorts(found, subject), ...judgeBroker(brokerWarnings(taken), subject)];
  },
};

/** The ports that others hold; a running home's own ports are not in its way. */
async function takenPorts(patient: PatientAtOffset) {
  const { located, offset, system } = patient;
  const { id: product, version, home } = located;
  const { ports } = await lookAtPorts({ product, version, home, offset, ports: patient.ports }, system);
  return settledPorts(ports).filter(({ state, by }) => state !== 'free' && !isOfHome(by, patient));
}

function isOfHome(by: PortHolder | null, patient: PatientAtOffset): boolean {
  const { realPath } = patient.system.files;
  // Another runtime of the same home is in the way of the patient's own.
  if (by?.home !== undefined)
    return patient.server !== undefined && realPath(by.home) === realPath(patient.located.home);
  return by?.instance !== undefined && ownLeases(patient).some(({ name }) => name === by.instance);
}

export interface PortsFound {
  readonly offset: number;
  readonly taken: readonly TakenPort[];
  /** The taken ports that no offset moves. */
  readonly fixed: readonly PortName[];
  /** The smallest offset that would do; undefined where none does. */
  readonly free: number | undefined;
  /** The file and line of an offset that no argument changes. */
  readonly unbeatable: string | undefined;
}

export function judgePorts(
  { offset, taken, fixed, free, unbeatable }: PortsFound,
  subject: Subject,
): Finding<'ports-taken'> {
  if (taken.length === 0) return TAKEN.fine(`Nobody else has a port of offset ${offset}.`);
  const what = `At offset ${offset} not every port is free: ${listTaken(taken)}.`;
  if (free === undefined)
    return TAKEN.error(what, fixedHint(fixed, 'Stop what holds these ports: no other offset is free either.'));
  const how =
    unbeatable === undefined ? launchOf(subject, mention.option('offset', free)) : `change portOffset in ${unbeatable}`;
  return TAKEN.error(what, mentioning`The smallest free offset is ${free}: ${how}`);
}

export const judgeBroker = (warnings: readonly string[], subject: Subject): Finding<'message-broker'>[] =>
  BROKER.each(
    warnings,
    'No message broker is in the way.',
    mentioning`Stop the broker, or move the server: ${launchOf(subject, mention.option('autoOffset'))}`,
  );
