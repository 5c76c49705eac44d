import { LaunchError } from '../domain/failure.js';
import { type OffsetChoice, offsetRange } from '../domain/offsets.js';
import { effectivePorts } from '../domain/ports.js';
import { attempt } from './attempt.js';
import type { Findings } from './check.js';
import { kind, unchecked, withoutConfiguration } from './finding.js';
import type { Patient, PatientAtOffset } from './patient.js';

const OFFSET = kind('offset', 'Each port is its base plus the offset, and ports end at 65535.');

/** The verdict on the offset. */
export interface Placement {
  readonly findings: Findings<'offset'>;
  /** Undefined where there are no ports to look at. */
  readonly placed?: PatientAtOffset;
}

/**
 * Places the patient at the offset that is asked for, or at that of its configuration.
 * @param about the subjects of all checks that need an offset, for a report where there is none
 */
export function placeAtOffset(patient: Patient, about: string): Placement {
  const { inspection, request } = patient;
  if (inspection instanceof LaunchError) return { findings: [withoutConfiguration(about)] };
  // The check of the properties tells of an offset that no argument changes.
  const { beatsArguments: _, ...configured } = inspection.configured;
  const choice: OffsetChoice = request.offset ? { kind: 'fixed', offset: request.offset } : { kind: 'configured' };
  const range = attempt(() => offsetRange(choice, configured, inspection.ports));
  if (range instanceof LaunchError) {
    return { findings: [OFFSET.failed(range), unchecked(about, 'There is no such offset', 'Choose another offset.')] };
  }
  const offset = range.min;
  return {
    findings: [OFFSET.fine(`The ports allow offset ${offset}.`)],
    placed: { ...patient, inspection, offset, ports: effectivePorts(inspection.ports, offset) },
  };
}
