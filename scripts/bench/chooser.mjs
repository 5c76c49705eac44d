// The product's own choice, without the rest of the launcher: bundled by choosing.mjs and by the stress scripts.
import { preview, reserve } from '../../src/ports/reserve.js';
import { systemClock } from '../../src/system/clock.js';
import { nodeFiles } from '../../src/system/files.js';
import { fileLeases, newLeaseId } from '../../src/system/leases.js';
import { socketMutex } from '../../src/system/mutex.js';
import { procProcesses } from '../../src/system/processes.js';
import { procSockets } from '../../src/system/sockets.js';

const quiet = new AbortController().signal;

/** What the inspection of a home with these base ports would say, as far as choosing asks. */
const optionsFor = ({ bases, min, max = 65_535 - Math.max(...bases), home = '/' }) => ({
  inspection: {
    id: 'apim',
    home,
    runtimeHome: home,
    ports: bases.map((base) => ({ name: `port-${base}`, base, scheme: 'tcp', shifted: true, source: 'default' })),
    configured: { value: 0, source: 'default' },
    warnings: [],
  },
  request: { offset: { kind: 'auto' } },
  range: { min, max },
  stateFolder: '/',
  leaseId: newLeaseId(),
  avoid: new Set(),
});

// Both get everything ready that an inspection has done by then, and return what is to be timed.

/** The search alone, which is all that the libraries do: no mutex, no leases, no look at processes or holders. */
export function search(asked) {
  const options = optionsFor(asked);
  const nobody = { ...procProcesses, withArguments: () => [] };
  const system = {
    sockets: { ...procSockets, holders: async () => [], clientPorts: () => ({ min: 0, max: 0 }) },
    processes: nobody,
    files: { ...nodeFiles, realPath: (path) => path, readText: () => undefined },
    leases: { readLive: async () => [] },
    clock: systemClock,
    mutex: { acquire: async () => () => {} },
  };
  return async () => (await preview(options, quiet, system)).offset;
}

const socketNamed = (name) => `\0${name}`.padEnd(108, '.');

export const mutexNamed = (name) => socketMutex(socketNamed(name), socketNamed(`${name}/line`));

/**
 * Everything from the mutex to the written lease, and the names of whoever holds the ports in the way.
 * `enters` and `leaves` are called at both ends of the turn; `hasTurns`: false where a stranger keeps the mutex.
 */
export function choose(
  { leaseFolder, mutexName, hasTurns = true, ...asked },
  { enters = () => {}, leaves = () => {} } = {},
) {
  const mutex = mutexNamed(mutexName);
  const leases = fileLeases(leaseFolder, procProcesses);
  const system = {
    pid: process.pid,
    clock: systemClock,
    sockets: procSockets,
    processes: procProcesses,
    files: nodeFiles,
    leases,
    mutex: {
      acquire: async (timeoutMs, signal) => {
        const release = hasTurns ? await mutex.acquire(timeoutMs, signal) : undefined;
        enters();
        if (!release) return undefined;
        return () => {
          leaves();
          release();
        };
      },
    },
  };
  const options = optionsFor(asked);
  return async () => {
    const { offset, ports, warnings } = await reserve(options, quiet, system);
    return { offset, ports: ports.map(({ number }) => number), warnings, letGo: () => leases.remove(options.leaseId) };
  };
}
