import { checkCommand, type Ran, runBeside } from '../../api/internal/beside.js';
import { factsOf, PRODUCT_IDS } from '../../domain/catalogue.js';
import { LaunchError } from '../../domain/failure.js';
import { formatDuration } from '../../domain/numbers.js';
import { inWords } from '../../domain/words.js';
import { listenForInterrupts } from '../../system/interrupts.js';
import type { Context } from '../main.js';
import { readLaunchRequest } from '../options.js';
import { readProduct } from '../product-word.js';
import type { View } from '../view.js';
import { planView, runInForeground } from './launch.js';

const RUN_IS_NO_PRODUCT =
  'wso2-launch run takes the product from the home, and exec is told it: wso2-launch exec apim --auto-offset -- npm test';

export async function runExec(context: Context): Promise<View | number> {
  const { words, rest, terminal } = context;
  // A server beside a command ends with that.
  const options = context.options.withoutVariable('once');
  if (words[0] === undefined) {
    throw new LaunchError({ kind: 'usage', what: `exec lacks its product: one of ${PRODUCT_IDS.join(', ')}.` });
  }
  const product = readProduct(words[0], words[0] === 'run' ? RUN_IS_NO_PRODUCT : undefined);
  const [command, ...args] = rest ?? [];
  if (command === undefined) {
    throw new LaunchError({
      kind: 'usage',
      what: 'exec lacks its command.',
      hint: `wso2-launch exec ${product} --auto-offset -- npm test`,
    });
  }
  const request = { ...readLaunchRequest(product, options, []), isDetached: false };
  const beside = { file: command, args, product, trustsServer: options.isOn('ca') };
  checkCommand(command);
  if (options.isOn('dry-run')) return planView(request, context);
  if (terminal.isTerminal && !terminal.isQuiet) {
    const patience = formatDuration(request.readyTimeoutMs);
    terminal.say(inWords`wso2-launch: launching ${factsOf(product).title} for ${command} (within ${patience})`);
  }
  if (options.isOn('reuse')) return (await import('./exec-reuse.js')).execShared(request, beside, context);
  const interrupts = listenForInterrupts();
  let ran: Ran | undefined;
  let hasRun = false;
  const code = await runInForeground(request, context, {
    showsOutput: false,
    interrupts,
    whileReady: async (ready, serverEnded, insisted) => {
      hasRun = true;
      ran = await runBeside(beside, ready, serverEnded, {
        asked: interrupts.asked,
        insisted,
        warn: context.reporter.warn,
      });
      return ran.code;
    },
  });
  // The launch has ended as somebody has asked; the command has not.
  if (code === 0 && !ran?.hasEndedByItself) {
    const { name } = context.reporter;
    throw new LaunchError({ kind: 'stopped-meanwhile', name, command: { name: command, hasRun } });
  }
  return code;
}
