import type { InstanceRecord } from '../domain/instance.js';
import { urlsOf } from '../domain/urls.js';
import type { Choice } from '../ports/reserve.js';
import type { LogFile } from '../server/log-file.js';
import type { System } from '../system/index.js';
import type { PreparedLaunch } from './plan.js';
import { sharingKey } from './sharing-key.js';

/** The part of a launch's record that a change may make another. */
export const launchedAs = (
  { inspection, request }: PreparedLaunch,
  { offset, ports }: Choice,
): Pick<InstanceRecord, 'version' | 'kernel' | 'offset' | 'ports' | 'urls' | 'key' | 'stopTimeoutMs'> => ({
  version: inspection.version,
  ...(inspection.kernel !== undefined && { kernel: inspection.kernel }),
  offset,
  ports,
  urls: urlsOf(inspection.facts.urls, ports),
  key: sharingKey(request),
  stopTimeoutMs: request.stopTimeoutMs,
});

/** The record of a launch, as it is written before anything is started. */
export function recordFor(
  options: PreparedLaunch,
  choice: Choice,
  log: Pick<LogFile, 'file'>,
  { clock, leases, pid, processes }: System,
): Omit<InstanceRecord, 'socket'> {
  const { inspection, request, leaseId, installation } = options;
  return {
    schemaVersion: 1,
    name: choice.name,
    product: inspection.id,
    ...launchedAs(options, choice),
    home: inspection.home,
    runtimeHome: inspection.runtimeHome,
    ...(installation !== undefined && { installation }),
    status: 'starting',
    pid: null,
    startedAt: new Date(clock.date()).toISOString(),
    readyAt: null,
    restarts: 0,
    logFile: log.file,
    isDetached: request.isDetached,
    leaseId,
    boot: processes.bootId(),
    pidNamespace: processes.pidNamespace(),
    leasePlace: leases.place(),
    supervisor: { pid, startTime: processes.find(pid)?.startTime ?? '' },
    server: null,
  };
}
