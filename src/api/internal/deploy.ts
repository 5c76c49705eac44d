import { basename, dirname, join } from 'node:path';
import { batchesOf } from '../../domain/deployment.js';
import { LaunchError } from '../../domain/failure.js';
import { type Deployable, examineDeployable, findDeployed } from '../../home/deployables.js';
import { isRunning } from '../../instance/list.js';
import { nodeSystem, type System } from '../../system/index.js';
import { deployingServer, deployTarget } from './deploy-target.js';
import { type ArtifactEnd, Deployment, type DeploymentRequest } from './deployment.js';

export interface DeployRequest extends DeploymentRequest {
  /** An instance's name, unless the only one that runs is meant, and files. */
  readonly words: readonly string[];
}

export interface DeployReport {
  readonly name: string;
  readonly artifacts: readonly ArtifactEnd[];
  readonly warnings: readonly string[];
}

/**
 * Deploys files in an instance's home, or takes away what they have deployed, and waits for the server's word about each.
 * @throws LaunchError `usage` before anything is changed; `artifact-faulty`, `word-timed-out`, `word-cut-off`
 */
export async function deploy(request: DeployRequest, system: System = nodeSystem): Promise<DeployReport> {
  const { action } = request;
  const { instance, given } = await deployTarget(request.words, action, system);
  const server = deployingServer(instance, system);
  const find = action === 'deploy' ? examineDeployable : findDeployed;
  const files = given.map((one) => find(one, server, system));
  checkDistinct(files);
  const isLive = isRunning(instance);
  if (isLive && !system.files.isFile(instance.logFile))
    throw new LaunchError({ kind: 'unusable-log', name: instance.name, file: instance.logFile });
  const isAwaited = ({ deployer }: Deployable): boolean =>
    isLive && !server.isSuspended && deployer.words !== undefined;
  const deployment = new Deployment(instance, request, system);
  const isAlone = ({ target, deployer }: Deployable): boolean =>
    isLive && deployer.isRemovedAlone === true && (action === 'undeploy' || system.files.isFile(target));
  for (const batch of batchesOf(files, isAlone)) await deployment.run(batch, isAwaited);
  deployment.check();
  const warnings = isLive || action === 'deploy' ? [] : files.flatMap((file) => leftoverOf(file, system));
  return { name: instance.name, artifacts: deployment.ends, warnings };
}

/** The server would take one for the other. @throws LaunchError `usage` */
function checkDistinct(files: readonly Deployable[]): void {
  for (const [index, { file, names, deployer }] of files.entries()) {
    const others = files.slice(0, index);
    if (others.some((other) => other.file === file))
      throw new LaunchError({
        kind: 'usage',
        what: `${file} is given twice.`,
        hint: 'A server tells artifacts apart by the names of their files: give each another one.',
      });
    const twin = others.find(
      (other) => other.deployer === deployer && other.names.some((name) => names.includes(name)),
    );
    if (twin)
      throw new LaunchError({
        kind: 'usage',
        what: `${twin.file} and ${file} both hold ${names.filter((name) => twin.names.includes(name)).join(', ')}.`,
        hint: 'A server takes one of them at most: leave the other out.',
      });
  }
}

/** A webapp is unpacked beside its file, and deployed from there as well: a server that runs removes that itself. */
function leftoverOf({ target, deployer: { ending } }: Deployable, system: System): string[] {
  const unpacked = join(dirname(target), basename(target, ending));
  return ending === '.war' && system.files.isFolder(unpacked)
    ? [`${unpacked}, which was unpacked from it, is still there: the server would deploy that at its next start.`]
    : [];
}
