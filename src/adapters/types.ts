import type { AcquireOptions, Product, Server } from '../api/types.js';

/** A server for tests: what JSON can hold, for it may be read in another process than it was written in. */
export interface ServerSpec extends Omit<AcquireOptions, 'output' | 'signal' | 'onEvent'> {
  /** Absent: the server's name is a product's. */
  readonly product?: Product;
  /** A destination for the server's output besides its log file; absent: `'ignore'`. */
  readonly output?: 'ignore' | 'inherit';
}

/** The servers of a run by name, from which the names of their variables are made: `WSO2_APIM_…` for `apim`. */
export type ServerSpecs = Readonly<Record<string, ServerSpec>>;

/** A server as tests see it. */
export type TestServer = Pick<
  Server,
  'name' | 'product' | 'version' | 'home' | 'offset' | 'pid' | 'ports' | 'urls' | 'logFile'
>;
