import type { AwaitedArtifact, DeploymentAction } from '../../domain/deployment.js';
import { LaunchError } from '../../domain/failure.js';
import { formatDuration } from '../../domain/numbers.js';
import type { Deployable } from '../../home/deployables.js';
import { type Instance, isRunning } from '../../instance/list.js';
import type { System } from '../../system/index.js';
import { placeFiles } from '../../system/placing.js';
import { rethrowShortage } from '../../system/shortage.js';
import { followRecords, livenessOf } from './deployment-log.js';
import { type Told, untilTold, type WaitEnd } from './deployment-words.js';

/** What is asked of a deployment. */
export interface DeploymentRequest {
  readonly action: DeploymentAction;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told of each artifact as soon as its end is known. */
  tell(end: ArtifactEnd): void;
}

/** The end of one artifact. JSON holds it. */
export interface ArtifactEnd {
  readonly file: string;
  /** Where the server takes it from. */
  readonly path: string;
  /** `copied` and `removed`: the server has said nothing of it; the reason is why. */
  readonly outcome: 'deployed' | 'undeployed' | 'copied' | 'removed' | 'faulty';
  readonly reason: UnheardReason | null;
  /** Whether another one was in its place. */
  readonly replaced: boolean;
  /** Null where no word was waited for. */
  readonly durationMs: number | null;
}

/** Why there is no word of a server's: it does not run, reads such files when it starts, or says nothing of that end. */
export type UnheardReason = 'not-running' | 'read-at-start' | 'unsaid';

/** What comes of an artifact once its file has been changed. */
type FileEnd = Pick<ArtifactEnd, 'outcome' | 'reason' | 'durationMs'>;
type AwaitedFile = AwaitedArtifact & { readonly from: Deployable };
type Faults = readonly (AwaitedFile & { readonly lines: readonly string[] })[];

/** One deployment of several files, batch by batch. */
export class Deployment {
  readonly ends: ArtifactEnd[] = [];
  readonly #beganMs: number;
  readonly #missing: string[] = [];
  #faults: Faults = [];
  #end: WaitEnd = 'all-told';

  constructor(
    private readonly instance: Instance,
    private readonly request: DeploymentRequest,
    private readonly system: System,
  ) {
    this.#beganMs = system.clock.now();
  }

  /** Changes files, and waits for the server's word about those of which it will say one. */
  async run(files: readonly Deployable[], isAwaited: (file: Deployable) => boolean): Promise<void> {
    const { action } = this.request;
    const { files: disk } = this.system;
    const logStart = disk.sizeOf(this.instance.logFile);
    const replaced = new Set(files.filter(({ target }) => action === 'deploy' && disk.isFile(target)));
    await this.#change(files);
    const tell = (file: Deployable, end: FileEnd): void => {
      const told = { file: file.file, path: file.target, replaced: replaced.has(file), ...end };
      this.ends.push(told);
      this.request.tell(told);
    };
    for (const file of files)
      if (!isAwaited(file)) tell(file, unheard(action, isRunning(this.instance) ? 'read-at-start' : 'not-running'));
    const awaited = files.filter(isAwaited);
    if (awaited.length > 0) await this.#hear(awaited, logStart, tell);
  }

  /** @throws LaunchError `artifact-faulty`, `word-timed-out`, `word-cut-off` */
  check(): void {
    const { name, logFile } = this.instance;
    const { action, timeoutMs } = this.request;
    const about = { name, action, missing: this.#missing, logFile };
    if (this.#faults.length > 0) {
      const artifacts = this.#faults.map(({ file, from: { target } }) => {
        return { file, path: target, isThere: this.system.files.isFile(target) };
      });
      const lines = this.#faults.flatMap((fault) => fault.lines);
      throw new LaunchError({ kind: 'artifact-faulty', ...about, artifacts }, lines);
    }
    if (this.#end === 'server-ended') throw new LaunchError({ kind: 'word-cut-off', ...about });
    if (this.#end === 'time-over')
      throw new LaunchError({ kind: 'word-timed-out', ...about, timeout: formatDuration(timeoutMs) });
  }

  /** @throws LaunchError `unusable-home`, `shortage`, or `usage` for a file that is being written */
  async #change(files: readonly Deployable[]): Promise<void> {
    try {
      if (this.request.action === 'deploy')
        await placeFiles(files.map((file) => ({ ...file, from: file.path, to: file.target })));
      else for (const { target } of files) this.#remove(target);
    } catch (error) {
      rethrowShortage(error);
      throw unchangeable(error, this.instance.home);
    }
  }

  #remove(path: string): void {
    if (!this.system.files.remove(path)) throw new Error(`${path} can't be removed`);
  }

  async #hear(
    files: readonly Deployable[],
    logStart: number,
    tell: (file: Deployable, end: FileEnd) => void,
  ): Promise<void> {
    const { action, timeoutMs, signal } = this.request;
    const artifacts = files.map((from): AwaitedFile => {
      const { file, names, deployer } = from;
      return { from, file, names, words: deployer.words as AwaitedArtifact['words'] };
    });
    const told: Told<AwaitedFile>[] = [];
    const end = await untilTold(
      {
        artifacts,
        action,
        timeoutMs: this.#beganMs + timeoutMs - this.system.clock.now(),
        signal,
        follow: (take) => followRecords(this.instance.logFile, logStart, take),
        look: () => livenessOf(this.instance, this.system),
        tell: (one) => {
          told.push(one);
          tell(one.artifact.from, endOf(one, action));
        },
      },
      this.system,
    );
    this.#faults = [...this.#faults, ...told.flatMap(faultOf)];
    this.#missing.push(
      ...artifacts.filter((one) => !told.some(({ artifact }) => artifact === one)).map(({ file }) => file),
    );
    if (end !== 'all-told') this.#end = end;
  }
}

const faultOf = ({ artifact, verdict }: Told<AwaitedFile>): Faults =>
  verdict.kind === 'faulty' ? [{ ...artifact, lines: verdict.lines }] : [];

const unheard = (action: DeploymentAction, reason: UnheardReason, durationMs: number | null = null): FileEnd => ({
  outcome: action === 'deploy' ? 'copied' : 'removed',
  reason,
  durationMs,
});

function endOf({ verdict, durationMs }: Told<AwaitedFile>, action: DeploymentAction): FileEnd {
  const rounded = Math.round(durationMs);
  switch (verdict.kind) {
    case 'done':
      return { outcome: action === 'deploy' ? 'deployed' : 'undeployed', reason: null, durationMs: rounded };
    case 'faulty':
      return { outcome: 'faulty', reason: null, durationMs: rounded };
    case 'unsaid':
      return unheard(action, 'unsaid', rounded);
  }
}

function unchangeable(error: unknown, home: string): LaunchError {
  if (error instanceof LaunchError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new LaunchError({
      kind: 'shortage',
      what: `The disk of ${home} is full (${message}).`,
      hint: 'Make room on it, and do it again.',
    });
  const what = `What ${home} deploys can't be changed: ${message}.`;
  const hint = 'Look at the access rights of that folder, and at what else uses the file.';
  return new LaunchError({ kind: 'unusable-home', what, hint }, [], { cause: error });
}
