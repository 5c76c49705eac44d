import { parseScriptArguments } from '../../domain/command.js';
import { inspectWithoutHome } from '../../home/inspect.js';
import { type FoundJdk, findJdks } from '../../home/jdks.js';
import { locateHomeIfAny } from '../../home/locate.js';
import { isFittingJdk } from '../../home/toolchain.js';
import type { HomePlace } from './request.js';

export interface JudgedJdk extends FoundJdk {
  /** Null where there is no product that it could fit. */
  readonly fits: boolean | null;
}

/**
 * Every JDK of this machine, and whether it fits the server of a home, or without a home the newest known version.
 * @throws LaunchError what a home that was named can't be used for
 */
export async function judgeJdks(place: HomePlace, signal: AbortSignal): Promise<JudgedJdk[]> {
  const subject = subjectAt(place);
  const jdks = await findJdks(signal);
  return jdks.map((jdk) => ({
    ...jdk,
    fits: subject ? jdk.version !== null && isFittingJdk(jdk.version, subject) : null,
  }));
}

const NO_ARGUMENTS = parseScriptArguments([]);

function subjectAt(place: HomePlace): Parameters<typeof isFittingJdk>[1] | undefined {
  const located = locateHomeIfAny({ ...place, script: NO_ARGUMENTS, isOffsetPassed: false });
  if (located) return located;
  return place.product && { row: inspectWithoutHome(place.product, place).row };
}
