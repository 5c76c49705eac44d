import { join } from 'node:path';
import { forRunner } from './failure.js';
import { checkConfiguration, checkSpecs, SPECS } from './specs.js';
import type { ServerSpecs, TestServer } from './types.js';

export type { ServerSpec, ServerSpecs, TestServer } from './types.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers of the run, by the names that they were given. */
    wso2: Readonly<Record<string, TestServer>>;
  }
}

/** The part of a Vitest configuration's `test` that matters here. */
interface VitestHooks {
  readonly globalSetup?: string | readonly string[] | undefined;
  readonly provide?: object | undefined;
}

/**
 * The `test` part of a Vitest configuration, or of that of a project, with servers: they are ready before its own
 * `globalSetup` runs, and given back after that has been torn down. Tests get them by `inject('wso2')`.
 * @throws LaunchError for servers that JSON can't hold, and for a configuration that is no object
 */
export function withServers<Config extends object | undefined>(servers: ServerSpecs, config?: Config): Config {
  try {
    checkSpecs(servers);
    checkConfiguration(config);
  } catch (error) {
    throw forRunner(error);
  }
  const { globalSetup = [], provide }: VitestHooks = config ?? {};
  const ours = join(__dirname, 'vitest-setup.mjs');
  const own = typeof globalSetup === 'string' ? [globalSetup] : globalSetup;
  const hooks = { globalSetup: [ours, ...own], provide: { ...provide, [SPECS]: servers } };
  return { ...config, ...hooks } as Config;
}
