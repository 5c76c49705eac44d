import type { Wording } from '../domain/text.js';
import { nodeSystem, type System } from '../system/index.js';
import { birthOffset } from './birth-offset.js';
import { type Check, examine, type Findings } from './check.js';
import { clashingPorts } from './clashing-ports.js';
import { configuration } from './configuration.js';
import { databases } from './databases.js';
import { diskSpace } from './disk-space.js';
import { ephemeralPorts } from './ephemeral-ports.js';
import { type Finding, type WordedFinding, wordFinding } from './finding.js';
import { homeRuns } from './home-runs.js';
import { machineHostname, serverHostname } from './host-names.js';
import { jdk } from './jdk.js';
import { leases } from './leases.js';
import { lineEnds } from './line-ends.js';
import { literalUrls } from './literal-urls.js';
import { javaOptsMemory, memory } from './memory.js';
import { type Placement, placeAtOffset } from './offset.js';
import { offsetAgent } from './offset-agent.js';
import { openFiles } from './open-files.js';
import { admit, type DoctorRequest, type Patient } from './patient.js';
import { pidFile } from './pid-file.js';
import { ports } from './ports.js';
import { javaOptsOffset, properties } from './properties.js';
import { readyLine } from './ready-line.js';
import { startScript } from './start-script.js';
import { stateFolder } from './state-folder.js';
import { tmpFolder } from './tmp-folder.js';
import { variables } from './variables.js';
import { version } from './version.js';
import { writing } from './writing.js';

export interface Diagnosis {
  readonly product: string;
  readonly version: string | null;
  readonly home: string;
  /** The order is that of the checks. */
  readonly findings: readonly Finding<FindingId>[];
}

/** A diagnosis in a front end's words. */
export interface WordedDiagnosis extends Omit<Diagnosis, 'findings'> {
  readonly findings: readonly WordedFinding<FindingId>[];
}

/** The ids of all checks. They are interface. */
export type FindingId =
  | IdOf<(typeof HOME_CHECKS)[number] | (typeof OFFSET_CHECKS)[number]>
  | Placement['findings'][number]['id'];

type IdOf<C> = C extends Check<infer Id, infer _> ? Id : never;

/**
 * Looks for whatever would go wrong with a launch. Nothing is started, changed or left behind.
 * @throws LaunchError `unusable-home` where there is no home
 */
export async function diagnose(
  request: DoctorRequest,
  signal: AbortSignal,
  system: System = nodeSystem,
): Promise<Diagnosis> {
  const patient = await admit(request, signal, system);
  const { id: product, version, home } = patient.located;
  const findings = [...(await examine(HOME_CHECKS, patient)), ...(await examineAtOffset(patient))];
  return { product, version, home, findings };
}

export const wordDiagnosis = ({ findings, ...subject }: Diagnosis, wording: Wording): WordedDiagnosis => ({
  ...subject,
  findings: findings.map((finding) => wordFinding(finding, wording)),
});

/** The checks of a home at any offset, in the order of their findings. */
const HOME_CHECKS = [
  version,
  jdk,
  startScript,
  lineEnds,
  tmpFolder,
  writing,
  openFiles,
  memory,
  diskSpace,
  stateFolder,
  leases,
  homeRuns,
  pidFile,
  databases,
  variables,
  javaOptsOffset,
  javaOptsMemory,
  configuration,
  readyLine,
  properties,
  serverHostname,
  machineHostname,
];

/** The checks of a home at one offset, after all others. */
const OFFSET_CHECKS = [ports, ephemeralPorts, clashingPorts, literalUrls, birthOffset, offsetAgent];

async function examineAtOffset(patient: Patient): Promise<Findings<FindingId>> {
  const { findings, placed } = placeAtOffset(patient, OFFSET_CHECKS.map(({ about }) => about).join(', '));
  return placed ? [...findings, ...(await examine(OFFSET_CHECKS, placed))] : findings;
}
