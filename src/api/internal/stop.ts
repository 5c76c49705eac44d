import { LaunchError } from '../../domain/failure.js';
import { stopInstance } from '../../instance/client.js';
import type { ForeignServer } from '../../instance/foreign.js';
import { findRunning, type Instance, isRunning, listInstances } from '../../instance/list.js';

/** What a stop is meant for. */
export type StopTargets =
  | { readonly kind: 'instances'; readonly instances: readonly Instance[] }
  /** Nothing was named, and that can be any of these; none where nothing runs. */
  | { readonly kind: 'unclear'; readonly names: readonly string[] }
  /** A pid was named, of a server that is none of ours. */
  | { readonly kind: 'foreign'; readonly server: ForeignServer };

/** @throws LaunchError `unknown-instance`, `not-running` */
export async function findStopTargets(names: readonly string[], isAll: boolean): Promise<StopTargets> {
  if (names.length > 0) return findNamed([...new Set(names)]);
  const running = (await listInstances()).filter(isRunning);
  if (isAll || running.length === 1) return { kind: 'instances', instances: running };
  return { kind: 'unclear', names: running.map(({ name }) => name) };
}

async function findNamed(names: readonly string[]): Promise<StopTargets> {
  const found = await Promise.all(names.map(async (name) => (await findForeign(name)) ?? findRunning(name)));
  const server = found.find((one): one is ForeignServer => !('name' in one));
  if (server) return { kind: 'foreign', server };
  // Two words may mean one: its name, and an alias.
  const byName = new Map((found as Instance[]).map((instance) => [instance.name, instance]));
  return { kind: 'instances', instances: [...byName.values()] };
}

/** The search for foreign servers is loaded only when it is wanted. */
async function findForeign(word: string): Promise<ForeignServer | undefined> {
  if (!/^\d+$/.test(word)) return undefined;
  const { listForeign } = await import('../../instance/foreign.js');
  return listForeign(await listInstances()).find(({ pid }) => String(pid) === word);
}

export interface StopOutcome {
  readonly stopped: readonly Instance[];
  /** The worst of what went wrong; undefined where all were stopped. */
  readonly error: unknown;
}

/**
 * Stops instances, all at once; one that can't be stopped keeps none of the others.
 * @param insisted fires when nobody wants to wait for a graceful stop
 */
export async function stopInstances(instances: readonly Instance[], insisted: AbortSignal): Promise<StopOutcome> {
  const results = await Promise.allSettled(instances.map((instance) => stopInstance(instance, insisted)));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  return { stopped: instances.filter((_, index) => results[index]?.status === 'fulfilled'), error: worstOf(failures) };
}

/** A stop that left something behind outranks every other. */
const worstOf = (failures: readonly unknown[]): unknown =>
  failures.find((error) => error instanceof LaunchError && error.failure.kind === 'survived-stop') ?? failures[0];
