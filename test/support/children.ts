import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { procProcesses } from '../../src/system/processes.js';
import { isAlive } from './machine.js';
import { until } from './wait.js';

/** Real processes and sockets of one test; `close` ends what is left of them. */
export class Children {
  readonly #children: { readonly child: ChildProcess; readonly ended: Promise<Ended> }[] = [];
  readonly #strays: number[] = [];
  readonly #servers: Server[] = [];

  /** Starts a program whose output can be read line by line. */
  start(file: string, args: readonly string[], options: SpawnOptions = {}): Child {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.#children.push({ child, ended });
    return new Child(child, ended);
  }

  shell(script: string, options: SpawnOptions = {}): Child {
    return this.start('/bin/sh', ['-c', script], options);
  }

  node(script: string, args: readonly string[] = []): Child {
    return this.start(process.execPath, ['-e', script, ...args]);
  }

  /** A process that we did not start ourselves, and want gone at the end. */
  adopt(pid: number): number {
    this.#strays.push(pid);
    return pid;
  }

  /** Listens as another program would; without a port on one of 20000 to 24000 that is free. */
  async listen(host?: string, port?: number): Promise<Listening> {
    for (;;) {
      const wanted = port ?? 20_000 + Math.floor(Math.random() * 4_000);
      const server = createServer();
      const isListening = await new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false));
        server.listen({ port: wanted, host, exclusive: true }, () => resolve(true));
      });
      if (isListening) {
        this.#servers.push(server);
        return { port: wanted, server };
      }
      if (port !== undefined) throw new Error(`port ${port} is taken`);
    }
  }

  /** A port on which nobody listens. */
  async freePort(): Promise<number> {
    const { port, server } = await this.listen();
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const { child } of this.#children) child.kill('SIGKILL');
    for (const pid of this.#strays) kill(pid);
    await Promise.all(this.#children.map(({ ended }) => ended.catch(() => {})));
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Listening {
  readonly port: number;
  readonly server: Server;
}

export class Child {
  #output = '';

  constructor(
    readonly child: ChildProcess,
    readonly ended: Promise<Ended>,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** The n-th line of its output, once it is there. */
  line(nth = 1): Promise<string> {
    return until(`line ${nth} of its output, so far "${this.#output}"`, () => {
      const lines = this.#output.split('\n');
      return lines.length > nth ? lines[nth - 1] : undefined;
    });
  }

  async number(nth = 1): Promise<number> {
    return Number(await this.line(nth));
  }

  say(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  hangUp(): void {
    this.child.stdin?.end();
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

export const gone = (...pids: readonly number[]): Promise<true> =>
  until(`the end of ${pids.join(', ')}`, () => !pids.some(isAlive));

/** A process that is dead, and that its parent never collects. */
export async function makeZombie(children: Children, start = 'sleep 600'): Promise<number> {
  const parent = children.shell(`${start} & echo $!; exec sleep 600`);
  const pid = children.adopt(await parent.number());
  // Killed before that, it would have died in the session of its parent.
  if (start.startsWith('setsid ')) await until('its session', () => procProcesses.find(pid)?.session === pid);
  process.kill(pid, 'SIGKILL');
  await until('a zombie', () => procProcesses.find(pid)?.isZombie === true);
  return pid;
}
