import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeSystem } from '../system/index.js';
import { failureText, forRunner } from './failure.js';
import { type Registration, registrationOf } from './jest-registry.js';
import { type HeldServers, holdServers } from './servers.js';

interface GlobalConfig {
  readonly rootDir: string;
  readonly bail?: number;
  readonly watch?: boolean;
  readonly watchAll?: boolean;
}

interface ProjectConfig {
  readonly rootDir: string;
  readonly globalSetup?: string | null;
  readonly globalTeardown?: string | null;
}

/** A function that Jest runs before or after the tests. */
type Hook = (globalConfig: GlobalConfig, projectConfig: ProjectConfig) => Promise<void>;
type HookName = 'globalSetup' | 'globalTeardown';

/** The servers held, by the number of their registration: in watch mode from the first run until the process ends. */
const held = new Map<string, HeldServers>();
/** The hooks of the project's own that the current run has had: Jest runs each once for all who name it. */
const done: Record<HookName, Set<string>> = { globalSetup: new Set(), globalTeardown: new Set() };

/** The `globalSetup` of a registration, which Jest knows as a file of its own. */
export const setup =
  (id: string, file: string): Hook =>
  async (globalConfig, projectConfig) => {
    done.globalTeardown.clear();
    const registration = registered(id);
    const own = ownHook('globalSetup', registration, rootOf('globalSetup', file, globalConfig, projectConfig));
    try {
      const servers = await hold(id, registration);
      Object.assign(process.env, servers.variables());
      await own?.(globalConfig, projectConfig);
    } catch (error) {
      await giveBack(id);
      throw forRunner(error);
    }
  };

/** The `globalTeardown` of a registration. */
export const teardown =
  (id: string, file: string): Hook =>
  async (globalConfig, projectConfig) => {
    done.globalSetup.clear();
    const root = rootOf('globalTeardown', file, globalConfig, projectConfig);
    const servers = held.get(id);
    const isWatching = globalConfig.watch === true || globalConfig.watchAll === true;
    // Other tests may still run during Jest's teardown where it gives up after a failure.
    const isKept = isWatching || (globalConfig.bail ?? 0) > 0;
    try {
      await ownHook('globalTeardown', registered(id), root)?.(globalConfig, projectConfig);
    } finally {
      if (isKept && !servers?.lost) servers?.keep();
      else await giveBack(id);
    }
    if (!servers?.lost) return;
    // After an error here the watch mode would run no more tests.
    if (!isWatching) throw forRunner(servers.lost);
    process.emitWarning(failureText(servers.lost));
  };

function registered(id: string): Registration {
  const registration = registrationOf(id);
  if (registration) return registration;
  throw new Error(
    'wso2-launch/jest: the configuration was made in another process. Give Jest the file that calls withServers.',
  );
}

async function hold(id: string, { servers }: Registration): Promise<HeldServers> {
  const before = held.get(id);
  if (before && !before.lost) return before;
  const now = await holdServers(servers, { label: `jest, pid ${process.pid}` });
  held.set(id, now);
  return now;
}

async function giveBack(id: string): Promise<void> {
  const servers = held.get(id);
  held.delete(id);
  await servers?.giveBack();
}

/** The folder that `<rootDir>` stands for: a project's own, or that of the configuration which all projects share. */
function rootOf(name: HookName, file: string, globalConfig: GlobalConfig, projectConfig: ProjectConfig): string {
  const ofProject = projectConfig[name];
  const isProject = typeof ofProject === 'string' && nodeSystem.files.realPath(ofProject) === file;
  return (isProject ? projectConfig : globalConfig).rootDir;
}

/**
 * The hook that the project has besides; undefined where it has none, or where this run has had it. Jest transforms
 * what is loaded while one of its hooks runs, so this one as well.
 * @throws Error where there is no such file
 */
function ownHook(name: HookName, { [name]: wanted }: Registration, rootDir: string): Hook | undefined {
  if (wanted === undefined) return undefined;
  const requireFrom = createRequire(join(rootDir, 'package.json'));
  const path = requireFrom.resolve(wanted.replace(/^<rootDir>/, () => rootDir));
  if (done[name].has(path)) return undefined;
  return async (...configs) => {
    done[name].add(path);
    const hook = await load(path, requireFrom);
    if (typeof hook !== 'function') throw new TypeError(`${name} file must export a function at ${path}`);
    await hook(...configs);
  };
}

/** The way in which Jest itself loads one. */
async function load(path: string, requireFrom: NodeJS.Require): Promise<unknown> {
  const imported = async (): Promise<unknown> => (await import(pathToFileURL(path).href)).default;
  if (/\.m[jt]s$/.test(path)) return imported();
  try {
    const module = requireFrom(path);
    return module?.__esModule ? module.default : module;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_REQUIRE_ESM' || code === 'ERR_REQUIRE_ASYNC_MODULE') return imported();
    throw error;
  }
}
