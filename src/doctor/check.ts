import { type Finding, unchecked } from './finding.js';
import type { Patient } from './patient.js';

export type Findings<Id extends string> = readonly Finding<Id | 'unchecked'>[];

/** One look at the patient. `Id`: the findings that it may end with; `P`: what it needs to know. */
export interface Check<Id extends string, P extends Patient = Patient> {
  /** Its subject, for a report where the check can't be made. */
  readonly about: string;
  look(patient: P): Findings<Id> | Promise<Findings<Id>>;
}

/** Makes one check after the other; a check that fails keeps no other from being made. */
export async function examine<Id extends string, P extends Patient>(
  checks: readonly Check<Id, P>[],
  patient: P,
): Promise<Findings<Id>> {
  const findings: Finding<Id | 'unchecked'>[] = [];
  for (const { about, look } of checks) {
    try {
      findings.push(...(await look(patient)));
    } catch (error) {
      findings.push(unchecked(about, (error as Error).message));
    }
  }
  return findings;
}
