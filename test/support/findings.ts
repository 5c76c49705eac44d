import { inCommandLine } from '../../src/cli/wording.js';
import type { FindingId } from '../../src/doctor/doctor.js';
import { type Finding, type WordedFinding, wordFinding } from '../../src/doctor/finding.js';

/** `error jdk: what → mend`, `ok jdk`. */
export function inWords(finding: Finding): string {
  const { level, id, what, mend } = wordFinding(finding, inCommandLine);
  return level === 'ok' ? `ok ${id}` : `${level} ${id}: ${what} → ${mend}`;
}

/** `error jdk` for each finding that is more than `ok`. */
export const troubles = (findings: readonly Finding[]): string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, id }) => `${level} ${id}`);

/** The first finding of a kind, in the words of the command line. */
export const one = (findings: readonly Finding[], id: FindingId): WordedFinding =>
  findings.map((finding) => wordFinding(finding, inCommandLine)).find((found) => found.id === id) as WordedFinding;
