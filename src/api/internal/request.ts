import { factsOf, type ProductId } from '../../domain/catalogue.js';
import type { Environment } from '../../domain/command.js';
import type { LaunchChange } from '../../domain/launch-change.js';
import { LONGEST_TIMER_MS, parseDurationMs } from '../../domain/numbers.js';
import type { RestartPolicy } from '../../domain/restarts.js';
import type { Given, HomeRequest } from '../../home/request.js';
import { contradictsOnce, mergedLists } from '../../launch/changed-request.js';
import { DEFAULTS, type GivenLists, type LaunchRequest } from '../../launch/request.js';

export { DEFAULTS, type Given, type GivenLists, type LaunchChange, type LaunchRequest };

/** The place to look for a home, and which of its runtimes is meant. */
export type HomePlace = Pick<HomeRequest, 'product' | 'named' | 'profile'>;

/** The place that was named, else that of the product's variable (`APIM_HOME`). */
export function homePlace(
  product: ProductId | undefined,
  { named, profile }: Pick<HomePlace, 'named' | 'profile'>,
  env: Environment,
): HomePlace {
  const variable = product && factsOf(product).homeVariable;
  const path = variable && env[variable];
  const meant = named ?? (path ? { path, by: variable, isGeneral: true as const } : undefined);
  return { ...(product && { product }), ...(meant && { named: meant }), ...(profile && { profile }) };
}

/** A launch as far as somebody has said how it is to be. */
export type AskedLaunch = Omit<LaunchRequest, keyof Derived | 'restart' | keyof UsualTimes | keyof Switches> &
  Partial<UsualTimes & Switches> & { readonly restart?: AskedRestart };

type Derived = Pick<LaunchRequest, 'isOffsetPassed' | 'variables' | 'changes'>;

export type AskedRestart = { readonly [Name in keyof RestartPolicy]?: RestartPolicy[Name] | undefined };

type UsualTimes = Record<'readyTimeoutMs' | 'stopTimeoutMs', number | undefined>;
type Switches = Record<'followsOffset' | 'isDetached', boolean | undefined>;

/** The whole launch: what nobody has said is as usual. @throws LaunchError `usage` for a job that is to be restarted */
export function launchRequest({
  once,
  // Work takes as long as it takes.
  readyTimeoutMs = once ? LONGEST_TIMER_MS : usualMs('readyTimeout'),
  stopTimeoutMs = usualMs('stopTimeout'),
  followsOffset = false,
  isDetached = false,
  restart: { when = DEFAULTS.restart.when, most = DEFAULTS.restart.most } = {},
  ...asked
}: AskedLaunch): LaunchRequest {
  if (once && when !== 'never') throw contradictsOnce();
  const isOffsetPassed = asked.offset.kind !== 'configured';
  return {
    ...asked,
    ...mergedLists(asked.lists ?? {}),
    isOffsetPassed,
    ...(once && { once }),
    readyTimeoutMs,
    stopTimeoutMs,
    followsOffset,
    isDetached,
    restart: { when, most },
  };
}

const usualMs = (name: 'readyTimeout' | 'stopTimeout'): number => parseDurationMs(DEFAULTS[name]) as number;
