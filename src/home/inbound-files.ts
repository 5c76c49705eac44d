import { basename, join } from 'node:path';
import type { VersionRow } from '../domain/facts.js';
import { type InboundEndpoints, inboundEndpoints, mergeEndpoints } from '../domain/inbound.js';
import { type BasePort, isOn, type PortSettings } from '../domain/ports.js';
import type { Surroundings } from '../domain/references.js';
import type { Reading } from './config-files.js';

const SYNAPSE_FOLDER = 'repository/deployment/server/synapse-configs/default';

/** `ports` together with those of the inbound endpoints that lie in the home as files. */
export function withInbound(
  ports: readonly BasePort[],
  { home, row, variable }: { readonly home: string; readonly row: VersionRow } & Pick<Surroundings, 'variable'>,
  sources: PortSettings,
  system: Reading,
): { readonly ports: readonly BasePort[]; readonly warnings: readonly string[] } {
  if (!row.inbound) return { ports, warnings: [] };
  const { shiftedWhen, shipped } = row.inbound;
  const httpShifts = shiftedWhen !== undefined && isOn(shiftedWhen, sources);
  const folder = join(home, SYNAPSE_FOLDER);
  const files = [
    ...system.files.filesIn(join(folder, 'inbound-endpoints')).map((name) => join(folder, 'inbound-endpoints', name)),
    join(folder, 'synapse.xml'),
  ].filter((path) => path.endsWith('.xml'));
  const found = files.map((path) =>
    readEndpoints(path, (text, file) => inboundEndpoints(text, file, { httpShifts, variable }), system),
  );
  const endpoints = found.flatMap((file) => file.endpoints);
  return {
    ports: mergeEndpoints(ports, endpoints, row.ports, shipped),
    warnings: found.flatMap((file) => file.warnings),
  };
}

function readEndpoints(
  path: string,
  read: (text: string, file: string) => InboundEndpoints,
  { files }: Reading,
): InboundEndpoints {
  try {
    const text = files.readText(path);
    return text === undefined ? { endpoints: [], warnings: [] } : read(text, basename(path));
  } catch (error) {
    return {
      endpoints: [],
      warnings: [`${path} can't be read, so that nobody looks after its ports: ${(error as Error).message}.`],
    };
  }
}
