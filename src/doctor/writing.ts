import { LaunchError } from '../domain/failure.js';
import { type Lacking, lackingText } from '../domain/written.js';
import { lookAtWriting, mendingOf, refusal } from '../home/writing.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import { NO_ARGUMENTS } from './patient.js';

const UNWRITABLE = kind(
  'unwritable-files',
  'A server writes its own configuration, databases and logs, by the rights of whoever starts it.',
);

export const writing: Check<'unwritable-files'> = {
  about: 'whether the home can be written',
  look: ({ inspection, system }) => {
    // The files that a server writes depend on the configuration, whose own check tells of the failure.
    if (inspection instanceof LaunchError) return [];
    const { refused, lacking } = lookAtWriting(inspection, { script: NO_ARGUMENTS, followsOffset: false }, system);
    return judgeWriting({
      home: inspection.home,
      refused: refusal(refused, inspection, system),
      lacking,
      mend: mendingOf(lacking, inspection, system),
    });
  },
};

export interface Writing {
  readonly home: string;
  /** The reason why a launch would be refused; undefined where it would not. */
  readonly refused: LaunchError | undefined;
  readonly lacking: readonly Lacking[];
  /** How `lacking` could be written. */
  readonly mend: string;
}

export function judgeWriting({ home, refused, lacking, mend }: Writing): Finding<'unwritable-files'>[] {
  const troubles = [
    ...(refused ? [UNWRITABLE.failed(refused)] : []),
    ...(lacking.length > 0 ? [UNWRITABLE.warning(lackingText(home, lacking), mend)] : []),
  ];
  return troubles.length > 0 ? troubles : [UNWRITABLE.fine('This user may write all that the server does.')];
}
