import { parseScriptArguments } from '../../domain/command.js';
import type { HomeRequest } from '../../home/request.js';
import {
  type OffsetChange,
  type OffsetOrder,
  type OffsetReading,
  planOffset,
  readOffset,
  writeOffset,
} from '../../offset/offset.js';
import type { OffsetReport } from '../types.js';
import type { HomePlace } from './request.js';

export type { OffsetChange, OffsetReading };

/** The offset in the configuration file of a home's server. @throws LaunchError */
export const offsetAt = (place: HomePlace): OffsetReading => readOffset(requestFor(place));

/** @param isDry whether nothing is to be written */
export async function changeOffset(
  place: HomePlace,
  { isDry = false, ...order }: OffsetOrder & { readonly isDry?: boolean },
): Promise<OffsetChange> {
  const planned = await planOffset(requestFor(place), order);
  if (!isDry) await writeOffset(planned);
  return planned;
}

/** A server that is started without arguments. */
const requestFor = (place: HomePlace): HomeRequest => ({
  ...place,
  script: parseScriptArguments([]),
  isOffsetPassed: false,
});

export const offsetDocument = ({
  product,
  home,
  offset,
  source,
}: OffsetReading): Omit<OffsetReport, 'schemaVersion'> => ({
  product,
  home,
  offset,
  source,
});
