import { LaunchError } from '../api/error.js';
import { failureText, forRunner } from './failure.js';
import { type HeldServers, holdServers } from './servers.js';
import { SPECS } from './specs.js';
import type { ServerSpecs, TestServer } from './types.js';

/** The part of a Vitest project that matters here. */
export interface VitestProject {
  readonly config: { readonly provide: Readonly<Record<string, unknown>> };
  provide(key: string, value: unknown): void;
  isRootProject(): boolean;
  onTestsRerun(listener: () => Promise<void>): void;
}

/** The servers of each project, and of the root, which are everybody's. */
const known = new Map<VitestProject, Record<string, TestServer>>();

/** The global setup of a project: resolves to its teardown. */
export async function setup(project: VitestProject): Promise<() => Promise<void>> {
  let held = await hold(project).catch((error: unknown) => {
    throw forRunner(error);
  });
  let renewal: Promise<void> | undefined;
  const renew = async (): Promise<void> => {
    held = await holdAgain(project, held);
    renewal = undefined;
  };
  // Vitest runs the setup once. A server that has ended meanwhile is launched again for the next run.
  project.onTestsRerun(async () => {
    if (held.lost) renewal ??= renew();
    await renewal;
  });
  return async () => {
    await renewal;
    await held.giveBack();
    if (!held.lost) return;
    process.exitCode = 1; // Vitest only prints what is thrown here
    throw forRunner(held.lost);
  };
}

async function hold(project: VitestProject): Promise<HeldServers> {
  const servers = project.config.provide[SPECS] as ServerSpecs;
  const held = await holdServers(servers, { label: `vitest, pid ${process.pid}` });
  Object.assign(process.env, held.variables()); // workers are started with a copy
  known.set(project, held.documents());
  provideAll();
  return held;
}

/** Vitest sets the root up last, and what a project provides takes the place of what the root does. */
function provideAll(): void {
  const ofRoot = [...known].find(([project]) => project.isRootProject())?.[1];
  for (const [project, own] of known) project.provide('wso2', { ...ofRoot, ...own });
}

/** Holds the servers again; where they can't be had, the tests of this run find none, and the next run tries again. */
async function holdAgain(project: VitestProject, former: HeldServers): Promise<HeldServers> {
  await former.giveBack();
  return hold(project).catch((error: unknown) => {
    process.emitWarning(error instanceof LaunchError ? failureText(error) : String(error));
    return former;
  });
}
