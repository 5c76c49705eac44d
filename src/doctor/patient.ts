import { parseScriptArguments } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import type { GivenNumber } from '../domain/offsets.js';
import type { EffectivePort, PortSettings } from '../domain/ports.js';
import type { ProcessRow } from '../domain/tree.js';
import { readSettings } from '../home/configuration.js';
import { type InspectedHome, inspectLocated } from '../home/inspect.js';
import { type LocatedHome, locateHome } from '../home/locate.js';
import type { LaunchRequest } from '../launch/request.js';
import { findServerOf, keepsHome } from '../ports/idle-home.js';
import { readLeases } from '../ports/report.js';
import type { System } from '../system/index.js';
import type { LiveLease } from '../system/leases.js';
import { attempt } from './attempt.js';

/** The home to look at, and at which offset. */
export interface DoctorRequest extends Pick<LaunchRequest, 'product' | 'profile' | 'named' | 'java' | 'javaHome'> {
  /** Absent: the offset of the configuration. */
  readonly offset?: GivenNumber;
}

/** The home that the checks look at, and the machine around it. */
export interface Patient {
  readonly request: DoctorRequest;
  readonly located: LocatedHome;
  /** Undefined where the configuration can't be read, or is a deployment.yaml. */
  readonly settings: PortSettings | undefined;
  readonly inspection: InspectedHome | LaunchError;
  /** All leases of this machine. */
  readonly leases: readonly LiveLease[];
  /** The server that runs in the home, whoever started it. */
  readonly server: ProcessRow | undefined;
  readonly signal: AbortSignal;
  readonly system: System;
}

/** A patient whose configuration was read, at an offset that its ports allow. */
export interface PatientAtOffset extends Patient {
  readonly inspection: InspectedHome;
  readonly offset: number;
  readonly ports: readonly EffectivePort[];
}

/** The doctor looks at a start without arguments. */
export const NO_ARGUMENTS = parseScriptArguments([]);

/** @throws LaunchError `unusable-home` */
export async function admit(request: DoctorRequest, signal: AbortSignal, system: System): Promise<Patient> {
  const asked = { ...request, script: NO_ARGUMENTS, isOffsetPassed: request.offset !== undefined };
  const located = locateHome(asked, system);
  const settings = located.runtime ? undefined : attempt(() => readSettings({ ...asked, ...located }, system).sources);
  return {
    request,
    located,
    settings: settings instanceof LaunchError ? undefined : settings,
    inspection: attempt(() => inspectLocated(located, asked, system)),
    leases: await readLeases(system),
    server: findServerOf(located.runtimeHome, system),
    signal,
    system,
  };
}

/** The leases of our own instances that run in the home. */
export const ownLeases = ({ leases, located, system }: Patient): LiveLease[] =>
  leases.filter((lease) => keepsHome(lease, system.files.realPath(located.runtimeHome), system));
