import type { InstanceRecord } from '../domain/instance.js';
import { urlsOf } from '../domain/urls.js';
import type { Choice } from '../ports/reserve.js';
import type { LogFile } from '../server/log-file.js';
import type { System } from '../system/index.js';
import type { PreparedLaunch } from './plan.js';
import { sharingKey } from './sharing-key.js';

/** The record of a launch, as it is written before anything is started. */
export function recordFor(
  { inspection, request, leaseId }: PreparedLaunch,
  { name, offset, ports }: Choice,
  log: Pick<LogFile, 'file'>,
  { clock, leases, pid, processes }: System,
): Omit<InstanceRecord, 'socket'> {
  return {
    schemaVersion: 1,
    name,
    product: inspection.id,
    version: inspection.version,
    ...(inspection.kernel !== undefined && { kernel: inspection.kernel }),
    home: inspection.home,
    runtimeHome: inspection.runtimeHome,
    offset,
    status: 'starting',
    pid: null,
    ports,
    urls: urlsOf(inspection.facts.urls, ports),
    startedAt: new Date(clock.date()).toISOString(),
    readyAt: null,
    restarts: 0,
    logFile: log.file,
    isDetached: request.isDetached,
    key: sharingKey(request),
    stopTimeoutMs: request.stopTimeoutMs,
    leaseId,
    boot: processes.bootId(),
    pidNamespace: processes.pidNamespace(),
    leasePlace: leases.place(),
    supervisor: { pid, startTime: processes.find(pid)?.startTime ?? '' },
    server: null,
  };
}
