import {
  instanceDocument,
  instancesDocument,
  isRunning,
  lookAtInstance,
  lookAtInstances,
  lostLinesOf,
} from '../../api/internal/instances.js';
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
  const seen = await lookAtInstance(words[0]);
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
