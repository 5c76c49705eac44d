import { publicError } from '../api/public-error.js';
import { forRunner } from './failure.js';
import { registerHooks } from './jest-registry.js';
import { checkConfiguration, checkSpecs } from './specs.js';
import type { ServerSpecs } from './types.js';

export type { ServerSpec, ServerSpecs } from './types.js';

/** The part of a Jest configuration that matters here. */
interface JestHooks {
  readonly globalSetup?: string | null | undefined;
  readonly globalTeardown?: string | null | undefined;
}

/**
 * A Jest configuration, or that of one of its `projects`, with servers: they are ready before its own `globalSetup`
 * runs, and given back after its own `globalTeardown`. In watch mode they are kept until Jest ends.
 * @throws LaunchError for servers that JSON can't hold, a configuration that is no object, and a state folder that can't be used
 */
export function withServers<Config extends object | undefined>(servers: ServerSpecs, config?: Config): Config {
  const { globalSetup, globalTeardown }: JestHooks = config ?? {};
  try {
    checkSpecs(servers);
    checkConfiguration(config);
    const own = { globalSetup: globalSetup ?? undefined, globalTeardown: globalTeardown ?? undefined };
    return { ...config, ...registerHooks({ servers, ...own }) } as Config;
  } catch (error) {
    throw forRunner(publicError(error));
  }
}
