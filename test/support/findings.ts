import type { FindingId } from '../../src/doctor/doctor.js';
import type { Finding } from '../../src/doctor/finding.js';

/** `error jdk: what → mend`, `ok jdk`. */
export const inWords = ({ level, id, what, mend }: Finding): string =>
  level === 'ok' ? `ok ${id}` : `${level} ${id}: ${what} → ${mend}`;

/** `error jdk` for each finding that is more than `ok`. */
export const troubles = (findings: readonly Finding[]): string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, id }) => `${level} ${id}`);

/** The first finding of a kind. */
export const one = (findings: readonly Finding[], id: FindingId): Finding =>
  findings.find((found) => found.id === id) as Finding;
