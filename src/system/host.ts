import type { Environment } from '../domain/command.js';
import type { ProcessIdentity, ProcessRow } from '../domain/tree.js';
import type { Processes } from './processes.js';
import type { Spawning } from './spawning.js';

/** The traits of the machine's operating system that matter to a launch, and what each system does in its own way. */
export interface Host {
  /** The end of a start script's name. */
  readonly scriptExtension: string;
  /** The JVM's program in the `bin` of a JDK. */
  readonly javaProgram: string;
  /** A start script that finds no `tmp` to empty empties the home instead. */
  readonly scriptsNeedTmp: boolean;
  /** Some start scripts lose their arguments: what matters goes into JAVA_OPTS as well. */
  readonly scriptsLoseArguments: boolean;
  /** A script may end its lines with carriage returns. */
  readonly scriptsTakeCarriageReturns: boolean;
  /** A start script ends with the exit code of its JVM; elsewhere it ends with 0 whatever that did. */
  readonly scriptsPassCode: boolean;
  /** SIGTERM asks a process to end; where it does not, any signal ends it at once. */
  readonly asksBySignal: boolean;
  /** False where the start scripts can't call the JDK at this path. */
  canCallJdkAt(path: string): boolean;
  /** The folders that hold JDKs, and who has put them there; many of them may be missing. */
  jdkFolders(env: Environment, userFolder: () => string): readonly JdkFolder[];
  /** The JDKs that the system has written down. */
  registeredJdks(spawning: Pick<Spawning, 'outputOf'>, signal: AbortSignal): Promise<readonly string[]>;
  /** Refuses what a start script can't be called with. @throws LaunchError `unusable-home` or `usage` */
  checkScriptCall(home: string, args: readonly string[]): void;
  /** The folder in which a user's programs keep state from one run to the next. */
  statePlace(env: Environment, userFolder: () => string): string;
  /**
   * Kills a server's leader at one blow with what hangs together with it. @param members the processes that are left
   */
  killTogether(leader: ProcessIdentity, members: readonly ProcessRow[], parts: KillingParts): Promise<void>;
  /** Kills a process that was started among others, and all below it. */
  killTree(pid: number, parts: KillingParts): Promise<void>;
}

/** A folder in which JDKs lie beside each other. */
export interface JdkFolder {
  readonly path: string;
  /** Whoever puts JDKs there, in a word for people. */
  readonly by: string;
  /** Present where only entries that begin with it are JDKs. */
  readonly prefix?: string;
}

export interface KillingParts {
  readonly processes: Pick<Processes, 'snapshot' | 'signal' | 'signalGroup'>;
  readonly spawning: Pick<Spawning, 'killTree'>;
}
