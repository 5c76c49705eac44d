import { deploy } from '../../api/internal/deploy.js';
import type { ArtifactEnd, UnheardReason } from '../../api/internal/deployment.js';
import { formatDuration, parseDurationMs } from '../../domain/numbers.js';
import { inWords, type Words } from '../../domain/words.js';
import type { Context } from '../main.js';
import { readDuration, WORD_TIMEOUT } from '../options.js';
import type { View } from '../view.js';

export async function runDeploy({ options, words, terminal }: Context): Promise<View> {
  const { signal } = new AbortController();
  const { name, artifacts, warnings } = await deploy({
    words,
    action: options.isOn('undeploy') ? 'undeploy' : 'deploy',
    timeoutMs: readDuration(options, 'timeout') ?? (parseDurationMs(WORD_TIMEOUT) as number),
    signal,
    tell: (end) => {
      if (!terminal.isQuiet) terminal.say(endText(end));
    },
  });
  return { data: { name, artifacts }, text: () => inWords``, warnings };
}

function endText({ file, path, outcome, reason, replaced, durationMs }: ArtifactEnd): Words {
  if (reason !== null) return inWords`wso2-launch: ${file} ${outcome} (${path}); ${REASONS[reason]}`;
  const inPlaceOf = replaced ? ' in the place of the one before' : '';
  return inWords`wso2-launch: ${file} ${outcome}${inPlaceOf}, ${formatDuration(durationMs ?? 0)}`;
}

const REASONS: Readonly<Record<UnheardReason, string>> = {
  'not-running': 'the instance does not run, and looks there when it starts',
  'read-at-start': 'the server looks there only when it starts',
  unsaid: 'the server says nothing of that, and has not complained',
};
