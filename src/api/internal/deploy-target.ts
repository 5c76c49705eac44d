import { join } from 'node:path';
import { bundleListOf, deployersWith, lackingFrom, serverFactsIn } from '../../domain/deployer.js';
import type { DeploymentAction } from '../../domain/deployment.js';
import type { DeploymentFacts } from '../../domain/facts.js';
import { LaunchError } from '../../domain/failure.js';
import { readIfPossible } from '../../home/config-files.js';
import type { DeployingServer } from '../../home/deployables.js';
import { findInstance, findOnlyRunning, type Instance, instanceNamed, listInstances } from '../../instance/list.js';
import type { System } from '../../system/index.js';

/** An instance, and files as they were given. */
export interface DeployTarget {
  readonly instance: Instance;
  readonly given: readonly string[];
}

/**
 * What words mean: an instance, which may have ended, and files; without an instance the only one that runs.
 * @throws LaunchError `usage`, `unknown-instance`, `none-running`, `several-running`
 */
export async function deployTarget(
  words: readonly string[],
  action: DeploymentAction,
  system: System,
): Promise<DeployTarget> {
  const [first, ...others] = words;
  const named = first === undefined ? undefined : instanceNamed(await listInstances(system), first);
  const isFile = first !== undefined && !named && /[\\/]|\.(?:car|war|aar|dbs|xml)$/.test(first);
  if (first !== undefined && !named && !isFile) await findInstance(first, system); // which throws
  const given = isFile ? words : others;
  if (given.length === 0)
    throw new LaunchError({
      kind: 'usage',
      what: `It has to be said which files to ${action}.`,
      hint: 'Name the instance first, then files: .car, .war, .aar, .dbs or .xml.',
    });
  return { instance: named ?? (await findOnlyRunning(system)), given };
}

/** The server of an instance, with what it deploys. @throws LaunchError `unusable-home` */
export function deployingServer(
  { name, product, home, runtimeHome = home }: Instance,
  system: System,
): DeployingServer {
  const facts = serverFactsIn(product, runtimeHome);
  const { title, deployment } = facts;
  if (!system.files.isFolder(home))
    throw new LaunchError({
      kind: 'unusable-home',
      what: `${home}, the home of ${name}, is not there.`,
      hint: 'It may have been moved, or be that of a container: deploy where it is seen.',
    });
  const bundleList = readIfPossible(join(home, bundleListOf(facts)), system);
  const deployers = deployment ? deployersWith(bundleList, deployment) : [];
  return {
    title,
    home,
    deployers,
    lacking: deployment ? lackingFrom(deployers, deployment) : [],
    isSuspended: deployment ? isSuspended(home, deployment, system) : false,
  };
}

/** Whether the configuration that a server runs with keeps it from looking for files. */
function isSuspended(home: string, { suspendedBy }: DeploymentFacts, system: System): boolean {
  const text = suspendedBy && readIfPossible(join(home, suspendedBy.file), system);
  return text !== undefined && suspendedBy?.pattern.test(text) === true;
}
