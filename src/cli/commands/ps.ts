import {
  forgetEnded,
  instancesDocument,
  isRunning,
  lookAtInstance,
  lookAtInstances,
  lostLinesOf,
  type SeenInstance,
  statusDocument,
} from '../../api/internal/instances.js';
import { LaunchError } from '../../domain/failure.js';
import { inWords, Words } from '../../domain/words.js';
import type { Context } from '../main.js';
import type { Options } from '../options.js';
import { bootText } from '../progress.js';
import { instancesTable } from '../render-instances.js';
import type { View } from '../view.js';

export async function runPs({ options, terminal }: Context): Promise<View> {
  const pruned = await prune(options);
  const look = await lookAtInstances(options.isOn('all'));
  if (pruned && !terminal.isQuiet) {
    terminal.say(inWords`wso2-launch: forgotten: ${pruned.length > 0 ? pruned.join(', ') : 'none has ended'}`);
  }
  return {
    data: { instances: instancesDocument(look), ...(pruned && { pruned }) },
    text: () => instancesTable(look, Date.now()),
    warnings: lostLinesOf(look.instances),
  };
}

/** The names that were forgotten; undefined where that was not asked for. @throws LaunchError */
async function prune(options: Options): Promise<string[] | undefined> {
  const isAsked = options.isOn('prune');
  for (const [name, other, isOther] of [
    ['prune', 'all', options.isOn('all')],
    ['keep-logs', 'prune', isAsked],
  ] as const) {
    if (options.isOn(name) && !isOther)
      throw new LaunchError({ kind: 'usage', what: `--${name} goes with --${other}.` });
  }
  return isAsked ? forgetEnded(options.isOn('keep-logs')) : undefined;
}

export async function runStatus({ words }: Context): Promise<View> {
  const seen = await lookAtInstance(words[0]);
  return {
    data: statusDocument(seen),
    text: () => statusText(seen),
    code: codeOf(seen.instance),
    warnings: lostLinesOf([seen]),
  };
}

function statusText(seen: SeenInstance): Words {
  const { bootReport } = seen.instance;
  const table = instancesTable({ instances: [seen], foreign: [] }, Date.now());
  return bootReport ? Words.join([table, bootText(bootReport)]) : table;
}

function codeOf(instance: Parameters<typeof isRunning>[0]): number {
  if (!isRunning(instance)) return 10;
  return instance.status === 'ready' ? 0 : 6;
}
