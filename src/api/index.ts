import type {
  AcquireOptions,
  DoctorOptions,
  DoctorReport,
  Instance,
  InstancesOptions,
  Jdk,
  JdksOptions,
  LaunchOptions,
  OffsetFile,
  PortReport,
  PortsOptions,
  Product,
  Server,
  WaitOptions,
} from './types.js';

// The library's functions. Each loads its code when it is first called: the import itself costs next to nothing.

export { LaunchError } from './error.js';
export type * from './types.js';

/**
 * Launches a server, which is this process's: it ends with it, however it ends. Resolves when it is ready.
 * @throws LaunchError, or the signal's reason
 */
export const launch = async (product: Product, options?: LaunchOptions): Promise<Server> =>
  (await import('./launch.js')).launch(product, options);

/**
 * A server that is shared by all who ask for the same: the first one launches it in the background, and it is stopped
 * when the last one has given it back, or is gone.
 * @throws LaunchError, or the signal's reason
 */
export const acquire = async (product: Product, options?: AcquireOptions): Promise<Server> =>
  (await import('./acquire.js')).acquire(product, options);

/** The instances of this user that run, and with `all` the others as well. @throws LaunchError */
export const instances = async (options?: InstancesOptions): Promise<Instance[]> =>
  (await import('./instances.js')).instances(options);

/**
 * Waits until an instance, whoever has launched it, is ready, healthy or down; null where it is down because there is none.
 * @throws LaunchError, or the signal's reason
 */
export const wait = async (options?: WaitOptions): Promise<Instance | null> =>
  (await import('./wait.js')).wait(options);

/** Every JDK of this machine, and whether a product runs on it. @throws LaunchError */
export const jdks = async (options?: JdksOptions): Promise<Jdk[]> => (await import('./jdks.js')).jdks(options);

/** Every port of a product or an instance, and who has it; nothing is started or kept. @throws LaunchError */
export const ports = async (options?: PortsOptions): Promise<PortReport> => (await import('./ports.js')).ports(options);

/** Looks for whatever would go wrong with a launch of a home; nothing is started or changed. @throws LaunchError */
export const doctor = async (options?: DoctorOptions): Promise<DoctorReport> =>
  (await import('./doctor.js')).doctor(options);

/** The offset in a server's own configuration file. */
export const offset: OffsetFile = {
  get: async (options) => (await import('./offset.js')).offset.get(options),
  set: async (options) => (await import('./offset.js')).offset.set(options),
  unset: async (options) => (await import('./offset.js')).offset.unset(options),
};
