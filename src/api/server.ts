import { instanceVariables } from '../domain/command.js';
import { numbersOf, portNamed, urlNamed } from '../domain/endpoints.js';
import type { LaunchEvent as Event, ReadyEvent } from '../domain/events.js';
import { LaunchError as InternalError } from '../domain/failure.js';
import { errorOf, type Over } from '../domain/protocol.js';
import { nodeSystem } from '../system/index.js';
import { eventDocument, failedEvent } from './events.js';
import { Feed } from './feed.js';
import type { LaunchChange } from './internal/request.js';
import { restartListener } from './internal/restart.js';
import { logLines } from './logs.js';
import { checkForm, checkLogs, checkRestart, FORMS } from './options.js';
import { publicError } from './public-error.js';
import type { LaunchEvent, LogOptions, RestartOptions, Server, ServerEnd, Stopped } from './types.js';
import { inLibrary } from './wording.js';

/** The way to a server, wherever its supervisor is. */
export interface ServerControl {
  /** Has it started again; what happens then is told as events. */
  restart(change: LaunchChange | undefined): Promise<void>;
  stop(): void;
  /** Lets this process end though the server runs; absent where its supervisor is this process. */
  readonly unref?: () => void;
  /** Settles once nothing more is to be told of it. */
  readonly over: Promise<Over | undefined>;
}

/** The events of a launch so far: kept for the fields of its server, and passed on. */
export class Story {
  readonly feed = new Feed<LaunchEvent>();
  /** ISO 8601. */
  startedAt = new Date().toISOString();
  name: string | null = null;
  ready: ReadyEvent | undefined;
  stopped: Stopped | undefined;
  /** Resolves when it is ready first. */
  readonly whenReady: Promise<void>;
  #settle = (): void => {};
  #starting: Extract<Event, { event: 'starting' }> | undefined;
  #planned: Pick<Extract<Event, { event: 'planned' }>, 'product' | 'version' | 'home'> | undefined;

  constructor(private readonly onEvent: ((event: LaunchEvent) => void) | undefined) {
    this.whenReady = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** The fields of a job that has ended before it was ready, as far as there are any. */
  get unready(): ReadyEvent {
    const { offset, pid, logFile } = this.#starting as Extract<Event, { event: 'starting' }>;
    return { event: 'ready', offset, pid, durationMs: 0, ports: [], urls: {}, logFile, warnings: [] };
  }

  get subject(): { readonly product: string; readonly version: string | null; readonly home: string } {
    return this.#planned ?? { product: '', version: null, home: '' };
  }

  /** Begins with what the launch of an older server has told. */
  begin({
    name,
    startedAt,
    ...planned
  }: Story['subject'] & { readonly name: string; readonly startedAt: string }): void {
    this.name = name;
    this.startedAt = startedAt;
    this.#planned = planned;
  }

  tell(event: Event): void {
    if (event.event === 'planned') this.#planned = event;
    if (event.event === 'starting') this.#starting = event;
    if (event.event === 'ready') this.ready = event;
    if (event.event === 'stopped') this.stopped = { how: event.how, durationMs: event.durationMs };
    this.#pass(eventDocument(event, this.name, Date.now(), inLibrary));
    if (event.event === 'ready') this.#settle();
  }

  fail(error: InternalError): void {
    this.#pass(eventDocument(failedEvent(error, inLibrary), this.name, Date.now(), inLibrary));
  }

  #pass(event: LaunchEvent): void {
    try {
      this.onEvent?.(event);
    } catch (error) {
      // The fault of whoever listens is told where its others are, and is no reason to lose a server.
      queueMicrotask(() => {
        throw error;
      });
    }
    this.feed.tell(event);
  }
}

/** A server that has been ready. */
export class LiveServer implements Server {
  readonly ended: Promise<ServerEnd>;
  // Private to the class at run time as well: whoever prints a server or copies it sees none of them.
  readonly #story: Story;
  readonly #control: ServerControl;
  #stopping: Promise<Stopped> | undefined;

  constructor(story: Story, control: ServerControl) {
    this.#story = story;
    this.#control = control;
    this.ended = control.over.then(endOf, (error: unknown) => {
      const { code, failure } = publicError(error);
      return { code, failure };
    });
    void this.ended.then(() => story.feed.end());
  }

  get name(): string {
    return this.#story.name ?? '';
  }
  get product(): string {
    return this.#story.subject.product;
  }
  get version(): string | null {
    return this.#story.subject.version;
  }
  get home(): string {
    return this.#story.subject.home;
  }
  get offset(): number {
    return this.#ready.offset;
  }
  get pid(): number {
    return this.#ready.pid;
  }
  get ports(): Readonly<Record<string, number>> {
    return numbersOf(this.#ready.ports);
  }
  get urls(): Readonly<Record<string, string>> {
    return this.#ready.urls;
  }
  get logFile(): string {
    return this.#ready.logFile;
  }
  get warnings(): readonly string[] {
    return this.#ready.warnings.map(inLibrary);
  }
  get #ready(): ReadyEvent {
    return this.#story.ready ?? this.#story.unready; // no other than a job is given out before
  }
  get #named(): ReadyEvent & { readonly name: string; readonly home: string } {
    return { ...this.#ready, name: this.name, home: this.home };
  }

  url(endpoint?: string): string {
    return asked(() => {
      if (endpoint !== undefined) checkForm('endpoint', endpoint, FORMS.text);
      return urlNamed(this.#named, endpoint);
    });
  }

  port(name: string): number {
    return asked(() => {
      checkForm('name', name, FORMS.text);
      return portNamed(this.#named, name);
    });
  }

  env(): Record<string, string> {
    return instanceVariables(this.#named);
  }

  events(): AsyncIterable<LaunchEvent> {
    return this.#story.feed.listen();
  }

  logs(options: LogOptions = {}): AsyncIterable<string> {
    const given = asked(() => checkLogs(options));
    const { name, logFile, ended: over } = this;
    return logLines({ name, logFile, startedAt: this.#story.startedAt, over }, given);
  }

  async restart(options: RestartOptions = {}): Promise<void> {
    const change = asked(() => checkRestart(options));
    if (this.#stopping) throw whyOver(undefined, this.name);
    await this.#control.restart(change).catch((error: unknown) => {
      throw publicError(error);
    });
  }

  stop(): Promise<Stopped> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<Stopped> {
    const startedMs = nodeSystem.clock.now();
    this.#control.stop();
    const over = await this.#control.over.catch((error: unknown) => {
      throw publicError(error);
    });
    const error = over && errorOf(over);
    // A server that had ended by itself is as stopped as it can be.
    if (error?.failure.kind === 'survived-stop') throw publicError(error);
    const durationMs = Math.round(nodeSystem.clock.now() - startedMs);
    return this.#story.stopped ?? { how: 'graceful', durationMs };
  }

  /** Lets this process end though it holds the server, which it does as long as it lives: for test runners. */
  unref(): void {
    this.#control.unref?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Its fields, as JSON has them. */
  toJSON(): ServerFields {
    const { name, product, version, home, offset, pid, ports, urls, logFile, warnings } = this;
    return { name, product, version, home, offset, pid, ports, urls, logFile, warnings };
  }

  /** What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): ServerFields {
    return this.toJSON();
  }
}

type ServerFields = Pick<
  Server,
  'name' | 'product' | 'version' | 'home' | 'offset' | 'pid' | 'ports' | 'urls' | 'logFile' | 'warnings'
>;

const endOf = (over: Over | undefined): ServerEnd => {
  const failure = over?.failure?.kind;
  return { code: over?.code ?? 0, ...(failure !== undefined && { failure }) };
};

/** @throws LaunchError in its public form */
function asked<T>(question: () => T): T {
  try {
    return question();
  } catch (error) {
    throw publicError(error);
  }
}

/** Why there is no server, or none any more. */
export const whyOver = (over: Over | undefined, name: string | null): Error =>
  publicError((over && errorOf(over)) ?? new InternalError({ kind: 'stopped-meanwhile', name, byWhomever: true }));

/** Asks for another start, and waits until that is ready. @throws LaunchError */
export async function untilReadyAgain(
  { feed, name }: Story,
  over: Promise<Over | undefined>,
  ask: () => void | Promise<void>,
): Promise<void> {
  const events = feed.listen();
  try {
    await ask();
    const isReadyAgain = restartListener();
    for await (const event of events) if (isReadyAgain(event)) return;
  } finally {
    await events.return?.();
  }
  throw whyOver(await over, name);
}
