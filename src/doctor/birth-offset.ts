import { birthAdvice, birthText } from '../domain/birth.js';
import { type BirthLook, lookAtBirth } from '../launch/birth.js';
import { stateFolder } from '../state/folder.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import type { PatientAtOffset } from './patient.js';

const BIRTH_OFFSET = kind(
  'birth-offset',
  'What a server writes into its database at first has its ports in it, and is kept.',
);

export const birthOffset: Check<'birth-offset', PatientAtOffset> = {
  about: 'the offset of its database',
  look: ({ inspection, offset, system }) =>
    inspection.facts.birth ? judgeBirth(lookAtBirth(inspection, stateFolder(system), system), offset, inspection) : [],
};

export function judgeBirth(
  look: BirthLook,
  offset: number,
  server: Parameters<typeof birthText>[2],
): Finding<'birth-offset'>[] {
  if (look.kind !== 'known') return [];
  const { birth } = look;
  if (birth.offset === offset)
    return [BIRTH_OFFSET.fine(`Its database was first started at offset ${offset} as well.`)];
  return [BIRTH_OFFSET.warning(birthText(birth, offset, server), birthAdvice(birth))];
}
