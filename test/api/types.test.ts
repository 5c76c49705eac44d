import { expect, test } from '@jest/globals';
import type * as Public from '../../src/api/types.js';
import type { WordedDiagnosis } from '../../src/doctor/doctor.js';
import type { LaunchEvent as Told } from '../../src/domain/events.js';
import type { PortHolder, TakenPort as Taken } from '../../src/domain/failure.js';
import type { Status } from '../../src/domain/instance.js';
import type { EffectivePort } from '../../src/domain/ports.js';
import type { RestartPolicy } from '../../src/domain/restarts.js';
import type { PortsReport } from '../../src/ports/report.js';

/** True for two types of which each may stand for the other. */
type Same<A, B> = [A, B] extends [B, A] ? true : false;

type Fits<A, B> = [A] extends [B] ? true : false;

/** An event whose warnings have been worded. */
type Worded<E> = E extends { event: 'ready' } ? Omit<E, 'warnings'> & { readonly warnings: readonly string[] } : E;

/** What the library says of itself, and what the code does: the compiler refuses this file where they differ. */
const AGREEMENTS: {
  readonly ports: Same<Public.Port, Pick<EffectivePort, keyof Public.Port>>;
  readonly holders: Same<Public.PortHolder, PortHolder>;
  readonly takenPorts: Same<Public.TakenPort, Taken>;
  readonly restarts: Same<NonNullable<Public.LaunchOptions['restart']>, RestartPolicy['when']>;
  readonly statuses: Same<Public.Instance['status'], Status | 'foreign'>;
  readonly events: Same<
    Exclude<Public.LaunchEvent, { event: 'failed' | 'planned' }>,
    Public.EventStamp & Worded<Exclude<Told, { event: 'planned' }>>
  >;
  readonly plans: Same<
    Extract<Public.LaunchEvent, { event: 'planned' }>,
    Public.EventStamp & Omit<Extract<Told, { event: 'planned' }>, 'kernel'>
  >;
  readonly portReports: Same<Omit<Public.PortReport, 'schemaVersion'>, PortsReport>;
  /** Of the findings' ids more may come. */
  readonly diagnoses: Fits<WordedDiagnosis, Omit<Public.DoctorReport, 'schemaVersion'>>;
} = {
  ports: true,
  holders: true,
  takenPorts: true,
  restarts: true,
  statuses: true,
  events: true,
  plans: true,
  portReports: true,
  diagnoses: true,
};

test('what the library says of its types is what they are', () => {
  expect(new Set(Object.values(AGREEMENTS))).toEqual(new Set([true]));
});
