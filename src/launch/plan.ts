import { type ChangedSetting, changedSettings, changedText } from '../domain/changed-settings.js';
import { buildCommand, type LaunchCommand, passOffset, passOverlay } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import { DEBUG_PORT } from '../domain/jvm.js';
import { offsetRange } from '../domain/offsets.js';
import { effectivePorts } from '../domain/ports.js';
import { mention, type Text } from '../domain/text.js';
import { pageAt } from '../domain/urls.js';
import { type InspectedHome, inspectHome } from '../home/inspect.js';
import { checkJvm, jvmVariables } from '../home/jvm-variables.js';
import { findScript, inspectJdk, inspectToolchain, type Toolchain } from '../home/toolchain.js';
import { leasesElsewhere } from '../instance/elsewhere.js';
import { type Choice, preview, type ReserveOptions } from '../ports/reserve.js';
import { overlayFile } from '../state/configuration-copy.js';
import { configurationFolder } from '../state/configuration-folder.js';
import { checkStateFolder, stateFolder } from '../state/folder.js';
import { checkGenerated } from '../state/generated-file.js';
import { nodeSystem, type System } from '../system/index.js';
import { newLeaseId } from '../system/leases.js';
import { lookAtBirth, withBirthWarning } from './birth.js';
import { checkFollowable, type follow, planFollowing } from './follow-offset.js';
import type { ForeseenHome } from './private-home.js';
import { type LaunchRequest, withVariables } from './request.js';

/** The plan of a launch, found by the same checks. */
export interface LaunchPlan {
  readonly inspection: InspectedHome;
  readonly choice: Choice;
  readonly command: LaunchCommand;
  /** The settings that are not those of the home's own configuration. */
  readonly changed: readonly ChangedSetting[];
  /** The lines that are not those of the home's own configuration, without secrets. */
  readonly diff: string;
  readonly warnings: readonly Text[];
  /** What its private home is made from. */
  readonly installation?: string;
}

/** All checks of a launch; nothing is started, no lease is left. @throws LaunchError */
export async function planLaunch(
  request: LaunchRequest,
  asked: AbortSignal,
  base: System = nodeSystem,
): Promise<LaunchPlan> {
  const system = withVariables(base, request);
  const own = await foresee(request, system);
  const { inspection, options } = inspectRequest(own?.request ?? request, system, {
    leaseId: newLeaseId(),
    ...(own && { name: own.name }),
  });
  const moved = own?.isMade ? movedTo(own.path, inspection) : undefined;
  const runtime = moved
    ? { script: findScript(inspection, system), ...(await inspectJdk(inspection, request, asked, system)) }
    : await inspectToolchain(inspection, request, asked, system);
  checkStateFolder(options.stateFolder, system);
  const previewed = await preview(moved ? { ...options, inspection: moved.inspection } : options, asked, system);
  const choice = withBirthWarning(options, previewed, system);
  const following = await planFollowing(followRequest(options, choice), system);
  const folder = folderFor(options, choice, system);
  if (isOverlaid(inspection, choice) || following.file !== undefined || folder !== undefined)
    checkGenerated(options.stateFolder, system);
  const generated = { choice, overlay: overlayFile(choice, options.stateFolder, system), copy: following.file, folder };
  const command = commandFor(options, runtime, generated, system);
  const changed = following.changed ?? inspection.overlaid;
  return {
    inspection: moved?.inspection ?? inspection,
    choice,
    command: moved?.command(command) ?? command,
    changed: changed ? changedSettings(changed) : [],
    diff: changed ? changedText(changed) : '',
    ...(own && { installation: own.installation }),
    warnings: [...choice.warnings, ...runtime.warnings, ...following.warnings],
  };
}

async function foresee({ ownHome, ...request }: LaunchRequest, system: System): Promise<ForeseenHome | undefined> {
  if (!ownHome) return undefined;
  const { foreseePrivateHome } = await import('./private-home.js');
  return foreseePrivateHome({ ...request, ownHome }, system);
}

/** What was found in an installation, as it would be in the private home that is still to be made from it. */
function movedTo(
  home: string,
  inspection: InspectedHome,
): { readonly inspection: InspectedHome; command(command: LaunchCommand): LaunchCommand } {
  const { unpacked } = inspection;
  const moved = (path: string): string => path.replaceAll(unpacked, home);
  return {
    inspection: {
      ...inspection,
      home: moved(inspection.home),
      unpacked: home,
      runtimeHome: moved(inspection.runtimeHome),
      startScript: moved(inspection.startScript),
    },
    command: ({ file, args, cwd, env }) => ({
      file: moved(file),
      args: args.map(moved),
      cwd: moved(cwd),
      env: {
        ...env,
        set: Object.fromEntries(Object.entries(env.set).map(([name, value]) => [name, moved(value)])),
      },
    }),
  };
}

/** The facts that the choice of an offset needs, and the request that it is made for. */
export type PreparedLaunch = ReserveOptions & {
  readonly request: LaunchRequest;
  /** What its private home was made from. */
  readonly installation?: string;
};

/** Inspects a launch by its home alone, before anything waits. @throws LaunchError */
export function inspectRequest(
  asked: LaunchRequest,
  system: System,
  claimed: { readonly leaseId: string; readonly name?: string } = { leaseId: newLeaseId() },
): { readonly inspection: InspectedHome; readonly options: PreparedLaunch } {
  const folder = stateFolder(system);
  const { inspection, request } = stickingTo(asked, folder, system);
  system.host.checkScriptCall(inspection.home, request.script.others);
  checkFollowable(inspection, request, system);
  checkReadyPath(inspection, request);
  checkJvm(inspection, request.script, system);
  const range = offsetRange(request.offset, inspection.configured, inspection.ports);
  const options = {
    inspection,
    request,
    range,
    stateFolder: folder,
    elsewhere: () => leasesElsewhere(folder, system),
    leaseId: claimed.leaseId,
    avoid: new Set<number>(),
    ...(claimed.name !== undefined && { keepName: claimed.name }),
  };
  return { inspection, options };
}

/** The home, and the request with the offset of its database where that is the one to take. @throws LaunchError */
function stickingTo(
  request: LaunchRequest,
  folder: string,
  system: System,
): { readonly inspection: InspectedHome; readonly request: LaunchRequest } {
  const inspection = inspectHome(request, system);
  if (!request.isSticky || !inspection.facts.birth) return { inspection, request };
  const look = lookAtBirth(inspection, folder, system);
  if (look.kind !== 'known') return { inspection, request };
  const { offset } = look.birth;
  // A server that takes it by itself is passed nothing.
  if (request.offset.kind === 'configured' && offset === inspection.configured.value)
    return { inspection, request: { ...request, isStuck: true } };
  const fixed = { kind: 'fixed', offset: { value: offset, by: mention.option('sticky') } } as const;
  const stuck = { ...request, offset: fixed, isOffsetPassed: true, isStuck: true } as const;
  return { inspection: request.isOffsetPassed ? inspection : inspectHome(stuck, system), request: stuck };
}

/** @throws LaunchError `usage` where there is no URL to ask */
function checkReadyPath({ facts, ports }: InspectedHome, { readyPath }: LaunchRequest): void {
  if (readyPath === undefined || pageAt(readyPath, facts.urls, effectivePorts(ports, 0))) return;
  throw new LaunchError({ kind: 'usage', what: `${facts.title} has no URL that ${readyPath} could be asked for at.` });
}

/** The paths of the files that are made for a server. */
interface Generated {
  readonly overlay: string;
  /** Takes the configuration's place, where there is one. */
  readonly copy: string | undefined;
  /** Takes the place of the folder of carbon.xml, where there is one. */
  readonly folder: string | undefined;
}

/** The call of the start script, with everything that it is passed. */
export function commandFor(
  { inspection, request }: PreparedLaunch,
  { script, javaHome }: Toolchain,
  { choice, overlay, copy, folder }: Generated & { readonly choice: Choice },
  system: Pick<System, 'env' | 'files' | 'host'>,
): LaunchCommand {
  const { passing } = inspection;
  const { env, host } = system;
  const jvm = jvmVariables(inspection, request.script, portOf(choice, DEBUG_PORT), system);
  const javaOptions = host.scriptsLoseArguments ? (jvm['JAVA_OPTS'] ?? env['JAVA_OPTS'] ?? '') : undefined;
  const passed = isTold(inspection, choice)
    ? passOffset(passing, choice.offset, overlay, javaOptions)
    : isOverlaid(inspection, choice)
      ? passOverlay(overlay)
      : undefined;
  // A server takes one overlay: ours includes what the given one says.
  const isReplaced = (argument: string): boolean => passing.kind === 'overlay' && argument.startsWith('-Dconfig=');
  const others = passed ? request.script.others.filter((argument) => !isReplaced(argument)) : request.script.others;
  const variables = { ...request.variables, ...jvm };
  const parts = {
    variables,
    script,
    carbonHome: inspection.home,
    javaHome,
    others,
    ...(folder !== undefined && { configurationFolder: folder }),
  };
  return buildCommand({ ...parts, ...(passed && { passed }), ...(copy !== undefined && { configuration: copy }) }, env);
}

export const portOf = ({ ports }: Pick<Choice, 'ports'>, name: string): number | undefined =>
  ports.find((port) => port.name === name)?.number;

/** Carbon 5 is started without a difference where its own offset is the one that was chosen. */
export const isTold = ({ passing, configured }: InspectedHome, { isPassed, offset }: Choice): boolean =>
  isPassed && (passing.kind === 'argument' || offset !== configured.value);

/** Whether a file is laid over the configuration, for an offset or for what the user gives. */
export const isOverlaid = (inspection: InspectedHome, choice: Choice): boolean =>
  inspection.passing.kind === 'overlay' && (isTold(inspection, choice) || inspection.overlaid !== undefined);

/** The folder that takes the place of the one of carbon.xml; undefined where nothing is laid over that. */
export const folderFor = (
  { inspection, stateFolder }: PreparedLaunch,
  choice: Choice,
  system: Pick<System, 'control'>,
): string | undefined =>
  inspection.overlaid?.format === 'xml' ? configurationFolder(choice, stateFolder, system) : undefined;

/** The part of a launch that {@link follow} needs. */
export const followRequest = (
  { inspection, request: { followsOffset, changes }, stateFolder }: PreparedLaunch,
  { name, ports }: Choice,
): Parameters<typeof follow>[0] => ({
  inspection,
  followsOffset,
  ...(changes && { changes }),
  name,
  ports,
  stateFolder,
});
