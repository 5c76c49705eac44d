import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diagnose } from '../../src/doctor/doctor.js';
import type { Finding } from '../../src/doctor/finding.js';
import type { DoctorRequest } from '../../src/doctor/patient.js';
import type { ProductId } from '../../src/domain/catalogue.js';
import { mention } from '../../src/domain/text.js';
import { createStandInHome, createStandInJdk } from '../../src/standin/home.js';
import { nodeFiles } from '../../src/system/files.js';
import type { System } from '../../src/system/index.js';
import { fakeSystem } from './fake-system.js';

/** A folder with homes and a JDK for the doctor to look at. Their files are real; the rest of the machine is a fake. */
export class Examination {
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  readonly system = fakeSystem();
  /** The differences from a machine on which all is well. */
  changed: Partial<System> = {};
  readonly env = { JAVA_HOME: join(this.folder, 'jdk'), WSO2_LAUNCH_STATE_DIR: join(this.folder, 'state') };

  constructor() {
    this.jdk('17.0.9');
  }

  /** Makes a JDK of a version: by default the one of JAVA_HOME. */
  jdk(version: string, name = 'jdk'): string {
    createStandInJdk(join(this.folder, name), { version });
    return join(this.folder, name);
  }

  home(product: ProductId, version: string, configuration?: string): string {
    const home = join(this.folder, product);
    createStandInHome(home, { product, version, ...(configuration !== undefined && { configuration }) });
    return home;
  }

  write(path: string, text = ''): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  async findings(home: string, request: Partial<DoctorRequest> = {}): Promise<readonly Finding[]> {
    const { system, env, changed } = this;
    const asked = { named: { path: home, by: mention.option('home') }, ...request };
    const { findings } = await diagnose(asked, new AbortController().signal, {
      ...system,
      files: nodeFiles,
      env,
      ...changed,
    });
    return findings;
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export const atOffset = (value: number): Partial<DoctorRequest> => ({
  offset: { value, by: mention.option('offset') },
});
