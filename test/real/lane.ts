import { readFileSync } from 'node:fs';

/** A JDK of this machine. */
export interface Jdk {
  readonly home: string;
  /** 8, 11, 17 … */
  readonly feature: number;
}

/** A kernel as it is shipped, and the JDKs on which it runs, the oldest first. */
export interface Kernel {
  readonly version: string;
  /** Nobody may change it: see {@link KernelSandbox.kernel}. */
  readonly home: string;
  readonly jdks: readonly [Jdk, ...Jdk[]];
}

interface Lane {
  /** Every row on every kernel and JDK, and as often as it is to be held. */
  readonly isAll: boolean;
  readonly kernels: readonly [Kernel, ...Kernel[]];
}

/** What scripts/real-lane.mjs has found on this machine. */
export const { isAll, kernels } = JSON.parse(readFileSync(process.env['REAL_LANE_FILE'] as string, 'utf8')) as Lane;
