import {
  instanceDocument,
  instancesDocument,
  isRunning,
  lookAtInstance,
  lookAtInstances,
  lostLinesOf,
} from '../../api/internal/instances.js';
import { LaunchError } from '../../domain/failure.js';
import type { Context } from '../main.js';
import { instancesTable } from '../render-instances.js';
import type { View } from '../view.js';

export async function runPs({ options }: Context): Promise<View> {
  const look = await lookAtInstances(options.isOn('all'));
  return {
    data: { instances: instancesDocument(look) },
    text: () => instancesTable(look, Date.now()),
    warnings: lostLinesOf(look.instances),
  };
}

export async function runStatus({ words }: Context): Promise<View> {
  const seen = await lookAtInstance(nameIn(words, 'status'));
  return {
    data: instanceDocument(seen),
    text: () => instancesTable({ instances: [seen], foreign: [] }, Date.now()),
    code: codeOf(seen.instance),
    warnings: lostLinesOf([seen]),
  };
}

function codeOf(instance: Parameters<typeof isRunning>[0]): number {
  if (!isRunning(instance)) return 10;
  return instance.status === 'ready' ? 0 : 6;
}

/** @throws LaunchError `usage` where there is none */
export function nameIn(words: readonly string[], verb: string): string {
  if (words[0] !== undefined) return words[0];
  throw new LaunchError({
    kind: 'usage',
    what: `${verb} lacks the name of an instance.`,
    hint: 'wso2-launch ps lists them.',
  });
}
