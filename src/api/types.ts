import type { Writable } from 'node:stream';
import type { Product } from './product.js';

// All types of the library, in one file: it is what an editor shows. Of others it takes the products' ids alone. That they say what the code
// does is a test of its own (test/api/types.test.ts).

export type { Product };

/** The home that is meant. */
export interface HomeOptions {
  /** Absent: the product's variable (`APIM_HOME`), else the current folder and those above it. */
  readonly home?: string;
  /** The runtime of a home that holds several. */
  readonly profile?: string;
}

export interface LaunchOptions extends HomeOptions {
  /** The instance's name; absent: the product's id, then `id-2` and so on. */
  readonly name?: string;
  /** A number, or `'auto'` for the smallest one at which nothing collides; absent: the configured one. */
  readonly offset?: number | 'auto';
  /** The offset from which `'auto'` counts; absent: the configured one. */
  readonly minOffset?: number;
  /** The last offset that `'auto'` tries; absent: the last at which no port is beyond 65535. */
  readonly maxOffset?: number;
  /** The JDK; absent: `JAVA_HOME`, else the home of the `java` on PATH. */
  readonly javaHome?: string;
  /** In place of `javaHome`: the newest JDK of this feature release that `jdks` finds. */
  readonly java?: number;
  /** Absent: five minutes. */
  readonly readyTimeoutMs?: number;
  /** The longest time of a graceful stop before the server is killed; absent: two minutes. */
  readonly stopTimeoutMs?: number;
  /** Ready only once `GET` of this path on the server's first URL answers 200 or 302. */
  readonly readyUrl?: string;
  /** Ready only once a line of the log matches this regular expression as well. */
  readonly readyWhen?: string;
  /** Whether it is started again when it ends; absent: never. */
  readonly restart?: 'never' | 'on-failure' | 'always';
  /** The most restarts in a row; absent: 5. */
  readonly maxRestarts?: number;
  /**
   * The server is a job that ends by itself: its exit code is that of `ended`, and an end before it is ready is no
   * failure. No time-out runs unless `readyTimeoutMs` is given.
   */
  readonly once?: boolean;
  /** Starts with a copy of deployment.toml in which the URLs follow the offset. */
  readonly followOffset?: boolean;
  /** Takes the offset at which the database of the home was first started, where that is known. */
  readonly sticky?: boolean;
  /** From a home of its own, which is made from the installation and stays; absent: from the home itself. */
  readonly private?: boolean;
  /** With `private`: that home is made anew, and what the one before had is thrown away. */
  readonly fresh?: boolean;
  /** Arguments for the start script. */
  readonly args?: readonly string[];
  /** Added to the server's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Keys of the home's configuration, dotted, and their values for this launch alone: the file is left as it is. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  /** Files that are laid over it likewise: tables are merged, arrays and values replaced. */
  readonly config?: readonly string[];
  /** Options for the server's JVM, and for no helper beside it. */
  readonly jvmArgs?: readonly string[];
  /** The most memory of the server's heap: `'512m'`, `'2g'`. */
  readonly memory?: string;
  /** A debugger can attach at this port of 127.0.0.1, or at the first free one from 5005 on; absent: none can. */
  readonly debug?: boolean | number;
  /** Whether the server waits for that debugger, however long that takes. */
  readonly suspend?: boolean;
  /** Files of such variables, as `.env` files are: a later one beats those before it, and `env` beats them all. */
  readonly envFile?: readonly string[];
  /** A destination for the server's output besides its log file; absent: `'ignore'`. */
  readonly output?: 'ignore' | 'inherit' | Writable;
  /** Ends the launch, or the server, as SIGTERM does. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: LaunchEvent) => void;
}

/** What a restart changes; whatever is absent stays as it was. A list takes the place of the former one. */
export type RestartOptions = Omit<
  LaunchOptions,
  keyof HomeOptions | 'name' | 'once' | 'private' | 'fresh' | 'output' | 'signal' | 'onEvent'
>;

export interface AcquireOptions extends Omit<LaunchOptions, 'once'> {
  /** Time for which the server is kept when this is the last one to give it back; absent: 0. */
  readonly lingerMs?: number;
  /** The holder's name, as `instances` shows it; absent: the program's name and pid. */
  readonly label?: string;
}

/** A ready server. After a restart its fields are the new one's. */
export interface Server {
  readonly name: string;
  readonly product: string;
  /** Null where its home does not say. */
  readonly version: string | null;
  readonly home: string;
  readonly offset: number;
  /** The pid of its JVM. */
  readonly pid: number;
  /** The port numbers by the ports' names, the offset added. */
  readonly ports: Readonly<Record<string, number>>;
  readonly urls: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly warnings: readonly string[];
  /** Resolves once its launch is over, or once it has been given back; it never rejects. */
  readonly ended: Promise<ServerEnd>;
  /** The URL of an endpoint; absent: the first one. @throws LaunchError for an unknown one, with the known ones */
  url(endpoint?: string): string;
  /** The number of one of its ports. @throws LaunchError for an unknown one, with the known ones */
  port(name: string): number;
  /** The ports and URLs as variables, as `wso2-launch env` prints them. */
  env(): Record<string, string>;
  /** The events from now on, until the launch is over. */
  events(): AsyncIterable<LaunchEvent>;
  /** The lines of its log since its launch, oldest first, without colours. */
  logs(options?: LogOptions): AsyncIterable<string>;
  /**
   * Resolves once it is ready again, with changed options where there are some.
   * @throws LaunchError; with code 2, 3 or 4 the changed options can't be had, and the server goes on as it was
   */
  restart(options?: RestartOptions): Promise<void>;
  /** Stops it, or gives it back where others may use it as well. Once or often. @throws LaunchError with code 7 */
  stop(): Promise<Stopped>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The outcome of a stop. */
export interface Stopped {
  readonly how: 'graceful' | 'killed';
  readonly durationMs: number;
}

/** The end of a server's launch. */
export interface ServerEnd {
  /** The code that the command line would have ended with. */
  readonly code: number;
  /** A stable kebab-case word; absent where it ended as asked. */
  readonly failure?: string;
}

export interface LogOptions {
  /** Only so many lines at the end. */
  readonly tail?: number;
  /** Only what was written since, or so many milliseconds ago at the most. */
  readonly since?: Date | number;
  /** Go on until the server's launch is over. */
  readonly follow?: boolean;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** The holder of a port; null where the system does not tell. */
export interface PortHolder {
  readonly pid: number | null;
  readonly command: string | null;
  /** The instance that holds it, or has been promised it. */
  readonly instance?: string;
  /** The home of the server that it is, where that was started by hand. */
  readonly home?: string;
}

export interface PortName {
  readonly name: string;
  readonly number: number;
}

/** A port that somebody else has; `by` is null where nobody was found on it. */
export interface TakenPort extends PortName {
  readonly by: PortHolder | null;
}

/** A port of a server at its offset. */
export interface Port extends PortName {
  /** Before the offset. */
  readonly base: number;
  readonly scheme: 'http' | 'https' | 'ws' | 'wss' | 'tcp' | 'tls';
  /** Whether it moves with the offset. */
  readonly shifted: boolean;
  /** Present where the server goes on to another port if this one is taken, so that the number may not hold. */
  readonly movesOn?: true;
  readonly required: boolean;
  /** `default`, or where it was set: `deployment.toml:12`. */
  readonly source: string;
}

/** The fields that every event has besides its own. */
export interface EventStamp {
  readonly schemaVersion: 1;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The instance's; null where a failure comes before there is one. */
  readonly name: string | null;
}

/** An event of a launch, as `--json` prints it: a line each there, an object here. */
export type LaunchEvent = EventStamp &
  (
    | {
        /** A private home is copied from another file system. It comes again and again. */
        readonly event: 'copying';
        readonly home: string;
        readonly installation: string;
        readonly copiedBytes: number;
        readonly totalBytes: number;
      }
    | {
        readonly event: 'planned';
        readonly product: string;
        readonly version: string | null;
        readonly home: string;
        readonly offset: number;
        /** The offsets that were passed over. */
        readonly skipped: readonly {
          readonly offset: number;
          readonly port: PortName;
          readonly by: PortHolder | null;
        }[];
      }
    | {
        readonly event: 'starting';
        readonly offset: number;
        /** The pid of the process that is started. */
        readonly pid: number;
        readonly command: {
          readonly file: string;
          readonly args: readonly string[];
          readonly cwd: string;
          readonly env: { readonly set: Readonly<Record<string, string>>; readonly unset: readonly string[] };
        };
        readonly logFile: string;
      }
    | {
        readonly event: 'retrying';
        readonly offset: number;
        readonly lost: readonly TakenPort[];
        readonly nextOffset: number;
      }
    | {
        readonly event: 'ready';
        readonly offset: number;
        /** The pid of the server's JVM. */
        readonly pid: number;
        readonly durationMs: number;
        readonly ports: readonly Port[];
        readonly urls: Readonly<Record<string, string>>;
        readonly logFile: string;
        readonly warnings: readonly string[];
      }
    /** A port or the health check of a ready server has gone; another `ready` follows if they come back. */
    | { readonly event: 'unhealthy'; readonly reason: string }
    | {
        readonly event: 'restarting';
        readonly attempt: number;
        readonly delayMs: number;
        readonly reason: 'crashed' | 'from-inside' | 'asked';
      }
    | { readonly event: 'stopping'; readonly reason: StopReason }
    | ({ readonly event: 'stopped'; readonly reason: StopReason } & Stopped)
    | ({ readonly event: 'failed' } & FailureReport)
  );

export type StopReason = 'signal' | 'asked' | 'from-inside' | 'failed' | 'exec-done' | 'parent-gone';

/** Why something failed, and what to do about it. */
export interface FailureReport {
  /** The exit code of the command line. */
  readonly code: number;
  /** A stable kebab-case word: `ports-taken`, `home-runs`, `usage`. */
  readonly failure: string;
  readonly message: string;
  /** The next step. */
  readonly hint: string;
  /** The lines of the server's log that may explain it, oldest first. */
  readonly lastLines: readonly string[];
  /** The ports that stand in the way, with code 4. */
  readonly taken?: readonly TakenPort[];
  /** The ports that were lost to another program, with code 9. */
  readonly lost?: readonly TakenPort[];
}

export interface InstancesOptions {
  /** Also the last ended one of each name, and the servers that were started by hand. */
  readonly all?: boolean;
  /** With `all`: forgets first those that have ended, and removes their logs. */
  readonly prune?: boolean;
  /** With `prune`: leaves their logs. */
  readonly keepLogs?: boolean;
}

export interface WaitOptions {
  /** Absent: the only instance that runs. */
  readonly name?: string;
  /** `healthy`: ready, and a look at its ports and its health right now finds nothing; absent: `'ready'`. */
  readonly for?: 'ready' | 'healthy' | 'down';
  /** Absent: as long as it takes. */
  readonly timeoutMs?: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** An instance as `ps --json` prints it. */
export interface Instance {
  /** Null for a server that was started by hand. */
  readonly name: string | null;
  /** Null where its home is of a product that is not known. */
  readonly product: string | null;
  readonly version: string | null;
  readonly home: string;
  /** What its private home was made from; null where it runs in no private one. */
  readonly installation: string | null;
  readonly offset: number | null;
  readonly status: 'starting' | 'ready' | 'unhealthy' | 'restarting' | 'stopping' | 'exited' | 'orphaned' | 'foreign';
  /** The JVM's, while it is ready. */
  readonly pid: number | null;
  readonly supervisorPid: number | null;
  readonly ports: readonly Port[];
  readonly urls: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly startedAt: string | null;
  readonly readyAt: string | null;
  readonly restarts: number;
  readonly logFile: string | null;
  /** The users of the server, each for as long as its connection lives. */
  readonly holders: readonly { readonly pid: number; readonly label: string; readonly since: string }[];
  /** Whom it waits for before it starts: `a debugger on 5005`; absent: for nobody. */
  readonly awaits?: readonly string[];
  /** Percentage of one processor since the start; null where it can't be known. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
}

export interface PortsOptions extends HomeOptions {
  readonly product?: Product;
  /** Absent: the offset that the server would use by itself. */
  readonly offset?: number;
  /** A running instance, in place of a home. */
  readonly name?: string;
}

/** Every port of a server and who has it, as `ports --json` prints it. */
export interface PortReport {
  readonly schemaVersion: 1;
  readonly product: string;
  readonly version: string | null;
  /** Null where no home was found: then it is the newest known version. */
  readonly home: string | null;
  readonly offset: number;
  readonly ports: readonly (Port & { readonly state: 'free' | 'taken' | 'leased'; readonly by: PortHolder | null })[];
}

export interface DoctorOptions extends HomeOptions {
  readonly product?: Product;
  /** Absent: the configured one. */
  readonly offset?: number;
  readonly javaHome?: string;
  /** In place of `javaHome`: the newest JDK of this feature release that `jdks` finds. */
  readonly java?: number;
}

export interface JdksOptions extends HomeOptions {
  readonly product?: Product;
}

/** A JDK of this machine, as `jdks --json` prints it. */
export interface Jdk {
  readonly home: string;
  /** Null where it can't be told. */
  readonly version: string | null;
  readonly vendor: string | null;
  /** Where it was found: a variable, `PATH`, a folder, or the tool that has put it there. */
  readonly foundBy: string;
  /** Whether the server of the home, or without one the newest version of the product, runs on it; null without both. */
  readonly fits: boolean | null;
}

/** The findings on what would go wrong with a launch, as `doctor --json` prints them. */
export interface DoctorReport {
  readonly schemaVersion: 1;
  readonly product: string;
  readonly version: string | null;
  readonly home: string;
  readonly findings: readonly {
    readonly id: string;
    readonly level: 'error' | 'warning' | 'ok';
    readonly what: string;
    readonly why: string;
    readonly mend: string | null;
  }[];
}

export interface OffsetOptions extends HomeOptions {
  readonly product?: Product;
}

export interface OffsetChangeOptions extends OffsetOptions {
  /** Also where somebody has set something else than an integer. */
  readonly force?: boolean;
}

/** The offset of a server that is started without arguments, as `offset get --json` prints it. */
export interface OffsetReport {
  readonly schemaVersion: 1;
  readonly product: string;
  readonly home: string;
  readonly offset: number;
  /** `default`, or where it was set: `deployment.toml:12`. */
  readonly source: string;
}

/** The offset in a server's own configuration file. */
export interface OffsetFile {
  /** @throws LaunchError */
  get(options?: OffsetOptions): Promise<OffsetReport>;
  /** Changes its one line, and byte for byte nothing else. @throws LaunchError also for a home that runs */
  set(options: OffsetChangeOptions & { readonly offset: number }): Promise<OffsetReport>;
  /** Comments its line out, or writes what the product ships. @throws LaunchError also for a home that runs */
  unset(options?: OffsetChangeOptions): Promise<OffsetReport>;
}
