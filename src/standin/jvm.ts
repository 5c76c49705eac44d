/**
 * A stand-in for a server's JVM: it binds late, logs what the products log, writes their pid file,
 * and says "started" even where a port could not be bound. A program of its own, run by the stand-in JDK.
 */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';

/** The ways in which this server differs from a well-behaved one. Everything is optional. */
export interface StandInBehaviour {
  /** The time until the ports are bound, and from there until the server says that it has started. */
  readonly bindAfterMs?: number;
  readonly startedAfterMs?: number;
  /** Ports, by name, that are never opened, or only so long after the ready line. */
  readonly closedPorts?: readonly string[];
  readonly latePorts?: Readonly<Record<string, number>>;
  /** Ends before it is ready. */
  readonly exitAtBoot?: number;
  /** Shuts down by itself with this code before it is ready, as a job does that is done. */
  readonly endsAtBoot?: number;
  /** A line to log at boot, as it is. */
  readonly bootLine?: string;
  /** A file in the home that has its lines in place of the console. */
  readonly logsTo?: string;
  /** A file in the home, in place of a database, to which it adds a line at boot. */
  readonly writesTo?: string;
  /** Never says that it has started. */
  readonly neverReady?: true;
  /** Asks for a password on its input, without ending the line. */
  readonly asksPassword?: true;
  /** Writes no pid file, as where the product finds no `sh` to ask for its pid. */
  readonly hasNoPidFile?: true;
  /** Ignores SIGTERM. */
  readonly isStubborn?: true;
  readonly shutdownMs?: number;
  /** The effect of SIGUSR2; a shut port is opened again by the next one. */
  readonly onSignal?: 'restart' | 'shut-down' | 'crash' | 'shut-port';
  /**
   * Starts a process that leaves the session: one that ends when asked, one that doesn't, or one that
   * also clears its environment and inherits a listening socket (its pid goes to `heir.pid`).
   */
  readonly forks?: 'stray' | 'stubborn-stray' | 'socket-heir';
  /** The answer of the health check. */
  readonly healthStatus?: number;
  readonly healthBody?: string;
  /** The status of pages on its plain HTTP ports, by path. */
  readonly pages?: Readonly<Record<string, number>>;
  /** The key and the certificates, in PEM, that its HTTPS ports show; without them these ports are silent. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The amount that it writes once it is ready. */
  readonly outputMiB?: number;
  /** The lines, from their level on, with which it takes files once it has started, and lets go of them, by paths in the home. */
  readonly deploys?: Readonly<Record<string, { readonly said?: readonly string[]; readonly gone?: readonly string[] }>>;
}

interface StandInServer extends StandInBehaviour {
  readonly title: string;
  readonly version: string;
  readonly readyText: string;
  readonly health?: { readonly port: string; readonly path: string };
  /** Whether it can be asked to shut down where its health is asked for, over plain HTTP and by admin. */
  readonly hasManagementApi?: boolean;
  /** The configuration file, below the home; none in Carbon 5. */
  readonly config?: string;
  readonly offset: number;
  readonly ports: readonly { readonly name: string; readonly base: number }[];
  /** The runtime of Carbon 5: the ports are those of its configuration. */
  readonly runtime?: {
    readonly configFile: string;
    readonly movesHttp: boolean;
    readonly takesOverlay: boolean;
  };
}

const args = process.argv.slice(2);
const propertyOf = (name: string): string | undefined =>
  args.findLast((argument) => argument.startsWith(`-D${name}=`))?.slice(name.length + 3);

const home = propertyOf('wso2.runtime.path') ?? propertyOf('carbon.home') ?? process.cwd();
const described = JSON.parse(readFileSync(join(home, 'stand-in.json'), 'utf8')) as StandInServer;
const server = described.runtime ? { ...described, ...configuredRuntime(described.runtime) } : described;
const offset = described.runtime ? 0 : Number(propertyOf('portOffset') ?? offsetInFile() ?? server.offset);
const startedAt = Date.now();

/** Writes to standard output, and goes on where the disk is full, as Java's own stream does. */
function print(text: string | Uint8Array): void {
  try {
    writeSync(1, Buffer.from(text));
  } catch {
    // lost
  }
}

function log(level: string, text: string): void {
  const line = `[${new Date().toISOString()}] ${level.padStart(5)} - ${text}\n`;
  if (server.logsTo === undefined) print(line);
  else appendFileSync(join(home, server.logsTo), line);
}
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function offsetInFile(): string | undefined {
  const own = described.config === undefined ? '' : join(home, described.config);
  const folder = propertyOf('carbon.config.dir.path');
  const file = propertyOf('deployment.config.file.path') ?? (folder ? join(folder, basename(own)) : own);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return /^\s*offset\s*=\s*(-?\d+)|<Offset>(-?\d+)</m
    .exec(text)
    ?.slice(1)
    .find((found) => found !== undefined);
}

/** The ports and ready text that a runtime's file, its overlay and the environment give, by the server's own rules. */
function configuredRuntime({ configFile, movesHttp, takesOverlay }: NonNullable<StandInServer['runtime']>) {
  const text = readFileSync(configFile, 'utf8');
  const config = takesOverlay ? propertyOf('config') : undefined;
  const overlay = (config ? JSON.parse(readFileSync(config, 'utf8')) : {}) as Record<string, Record<string, never>>;
  const told = takesOverlay ? process.env['WSO2_CARBON__PORTS_OFFSET'] : propertyOf('WSO2.CARBON_PORTS_OFFSET');
  const own = Number(/^ {4}offset: *(\d+)/m.exec(text)?.[1] ?? 0);
  const shift = Number(told ?? (overlay['wso2.carbon']?.['ports'] as { offset?: number } | undefined)?.offset ?? own);

  const section = (name: string): string => text.split(/^(?=\S)/m).find((part) => part.startsWith(`${name}:`)) ?? '';
  const listeners = (name: string, moves: boolean, names: readonly [string, string]) => {
    const found = [...section(name).matchAll(/id: "([^"]+)"[\s\S]*?port: (\d+)/g)].map(([, id, port]) => ({
      id,
      port,
    }));
    // A list that is laid over another takes its place as a whole.
    const list = (overlay[name]?.['listenerConfigurations'] as typeof found | undefined) ?? found;
    return list.map(({ id, port }) => ({
      name: id === 'default' ? names[0] : names[1],
      base: Number(port) + (moves ? shift : 0),
    }));
  };
  const receivers = ['Thrift', 'Binary'].flatMap((type) => {
    const found = new RegExp(`type: ${type}[\\s\\S]*?tcpPort: '(\\d+)'[\\s\\S]*?sslPort: '(\\d+)'`).exec(text);
    if (!found) return [];
    const [name, [plain, secured]] = [type.toLowerCase(), found.slice(1).map(Number) as [number, number]];
    return [
      { name, base: plain + shift },
      { name: `${name}-ssl`, base: secured + shift },
    ];
  });
  const ports = [
    ...listeners('wso2.transport.http', movesHttp, ['http', 'https']),
    ...listeners('siddhi.stores.query.api', false, ['store-http', 'store-https']),
    ...receivers,
  ];
  return { ports, readyText: `${/^ {2}name: (.*)$/m.exec(text)?.[1]} started in ` };
}

/** The products of Carbon 4 write their whole buffer: digits, a line feed, NUL up to 100 bytes. */
function writePidFile(): void {
  if (server.runtime) {
    writeFileSync(join(home, 'runtime.pid'), String(process.pid));
    return;
  }
  const bytes = Buffer.alloc(100);
  bytes.write(`${process.pid}\n`);
  if (!server.hasNoPidFile) writeFileSync(join(home, 'wso2carbon.pid'), bytes);
}

/**
 * The products remember the file that they have rendered, look at no other while that one is unchanged, and don't
 * start where it is gone: config-mapper `MetaDataParser.getChangedFiles`. `rendered` is what the server goes by.
 */
function applyConfiguration(): void {
  const mark = join(home, 'repository/resources/conf/.metadata/metadata_config.properties');
  if (server.config === undefined) return;
  const file = propertyOf('deployment.config.file.path') ?? join(home, server.config);
  if (!existsSync(file)) return;
  if (existsSync(mark)) {
    const [known = '', ...content] = readFileSync(mark, 'utf8').split('\n');
    if (!existsSync(known)) {
      log('ERROR', 'Main handleConfiguration Error while performing configuration changes');
      process.exit(1);
    }
    if (readFileSync(known, 'utf8') === content.join('\n')) return;
  }
  const text = readFileSync(file, 'utf8');
  writeFileSync(join(home, 'rendered'), text);
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(mark, `${file}\n${text}`);
}

const listeners: Server[] = [];
let hasStarted = false;

async function listenerOf(name: string): Promise<Server | HttpServer> {
  if (name === server.health?.port || name === 'http') return createHttpServer(answer);
  if (!server.tls || !/https$|^management$/.test(name)) return createServer((socket) => socket.destroy());
  const { createServer: createSecureServer } = await import('node:https');
  return createSecureServer(server.tls, answer);
}

async function open(name: string, port: number): Promise<void> {
  const listener = await listenerOf(name);
  await new Promise<void>((resolve) => {
    listener.once('listening', resolve);
    listener.once('error', (error) => {
      if (name === 'amqp') {
        log('ERROR', `Exception during startup. Triggering shutdown\nCould not bind to /0.0.0.0:${port}`);
        process.exit(1);
      }
      log(
        'WARN',
        `System may be unstable: ListeningIOReactor encountered a checked exception : Address already in use\n${error.stack}`,
      );
      resolve();
    });
    listener.listen(port, '0.0.0.0');
  });
  listeners.push(listener);
  listener.on('connection', () => {
    if (!hasStarted) appendFileSync(join(home, 'early-visitors'), `${name}\n`);
  });
  // The products say this whether or not the port could be bound.
  log('INFO', `Pass-through ${name} Listener started on 0.0.0.0:${port}`);
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (server.hasManagementApi && request.url?.startsWith('/management/')) answerManagement(request, response);
  else answerHealth(request, response);
}

const TOKEN = 'a-token-of-the-stand-in';

function answerManagement({ url, method, headers }: IncomingMessage, response: ServerResponse): void {
  const isAdmin = headers.authorization === `Basic ${Buffer.from('admin:admin').toString('base64')}`;
  if (method === 'GET' && url === '/management/login' && isAdmin) {
    response.end(JSON.stringify({ AccessToken: TOKEN }));
  } else if (method === 'PATCH' && url === '/management/server' && headers.authorization === `Bearer ${TOKEN}`) {
    response.end('{"message":"The server will start to shutdown gracefully."}');
    shutDown(0);
  } else {
    response.writeHead(401).end();
  }
}

function answerHealth(request: IncomingMessage, response: ServerResponse): void {
  const { url = '' } = request;
  response.statusCode = url === server.health?.path ? (server.healthStatus ?? 200) : (server.pages?.[url] ?? 404);
  response.end(server.healthBody ?? '{"status":"ready"}');
}

function shutDown(code: number): void {
  const writer = server.hasManagementApi ? 'CoreServerInitializer' : 'CarbonServerManager';
  if (!server.runtime) log('INFO', `${writer} Gracefully shutting down ${server.title}...`);
  for (const listener of listeners) listener.close();
  setTimeout(() => {
    // Carbon 5 says nothing of it.
    if (!server.runtime) log('INFO', `${writer} Shutdown complete`);
    process.exit(code);
  }, server.shutdownMs ?? 50);
}

function onceThere(file: string, act: () => void): void {
  const timer = setInterval(() => {
    if (!existsSync(file)) return;
    clearInterval(timer);
    rmSync(file);
    act();
  }, 50);
}

function togglePort(): void {
  const [first] = listeners;
  const { base = 0 } = server.ports[0] ?? {};
  if (first?.listening) first.close();
  else first?.listen(base + offset, '0.0.0.0');
}

async function forkStray(): Promise<void> {
  if (server.forks === 'socket-heir') {
    const { fd } = (listeners[0] as unknown as { _handle: { fd: number } })._handle;
    const script = `sleep 3600 & echo $! > ${join(home, 'heir.pid')}`;
    const child = spawn('/bin/sh', ['-c', script], {
      detached: true,
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', fd],
    });
    await new Promise((resolve) => child.once('exit', resolve));
  } else if (server.forks) {
    const script = `${server.forks === 'stubborn-stray' ? "trap '' TERM; " : ''}sleep 3600; :`;
    spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore' }).unref();
  }
}

function flood(mebibytes: number): void {
  const block = Buffer.from(`${'x'.repeat(119)}\n`.repeat(8192));
  for (let written = 0; written < mebibytes * 1024 * 1024; written += block.length) print(block);
  appendFileSync(join(home, 'flooded'), 'done\n');
}

/** Looks for files as the products do, all at once and again and again, if more often. */
function deployFiles(files: NonNullable<StandInServer['deploys']>): void {
  const known = new Map<string, string>();
  setInterval(() => {
    for (const [file, { said = [], gone = [] }] of Object.entries(files)) {
      const stats = statSync(join(home, file), { throwIfNoEntry: false });
      const now = stats ? `${stats.ino} ${stats.mtimeMs}` : '';
      if (now === (known.get(file) ?? '')) continue;
      known.set(file, now);
      for (const line of stats ? said : gone) print(`[${new Date().toISOString()}] ${line}\n`);
    }
  }, 100);
}

/** The JVM opens the port of a debugger before anything else, and may wait until one has come. */
async function openDebugger(): Promise<void> {
  const [, suspends, host, port] =
    args
      .map((argument) => /^-agentlib:jdwp=.*server=y,suspend=([yn]),address=([\d.]+):(\d+)$/.exec(argument))
      .find((found) => found !== null) ?? [];
  if (port === undefined) return;
  const listener = createServer();
  const attached = new Promise<void>((resolve) => {
    // The JVM listens again when the debugger has gone.
    listener.on('connection', (debug) => {
      listener.close();
      debug.once('close', () => listener.listen(Number(port), host)).resume();
      resolve();
    });
  });
  await new Promise<void>((resolve) => listener.listen(Number(port), host, resolve));
  listeners.push(listener);
  print(`Listening for transport dt_socket at address: ${port}\n`);
  if (suspends === 'y') await attached;
}

async function main(): Promise<void> {
  log('INFO', `Starting ${server.title} ${server.version} at offset ${offset}`);
  process.on('SIGTERM', () => {
    if (!server.isStubborn) shutDown(143);
  });
  process.on('SIGUSR2', () => {
    if (server.onSignal === 'crash') process.exit(7);
    else if (server.onSignal === 'restart') shutDown(121);
    else if (server.onSignal === 'shut-port') togglePort();
    else shutDown(0);
  });
  // A JVM that is asked what its threads do says so and lives on.
  if (process.platform !== 'win32') process.on('SIGQUIT', () => print('Full thread dump of a stand-in:\n'));
  // Windows has no signals: a file tells it instead.
  if (process.platform === 'win32') onceThere(join(home, 'signal'), () => process.emit('SIGUSR2'));
  await openDebugger();
  writePidFile();
  applyConfiguration();
  if (server.writesTo !== undefined) {
    mkdirSync(dirname(join(home, server.writesTo)), { recursive: true });
    appendFileSync(join(home, server.writesTo), `started at offset ${offset}\n`);
  }
  if (server.bootLine !== undefined) log('ERROR', server.bootLine);
  if (server.asksPassword) {
    print('[Enter KeyStore and Private Key Password :]');
    if (!existsSync(join(home, 'password-tmp')))
      await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  }
  if (server.exitAtBoot !== undefined) process.exit(server.exitAtBoot);
  if (server.endsAtBoot !== undefined) {
    shutDown(server.endsAtBoot);
    return;
  }

  await sleep(server.bindAfterMs ?? 200);
  const late = server.latePorts ?? {};
  const prompt = server.ports.filter(({ name }) => !server.closedPorts?.includes(name) && !(name in late));
  for (const { name, base } of prompt) await open(name, base + offset);
  await forkStray();
  await sleep(server.startedAfterMs ?? 20);
  if (server.neverReady) return;
  hasStarted = true;
  log('INFO', `StartupFinalizer ${server.readyText}${((Date.now() - startedAt) / 1000).toFixed(2)} sec`);
  for (const { name, base } of server.ports) {
    if (name in late) setTimeout(() => void open(name, base + offset), late[name]);
  }
  if (server.outputMiB !== undefined) flood(server.outputMiB);
  if (server.deploys) deployFiles(server.deploys);
}

void main();
