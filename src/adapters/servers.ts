import type { Writable } from 'node:stream';
import { acquire } from '../api/acquire.js';
import { LaunchError } from '../api/error.js';
import type { LiveServer } from '../api/server.js';
import type { Server } from '../api/types.js';
import { variablePrefix } from '../domain/command.js';
import { checkSpecs, wishOf } from './specs.js';
import type { ServerSpecs, TestServer } from './types.js';

/** The servers of a run, held until they are given back. */
export class HeldServers {
  readonly #servers: ReadonlyMap<string, LiveServer>;
  #isGivenBack = false;
  readonly #loss = new AbortController();

  readonly #watches: readonly Promise<void>[];

  constructor(servers: ReadonlyMap<string, LiveServer>) {
    this.#servers = servers;
    this.#watches = [...servers].map(([name, server]) => this.#watch(name, server));
  }

  /** Remembers why a server has ended while it was held. */
  async #watch(name: string, server: Server): Promise<void> {
    let why: LaunchError | undefined;
    for await (const event of server.events()) {
      if (event.event === 'failed') why = new LaunchError(event);
    }
    const { code } = await server.ended;
    if (why || !this.#isGivenBack) this.#loss.abort(why ?? stoppedMeanwhile(name, code));
  }

  /** Why one of them is not there any more; undefined while all are. */
  get lost(): LaunchError | undefined {
    return this.#loss.signal.reason;
  }

  /** Fires, with the reason, when one of them ends that nobody has given back. */
  get loss(): AbortSignal {
    return this.#loss.signal;
  }

  /** Their ports and URLs, by the names that they were given and by those of the instances. */
  variables(): Record<string, string> {
    return Object.assign({}, ...[...this.#servers].map(([name, server]) => variablesOf(name, server)));
  }

  documents(): Record<string, TestServer> {
    return Object.fromEntries([...this.#servers].map(([name, server]) => [name, documentOf(server)]));
  }

  /** Keeps them for as long as this process lives, which they are no reason for. */
  keep(): void {
    for (const server of this.#servers.values()) server.unref();
  }

  /** Resolves once those that nobody else uses are stopped; then all is known of a loss. @throws LaunchError with code 7 */
  async giveBack(): Promise<void> {
    this.#isGivenBack = true;
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
    await Promise.all(this.#watches);
  }
}

/** Options of a process that holds servers. */
export interface Holding {
  /** The holder's name, as `instances` shows it; absent: the program's name and pid. */
  readonly label?: string;
  /** Gives up before they are ready. */
  readonly signal?: AbortSignal;
  /** The destination for the output of servers that are to inherit it; absent: standard output. */
  readonly output?: Writable;
}

/**
 * Holds the servers of a run, each launched where it does not run yet. Where one can't be had, none is held.
 * @throws LaunchError, or the signal's reason
 */
export async function holdServers(specs: ServerSpecs, { label, signal, output }: Holding): Promise<HeldServers> {
  checkSpecs(specs);
  const wishes = Object.entries(specs).map(([name, spec]) => ({ name, ...wishOf(name, spec) }));
  for (const { product, options } of wishes) await checkWish(product, options);
  const failed = new AbortController();
  const givenUp = signal ? AbortSignal.any([failed.signal, signal]) : failed.signal;
  const servers = new Map<string, LiveServer>();
  const launches = wishes.map(async ({ name, product, options }) => {
    const own = { ...(label !== undefined && { label }), ...options };
    const inherited = options.output === 'inherit' && output ? { output } : {};
    servers.set(name, await acquire(product, { ...own, ...inherited, signal: givenUp }));
  });
  try {
    await Promise.all(launches);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(launches);
    await Promise.allSettled([...servers.values()].map((server) => server.stop()));
    throw error;
  }
  return new HeldServers(servers);
}

const NOT_NOW = new Error('only to be checked');

/** Options are checked before anything else: of several servers none is started for one that can't be. */
async function checkWish(...[product, options]: Parameters<typeof acquire>): Promise<void> {
  await acquire(product, { ...options, signal: AbortSignal.abort(NOT_NOW) }).catch((error: unknown) => {
    if (error !== NOT_NOW) throw error;
  });
}

function variablesOf(name: string, server: Server): Record<string, string> {
  const own = server.env();
  const prefix = variablePrefix(name);
  const skipped = variablePrefix(server.name).length;
  const named = Object.entries(own).map(([variable, value]) => [`${prefix}${variable.slice(skipped)}`, value]);
  return { ...own, ...Object.fromEntries(named) };
}

const stoppedMeanwhile = (name: string, code: number): LaunchError =>
  new LaunchError({
    code,
    failure: 'stopped-meanwhile',
    message: `Somebody else has stopped ${name} during the tests.`,
    hint: 'Run them again.',
    lastLines: [],
  });

const documentOf = ({ name, product, version, home, offset, pid, ports, urls, logFile }: Server): TestServer => ({
  name,
  product,
  version,
  home,
  offset,
  pid,
  ports,
  urls,
  logFile,
});
