import { usualStateFolder } from '../../api/internal/instances.js';
import { LaunchError } from '../../domain/failure.js';
import { inWords, Words } from '../../domain/words.js';
import { completionScript, SHELLS } from '../completion.js';
import type { Context } from '../main.js';
import type { View } from '../view.js';

export async function runCompletion({ words }: Context): Promise<View> {
  const shell = SHELLS.find((one) => one === words[0]);
  if (!shell) {
    throw new LaunchError({
      kind: 'usage',
      what:
        words[0] === undefined
          ? `completion lacks the shell: one of ${SHELLS.join(', ')}.`
          : `completion knows no shell ${JSON.stringify(words[0])}: it is one of ${SHELLS.join(', ')}.`,
    });
  }
  const script = completionScript(shell, usualStateFolder());
  const lines = script.split('\n').slice(0, -1);
  return { data: { shell, script }, text: () => Words.join(lines.map((line) => inWords`${line}\n`)) };
}
