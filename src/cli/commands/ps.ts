import { dirname } from 'node:path';
import { usageOf, usageOfProcess } from '../../api/instances.js';
import { LaunchError } from '../../domain/failure.js';
import { findInstance, type Instance, isRunning, listInstances } from '../../instance/list.js';
import { lostLinesText } from '../../server/rotate.js';
import { nodeSystem } from '../../system/index.js';
import type { Context } from '../main.js';
import { type ForeignRow, instancesDocument, instancesTable, singleDocument } from '../render-instances.js';
import type { Reporter } from '../report.js';

export async function runPs({ options, output, reporter }: Context): Promise<number> {
  const all = await listInstances();
  const shown = options.isOn('all') ? all : all.filter(isRunning);
  const rows = shown.map((instance) => ({ instance, usage: usageOf(instance) }));
  const foreign = options.isOn('all') ? await rowsOfForeign(all) : [];
  const text = options.isOn('json') ? instancesDocument(rows, foreign) : instancesTable(rows, Date.now(), foreign);
  await output.write(text);
  warnOfFullDisks(shown, reporter);
  return 0;
}

/** Warns in the place of supervisors in the background, which nobody hears. */
function warnOfFullDisks(instances: readonly Instance[], { warn }: Pick<Reporter, 'warn'>): void {
  const files = instances.filter(isRunning).map(({ logFile }) => logFile);
  // All logs of a state folder lie in one folder.
  const isFull = files[0] !== undefined && nodeSystem.machine.freeSpace(dirname(files[0])) === 0;
  if (isFull) for (const file of files) warn(lostLinesText(file));
}

/** The search for foreign servers is loaded only when it is wanted: it reads homes, with all that this takes. */
async function rowsOfForeign(instances: readonly Instance[]): Promise<ForeignRow[]> {
  const { listForeign } = await import('../../instance/foreign.js');
  return listForeign(instances).map((server) => ({ server, usage: usageOfProcess(server.pid) }));
}

export async function runStatus({ options, words, output, reporter }: Context): Promise<number> {
  const instance = await findInstance(nameIn(words, 'status'));
  const row = { instance, usage: usageOf(instance) };
  await output.write(options.isOn('json') ? singleDocument(row) : instancesTable([row], Date.now()));
  warnOfFullDisks([instance], reporter);
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
