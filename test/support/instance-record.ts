import type { InstanceRecord } from '../../src/domain/instance.js';

/** The record of a Micro Integrator with one port, which the fake system's own process supervises. */
export const instanceRecord = (more: Partial<InstanceRecord> = {}): InstanceRecord => ({
  schemaVersion: 1,
  name: 'mi',
  product: 'mi',
  version: '4.4.0',
  home: '/opt/mi',
  offset: 10,
  status: 'starting',
  pid: null,
  ports: [{ name: 'http', base: 8280, number: 8290, scheme: 'http', shifted: true, required: true, source: 'default' }],
  urls: { http: 'http://localhost:8290' },
  startedAt: '2026-11-22T06:00:00.000Z',
  readyAt: null,
  restarts: 0,
  logFile: '/home/user/.local/state/wso2-launch/logs/mi.log',
  isDetached: true,
  leaseId: '5-one-1',
  boot: 'this boot',
  supervisor: { pid: 5, startTime: 't5' },
  server: null,
  socket: '/sockets/5-one-1',
  ...more,
});
