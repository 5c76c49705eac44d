import { basename, dirname } from 'node:path';
import { inCommandLine } from '../../src/cli/wording.js';
import { type Failure, LaunchError, type PortHolder } from '../../src/domain/failure.js';
import type { Text } from '../../src/domain/text.js';
import type { ProcessIdentity, ProcessRow } from '../../src/domain/tree.js';
import type { Clock } from '../../src/system/clock.js';
import type { Control, Listening } from '../../src/system/control.js';
import type { Files } from '../../src/system/files.js';
import type { Http, HttpRequest, ShownChain } from '../../src/system/http.js';
import type { System } from '../../src/system/index.js';
import type { Lease, Leases, LiveLease } from '../../src/system/leases.js';
import type { Machine } from '../../src/system/machine.js';
import type { Mutex } from '../../src/system/mutex.js';
import { posixHost } from '../../src/system/posix/host.js';
import type { Processes } from '../../src/system/processes.js';
import type { PortSocket, Sockets } from '../../src/system/sockets.js';
import type { Spawning } from '../../src/system/spawning.js';
import { nodeTrees } from '../../src/system/trees.js';
import type { Testimony } from '../../src/system/witness.js';

/** Lets everything happen that needs no time. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #now = 1_000;
  #sleepers: Sleeper[] = [];

  now = (): number => this.#now;
  uptime = (): number => this.now();
  date = (): number => Date.UTC(2026, 10, 22) + this.#now;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wakeEarly = (): void => this.#wake(sleeper);
      const sleeper = {
        atMs: this.#now + ms,
        wake: () => {
          signal?.removeEventListener('abort', wakeEarly);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', wakeEarly);
    });

  /** Does something when so much time has passed from now. */
  after(ms: number, action: () => void): void {
    this.#sleepers.push({ atMs: this.#now + ms, wake: action });
  }

  /** Time passes in which nobody runs. */
  jump(ms: number): void {
    this.#now += ms;
  }

  async advance(ms: number): Promise<void> {
    const endMs = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#next();
      if (!next || next.atMs > endMs) break;
      this.#pass(next);
    }
    this.#now = endMs;
  }

  /** Lets time pass until the work is done, and tells how it ended and how long it took. */
  async watch<T>(work: Promise<T>, withinMs = 3_600_000): Promise<Outcome<T>> {
    const startMs = this.#now;
    let outcome: Outcome<T> | undefined;
    work.then(
      (value) => {
        outcome = { value, tookMs: this.#now - startMs };
      },
      (error: unknown) => {
        outcome = { error, tookMs: this.#now - startMs };
      },
    );
    for (;;) {
      await settle();
      if (outcome) return outcome;
      const next = this.#next();
      if (!next) throw new Error('it waits for something that no time brings');
      if (next.atMs > startMs + withinMs) throw new Error(`it has not ended within ${withinMs} ms`);
      this.#pass(next);
    }
  }

  #next(): Sleeper | undefined {
    return this.#sleepers.reduce<Sleeper | undefined>(
      (first, sleeper) => (first && first.atMs <= sleeper.atMs ? first : sleeper),
      undefined,
    );
  }

  #pass(next: Sleeper): void {
    this.#now = Math.max(this.#now, next.atMs);
    this.#wake(next);
  }

  #wake(sleeper: Sleeper): void {
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    sleeper.wake();
  }
}

export interface Outcome<T> {
  readonly value?: T;
  readonly error?: unknown;
  readonly tookMs: number;
}

/** The failure behind an error that is expected, for whole comparisons. */
export const failureOf = (error: unknown): unknown => (error instanceof LaunchError ? error.failure : error);

/** The failure with which some work ends; its texts in the words of the command line. */
export async function failureFrom(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => {
      throw new Error(`it did not fail, but gave ${JSON.stringify(value)}`);
    },
    (error: unknown) => (error instanceof LaunchError ? worded(error.failure) : error),
  );
}

function worded(failure: Failure): object {
  const isText = (key: string): boolean => key === 'what' || key === 'hint';
  return Object.fromEntries(
    Object.entries(failure).map(([key, value]) => [key, isText(key) ? inCommandLine(value as Text) : value]),
  );
}

export const processRow = (pid: number, more: Partial<ProcessRow> = {}): ProcessRow => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  startTime: `t${pid}`,
  isZombie: false,
  name: `p${pid}`,
  ...more,
});

/** A process table in which SIGKILL ends everybody, and SIGTERM whoever is not stubborn. */
export class FakeProcesses implements Processes {
  rows: ProcessRow[] = [];
  readonly arguments = new Map<number, readonly string[]>();
  readonly folders = new Map<number, string>();
  /** `SIGTERM 101`, `SIGKILL group 100`. */
  readonly signals: string[] = [];
  /** What a process does about a signal; otherwise it ends. */
  onSignal = (_pid: number, _signal: NodeJS.Signals): 'ends' | 'stays' => 'ends';

  snapshot = (): ProcessRow[] => [...this.rows];
  find = (pid: number): ProcessRow | undefined => this.rows.find((row) => row.pid === pid);
  argumentsOf = (pid: number): readonly string[] => this.arguments.get(pid) ?? [];
  withArguments = (matches: (args: readonly string[]) => boolean): ProcessRow[] =>
    this.rows.filter(({ pid, isZombie }) => !isZombie && matches(this.argumentsOf(pid)));
  withVariable = (): Set<number> => new Set();
  userOf = (): undefined => undefined;
  workingFolderOf = (pid: number): string | undefined => this.folders.get(pid);
  /** Open files by the process that has them. */
  readonly openFiles = new Map<number, readonly string[]>();
  withOpenFile = (files: ReadonlySet<string>): { pid: number; file: string }[] =>
    [...this.openFiles].flatMap(([pid, open]) => open.filter((file) => files.has(file)).map((file) => ({ pid, file })));
  isWriting = (pid: number, file: string): boolean => this.openFiles.get(pid)?.includes(file) === true;
  cpuMs: number | undefined;
  cpuTimeOf = (): number | undefined => this.cpuMs;
  catchesQuit = (): boolean => true;
  usageOf = (): undefined => undefined;
  bootId = (): string => 'this boot';
  pidNamespace = (): string => 'pid:[1]';
  isHidden = (): boolean => false;
  isOutermost = false;
  seesAllPids = (): boolean => this.isOutermost;
  networkNamespace = (): string => 'net:[1]';

  end(...pids: readonly number[]): void {
    this.rows = this.rows.filter(({ pid }) => !pids.includes(pid));
  }

  signal = (target: ProcessIdentity, signal: NodeJS.Signals): boolean => {
    this.signals.push(`${signal} ${target.pid}`);
    if (this.onSignal(target.pid, signal) === 'ends') this.end(target.pid);
    return true;
  };

  signalGroup = (leader: ProcessIdentity, signal: NodeJS.Signals): boolean => {
    this.signals.push(`${signal} group ${leader.pid}`);
    const members = this.rows.filter(({ group }) => group === leader.pid);
    this.end(...members.map(({ pid }) => pid).filter((pid) => this.onSignal(pid, signal) === 'ends'));
    return true;
  };
}

/** Ports and who listens on them; a socket goes with the last process that shares it. */
export class FakeSockets implements Sockets {
  readonly #listening: PortSocket[] = [];
  #opened = 0;
  /** As under wine: that a port is bound can be seen, but not by whom. */
  isUntold = false;
  /** Every port that was bound to see whether it is free. */
  readonly bound: number[] = [];
  /** How often the tables were read. */
  looks = 0;

  constructor(readonly processes: FakeProcesses) {}

  /** Without a pid: another user's process. */
  listen(port: number, ...pids: readonly number[]): void {
    this.#opened += 1;
    this.#listening.push({ port, id: `socket ${this.#opened}`, pids });
  }

  /** Another user's process listens. */
  listenAs(ownerId: number, port: number): void {
    this.#opened += 1;
    this.#listening.push({ port, id: `socket ${this.#opened}`, pids: [], ownerId });
  }

  close(port: number): void {
    const index = this.#listening.findIndex((socket) => socket.port === port);
    this.#listening.splice(index, 1);
  }

  #on(ports: ReadonlySet<number>): PortSocket[] {
    return this.#listening
      .filter(({ port }) => ports.has(port))
      .map(({ pids, ...socket }) => ({
        ...socket,
        pids: pids.filter((pid) => this.processes.find(pid)),
        wasNamed: pids.length > 0,
      }))
      .filter(({ pids, wasNamed }) => pids.length > 0 || !wasNamed)
      .map(({ wasNamed: _, ...socket }) => (this.isUntold ? { ...socket, pids: [], isUntold: true } : socket));
  }

  clientPorts = () => ({ min: 32_768, max: 60_999 });

  firstBusy = async (ports: readonly number[]): Promise<number | undefined> => {
    this.bound.push(...ports);
    return ports.find((port) => this.#on(new Set([port])).length > 0);
  };

  listeners = async (ports: ReadonlySet<number>): Promise<PortSocket[]> => {
    this.looks += 1;
    return this.#on(ports);
  };

  holders = async (ports: ReadonlySet<number>): Promise<PortSocket[]> => this.#on(ports);
}

export class FakeLeases implements Leases {
  live: LiveLease[] = [];
  readonly written = new Map<string, Lease>();
  unreadable?: Error;
  unwritable?: Error;

  readLive = async (): Promise<LiveLease[]> => {
    if (this.unreadable) throw this.unreadable;
    return this.live;
  };
  /** What the witnesses beside our leases say. */
  testimony: Testimony = 'missing';
  witness = (): undefined => undefined;
  askWitness = async (): Promise<Testimony> => this.testimony;
  place = (): string => '1:1';
  withdraw = (id: string): void => this.remove(id);
  write = (id: string, lease: Lease): void => {
    if (this.unwritable) throw this.unwritable;
    this.written.set(id, lease);
  };
  update = (id: string, changes: Partial<Lease>): void => {
    this.written.set(id, { ...(this.written.get(id) as Lease), ...changes });
  };
  remove = (id: string): void => {
    this.written.delete(id);
  };
  fileOf = (id: string): string => `/leases/${id}.json`;
}

export class FakeMutex implements Mutex {
  isHeld = false;
  /** Somebody else has it and doesn't let go. */
  isBlocked = false;

  acquire = async (_timeoutMs: number, signal: AbortSignal): Promise<(() => void) | undefined> => {
    if (this.isBlocked) {
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      return undefined;
    }
    this.isHeld = true;
    return () => {
      this.isHeld = false;
    };
  };
}

/** Supervisors that answer as a test says. */
export class FakeControl implements Control {
  /** What was asked, and where: `stop at /sockets/one`. */
  readonly asked: string[] = [];
  answer = (_ask: string): readonly object[] => [];
  readonly forgotten: string[] = [];
  /** Where a supervisor listens that may not answer. */
  readonly heard = new Set<string>();
  isHeard = async (address: string): Promise<boolean> => this.heard.has(address);

  placeFor = (name: string): string => `/sockets/${name}`;
  addressOf = (id: string): string => `/sockets/${id}`;
  forget = (address: string): void => void this.forgotten.push(address);
  listen = async (): Promise<Listening> => ({ close: () => {} });
  ask = async (address: string, request: object, take: (line: object) => void): Promise<void> => {
    const { ask } = request as { ask: string };
    this.asked.push(`${ask} at ${address}`);
    for (const line of this.answer(ask)) take(line);
  };
}

export class FakeHttp implements Http {
  /** `GET 9201 /healthz`, `TLS 9443`. */
  readonly asked: string[] = [];
  answer = (_request?: HttpRequest): { readonly status: number; readonly body: string } => ({ status: 200, body: '' });

  send = async (request: HttpRequest): Promise<{ readonly status: number; readonly body: string }> => {
    this.asked.push(`${request.method ?? 'GET'} ${request.port} ${request.path}`);
    return this.answer(request);
  };
  connect = async (port: number): Promise<void> => {
    this.asked.push(`tcp ${port}`);
  };

  shakeHands = async (port: number): Promise<void> => {
    this.asked.push(`TLS ${port}`);
    this.answer();
  };

  /** Certificates by port; a port without any shows none. */
  readonly chains = new Map<number, ShownChain>();
  chainOn = async (port: number): Promise<ShownChain> => {
    this.asked.push(`chain ${port}`);
    const chain = this.chains.get(port);
    if (!chain) throw new Error('wrong version number');
    return chain;
  };
}

/** A machine with plenty of everything, on which every name resolves. */
export class FakeMachine implements Machine {
  files: number | undefined = 65_536;
  memory = 2 ** 34;
  /** Free bytes by path; elsewhere there are plenty. */
  readonly space = new Map<string, number | undefined>();
  readonly unresolved = new Map<string, string>();
  /** Names that were looked up. */
  readonly asked: string[] = [];

  hostname = (): string => 'machine.example';
  describe = (): ReturnType<Machine['describe']> => ({
    ...{ system: 'Linux', release: '6.1', architecture: 'x64', processors: 2, memoryBytes: 2 ** 34, node: 'v20.19.0' },
  });
  openFileLimit = (): number | undefined => this.files;
  fileSizeLimit = (): undefined => undefined;
  availableMemory = (): number => this.memory;
  freeSpace = (path: string): number | undefined => (this.space.has(path) ? this.space.get(path) : 2 ** 34);
  whyUnresolved = async (name: string): Promise<string | undefined> => {
    this.asked.push(name);
    return this.unresolved.get(name);
  };
  trustedRoots = async (): Promise<string> => 'roots\n';
}

/** Files by path, and links by path: everything else is missing but the root. */
export class FakeFiles implements Files {
  readonly texts = new Map<string, string>();
  readonly links = new Map<string, string>();

  readText = (path: string): string | undefined => this.texts.get(path);
  readUtf8 = this.readText;
  readExact = this.readText;
  exists = (path: string): boolean => this.texts.has(path);
  isFile = this.exists;
  inArchive = (): never => {
    throw new Error('it is no zip archive');
  };
  filesIn = (folder: string): string[] =>
    [...this.texts.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path));
  isFolder = (path: string): boolean => path === '/';
  isExecutable = this.exists;
  isWritable = this.exists;
  writtenAtMs = (): number => 0;
  identityOf: Files['identityOf'] = (path) =>
    this.exists(path) ? { id: path.replaceAll(/\W/g, '-'), bornAtMs: 0, writtenAtMs: 0 } : undefined;
  headOf: Files['headOf'] = (path, length) => this.texts.get(path)?.slice(0, length);
  matchesIn: Files['matchesIn'] = (path, pattern) => pattern.exec(this.texts.get(path) ?? '')?.slice(0, 1) ?? [];
  sizeOf = (path: string): number => this.texts.get(path)?.length ?? 0;
  whyUnwritable = (): undefined => undefined;
  realPath = (path: string): string => this.links.get(path) ?? path;
  folderAboveScript = (script: string): string => script;
  findProgram = (): undefined => undefined;
  makePrivateFolder = (): void => {};
  makeOwnFolder = this.makePrivateFolder;
  replaceText = (path: string, text: string): void => {
    this.texts.set(path, text);
  };
  writeNew = (path: string, bytes: Uint8Array): void => {
    if (this.texts.has(path)) throw Object.assign(new Error('EEXIST: it is there'), { code: 'EEXIST' });
    this.texts.set(path, Buffer.from(bytes).toString('latin1'));
  };
  lastLinesOf = (path: string): string[] => this.texts.get(path)?.split('\n') ?? [];
  rename = (from: string, to: string): void => {
    this.texts.set(to, this.texts.get(from) as string);
    this.texts.delete(from);
  };
  remove = (path: string): boolean => {
    this.texts.delete(path);
    return true;
  };
  makeLinkedFolder: Files['makeLinkedFolder'] = (path, _folder, { name, text }) =>
    this.replaceText(`${path}/${name}`, text);
  removeLinkedFolder: Files['removeLinkedFolder'] = () => true;
  isReadOnly = (): boolean => false;
  rewrite = async (path: string, _former: string, text: string): Promise<void> => this.replaceText(path, text);
  whyNotOurs: Files['whyNotOurs'] = () => undefined;
  openToOthers: Files['openToOthers'] = () => undefined;
  isOpenTo: Files['isOpenTo'] = () => false;
  lentBy: Files['lentBy'] = () => undefined;
  /** `1000 /opt/mi`: which other users may write where. */
  readonly writableFor = new Set<string>();
  isWritableFor: Files['isWritableFor'] = (path, { uid }) => this.writableFor.has(`${uid} ${path}`);
  ownerOf = (): undefined => undefined;
  ownId = (): undefined => undefined;
}

/** A system of which every part does only what the test says. */
export function fakeSystem() {
  const processes = new FakeProcesses();
  const killedTrees: number[] = [];
  const unexpected = (): never => {
    throw new Error('nothing is started here');
  };
  const spawning: Spawning = {
    startGated: unexpected,
    startGuard: unexpected,
    startCommand: unexpected,
    startSupervisor: unexpected,
    outputOf: unexpected,
    killTree: async (pid) => {
      killedTrees.push(pid);
      processes.end(...processes.rows.filter(({ session }) => session === pid).map((row) => row.pid));
    },
  };
  const system = {
    host: posixHost,
    env: {},
    pid: 5,
    currentFolder: () => '/work',
    userFolder: () => '/home/user',
    clock: new FakeClock(),
    files: new FakeFiles(),
    trees: nodeTrees,
    sockets: new FakeSockets(processes),
    http: new FakeHttp(),
    processes,
    spawning,
    killedTrees,
    leases: new FakeLeases(),
    mutex: new FakeMutex(),
    control: new FakeControl(),
    machine: new FakeMachine(),
    parentPid: 1,
  };
  processes.rows.push(processRow(system.pid, { name: 'node' }));
  return system satisfies System;
}

export type FakeSystem = ReturnType<typeof fakeSystem>;

export const liveLease = (more: Partial<LiveLease> = {}): LiveLease => ({
  schemaVersion: 1,
  id: 'other',
  name: 'other',
  product: 'mi',
  home: '/opt/other',
  offset: 0,
  ports: [],
  boot: 'this boot',
  networkNamespace: 'net:[1]',
  supervisor: { pid: 900, startTime: 't900' },
  server: null,
  stateFolder: '/state',
  keepsPorts: true,
  isSupervised: true,
  ...more,
});

export const STRANGER: PortHolder = { pid: 7, command: 'nginx' };
