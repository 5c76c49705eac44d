import { parseScriptArguments, type ScriptArguments, withJvm } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import type { DebuggerRequest, JvmRequest } from '../domain/jvm.js';
import type { LaunchChange, WantedOffset } from '../domain/launch-change.js';
import type { OffsetChoice } from '../domain/offsets.js';
import { mention, mentioning } from '../domain/text.js';
import type { GivenLists, LaunchRequest } from './request.js';

/** The request of a launch after a change. @throws LaunchError `usage` for what contradicts what stays */
export function changedRequest(request: LaunchRequest, change: LaunchChange): LaunchRequest {
  const { java, javaHome, variables, changes, isSticky: wasSticky, isStuck: _, ...rest } = request;
  const lists = changedLists(request.lists, change);
  checkOnce(request, change);
  const isSticky = change.isSticky ?? (change.offset ? false : wasSticky);
  const offset = change.offset ? offsetOf(change.offset) : request.offset;
  const { readyTimeoutMs, readyPath, readyPattern, stopTimeoutMs, followsOffset } = { ...request, ...change };
  return {
    ...rest,
    lists,
    script: scriptOf(lists, changedJvm(request.script.jvm, change)),
    ...mergedLists(lists),
    ...jdkOf(request, change),
    offset,
    isOffsetPassed: offset.kind !== 'configured',
    ...(isSticky && { isSticky }),
    readyTimeoutMs,
    stopTimeoutMs,
    followsOffset,
    ...(readyPath !== undefined && { readyPath }),
    ...(readyPattern !== undefined && { readyPattern }),
    restart: { ...request.restart, ...change.restart },
  };
}

/** @throws LaunchError `usage` */
function checkOnce({ once }: LaunchRequest, { restart }: LaunchChange): void {
  if (once && restart?.when !== undefined && restart.when !== 'never') throw contradictsOnce();
}

/** The refusal of a job that is to be started again when it has ended. */
export const contradictsOnce = (): LaunchError =>
  new LaunchError({
    kind: 'usage',
    what: mentioning`${mention.option('once')} and ${mention.option('restart')} contradict each other: a job that has ended is done.`,
    hint: 'Leave one of the two out.',
  });

function changedLists(former: GivenLists = {}, change: LaunchChange): GivenLists {
  const { args, scriptArgs, envFile, env, config, set } = { ...former, ...change };
  return {
    ...(args && { args }),
    ...(scriptArgs && { scriptArgs }),
    ...(envFile && { envFile }),
    ...(env && { env }),
    ...(config && { config }),
    ...(set && { set }),
  };
}

const scriptOf = ({ args = [], scriptArgs = [] }: GivenLists, jvm: JvmRequest | undefined): ScriptArguments =>
  withJvm(parseScriptArguments([...args, ...scriptArgs]), jvm);

/** The variables and the changes of the configuration that lists mean: single ones beat those of files. */
export function mergedLists({
  envFile,
  env,
  config = [],
  set = [],
}: GivenLists): Pick<LaunchRequest, 'variables' | 'changes'> {
  return {
    ...((envFile || env) && { variables: { ...envFile, ...env } }),
    ...(config.length + set.length > 0 && { changes: [...config, ...set] }),
  };
}

function changedJvm(
  former: JvmRequest | undefined,
  { jvmArgs, heapMiB = former?.heapMiB, debug, suspends }: LaunchChange,
): JvmRequest | undefined {
  const args = jvmArgs ?? former?.args ?? [];
  const attached = changedDebugger(former?.debugger, debug, suspends);
  if (args.length === 0 && heapMiB === undefined && !attached) return undefined;
  return { args, ...(heapMiB !== undefined && { heapMiB }), ...(attached && { debugger: attached }) };
}

function changedDebugger(
  former: DebuggerRequest | undefined,
  debug: LaunchChange['debug'],
  suspends = former?.suspends ?? false,
): DebuggerRequest | undefined {
  if (debug === false) return undefined;
  if (debug) return { ...debug, suspends };
  return former || suspends ? { ...former, suspends } : undefined;
}

/** One way to name the JDK takes the place of the other. */
function jdkOf(request: LaunchRequest, { java, javaHome }: LaunchChange): Pick<LaunchRequest, 'java' | 'javaHome'> {
  if (java !== undefined) return { java: { feature: java, by: mention.option('java') } };
  if (javaHome !== undefined) return { javaHome: { path: javaHome, by: mention.option('javaHome') } };
  return { ...(request.java && { java: request.java }), ...(request.javaHome && { javaHome: request.javaHome }) };
}

function offsetOf(changed: WantedOffset): OffsetChoice {
  if (changed.kind === 'fixed')
    return { kind: 'fixed', offset: { value: changed.value, by: mention.option('offset') } };
  const { min, max } = changed;
  return {
    kind: 'auto',
    ...(min !== undefined && { min: { value: min, by: mention.option('minOffset') } }),
    ...(max !== undefined && { max: { value: max, by: mention.option('maxOffset') } }),
  };
}
