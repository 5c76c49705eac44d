import type { DoctorReport } from '../api/types.js';
import { inWords, Words } from '../domain/words.js';
import type { Terminal } from './terminal.js';

type ReportedFinding = DoctorReport['findings'][number];
type DiagnosisLook = Pick<Terminal, 'isVerbose' | 'colors'>;

const LEVELS = ['error', 'warning', 'ok'] as const satisfies readonly ReportedFinding['level'][];

/** A block for each finding, errors first, then the count of errors and warnings; `ok` is shown with --verbose only. */
export function diagnosisText({ findings }: Pick<DoctorReport, 'findings'>, look: DiagnosisLook): Words {
  const shown = LEVELS.flatMap((level) =>
    level === 'ok' && !look.isVerbose ? [] : findings.filter((finding) => finding.level === level),
  );
  return Words.join([...shown.map((finding) => block(finding, look)), inWords`${summary(findings)}\n`], '\n\n');
}

function block({ id, level, what, why, mend }: ReportedFinding, { colors }: DiagnosisLook): Words {
  const colour = { error: colors.red, warning: colors.yellow, ok: colors.green }[level];
  const lines = [
    inWords`${colour(level)}  ${colors.bold(id)}`,
    inWords`  ${what}`,
    ...(level === 'ok' ? [] : [inWords`  ${colors.dim(why)}`]),
    ...(mend === null ? [] : [inWords`  ${colors.cyan('➜')} ${mend}`]),
  ];
  return Words.join(lines, '\n');
}

function summary(findings: readonly ReportedFinding[]): string {
  const counted = (['error', 'warning'] as const).flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [`${count} ${level}${count === 1 ? '' : 's'}`];
  });
  return counted.length === 0 ? 'Nothing to mend.' : counted.join(', ');
}
