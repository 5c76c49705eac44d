import { waitFor } from '../../api/internal/wait.js';
import { LaunchError } from '../../domain/failure.js';
import { WAITED_FOR, type WaitedFor } from '../../domain/waited-for.js';
import { inWords } from '../../domain/words.js';
import type { Context } from '../main.js';
import { type Options, readDuration } from '../options.js';
import type { View } from '../view.js';

export async function runWait({ options, words, terminal }: Context): Promise<View> {
  const wanted = readWanted(options);
  const timeoutMs = readDuration(options, 'timeout');
  const startedMs = performance.now();
  const { signal } = new AbortController();
  const instance = await waitFor({ name: words[0], wanted, timeoutMs, signal });
  const name = instance?.name ?? words[0] ?? null;
  if (!terminal.isQuiet) {
    terminal.say(
      name === null ? inWords`wso2-launch: no instance is running` : inWords`wso2-launch: ${name} is ${wanted}`,
    );
  }
  return {
    data: { name, for: wanted, waitedMs: Math.round(performance.now() - startedMs) },
    text: () => inWords``,
  };
}

function readWanted(options: Options): WaitedFor {
  const given = options.value('for');
  const wanted = WAITED_FOR.find((one) => one === (given?.text ?? 'ready'));
  if (wanted) return wanted;
  throw new LaunchError({
    kind: 'usage',
    what: `${given?.by} is one of ${WAITED_FOR.join(', ')}, not ${JSON.stringify(given?.text)}.`,
  });
}
