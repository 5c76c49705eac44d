// What the fault sweep sees of a launcher from outside: homes, command lines, and whatever is left of them.
import { spawn } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { bundle } from '../../bench/bundle.mjs';

export const MIN_OFFSET = 2500;
/** The base ports of Micro Integrator. */
const BASES = [8243, 8280, 9154, 9191];
/** A server that lost its ports to a survivor moves up: these offsets are watched as well. */
const WATCHED_OFFSETS = 3;
export const LEASES = '/tmp/wso2-launch';
const LOG_FILE_TAIL = 30;

const KIT = `
export { createStandInHome, createStandInJdk } from '../../src/standin/home.js';
export { procProcesses } from '../../src/system/processes.js';
`;

export const portsAt = (offset) => BASES.map((base) => base + offset);

/** One folder with a JDK, homes and a state folder of a user, in which one launch after another is tried. */
export async function openSandbox(cli, homes, uid) {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-faults-'));
  const { createStandInHome, createStandInJdk, procProcesses } = createRequire(import.meta.url)(
    await bundle(join(folder, 'kit.cjs'), { text: KIT }),
  );
  // The JDK's `java` is the stand-in of the build that is tried.
  process.chdir(resolve(dirname(cli), '..'));
  createStandInJdk(join(folder, 'jdk'), { version: '17.0.9' });
  for (const [name, behaviour] of Object.entries(homes)) {
    createStandInHome(join(folder, name), { product: 'mi', version: '4.4.0', behaviour });
  }
  mkdirSync(join(folder, 'user'));
  const sandbox = new Sandbox(folder, cli, procProcesses, uid);
  for (const path of ['.', ...readdirSync(folder, { recursive: true })]) sandbox.own(join(folder, path));
  return sandbox;
}

class Sandbox {
  #round = 0;
  /** Whoever is not of this round, by pid. */
  #before = new Map();
  /** The command lines of this round and their supervisors: leases, sockets and guards carry their pids. */
  #ourPids = new Set();
  /** What each command gets for this round: variables, and words before its own. */
  env = {};
  limits = [];

  constructor(folder, cli, processes, uid) {
    this.folder = folder;
    this.cli = cli;
    this.processes = processes;
    this.uid = uid;
  }

  /** For whoever starts a process of the user's. */
  get asUser() {
    return process.getuid() === this.uid ? {} : { uid: this.uid, gid: this.uid };
  }

  /** Gives a file to the user. */
  own(path) {
    if (process.getuid() !== this.uid) chownSync(path, this.uid, this.uid);
  }

  home(name) {
    return join(this.folder, name);
  }

  get state() {
    return join(this.folder, `state-${this.#round}`);
  }

  /** After a failed round nothing of it is to be seen any more. */
  renew() {
    this.#round += 1;
  }

  beginRound() {
    this.#ourPids.clear();
    this.#before = new Map(this.processes.snapshot().map(({ pid, startTime }) => [pid, startTime]));
  }

  /** Starts the CLI in a session of its own, as a terminal does; a launch gets the limits as well. */
  start(args, limits = []) {
    const { PATH = '' } = process.env;
    const HOME = join(this.folder, 'user');
    const env = { PATH, HOME, JAVA_HOME: join(this.folder, 'jdk'), WSO2_LAUNCH_STATE_DIR: this.state, ...this.env };
    const [file, ...words] = [...limits, process.execPath, this.cli, ...args];
    const child = spawn(file, words, {
      cwd: this.folder,
      env,
      ...this.asUser,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const startedAt = performance.now();
    const command = { args, child, pid: child.pid, stdout: '', stderr: '', exit: undefined, startedAt };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        command[stream] += text;
      });
    }
    command.exited = new Promise((done) => {
      child.once('exit', (code, signal) => {
        command.exit = { code, signal };
        command.endedAt = performance.now();
      });
      child.once('close', () => done(command));
    });
    this.#ourPids.add(child.pid);
    return command;
  }

  run(args) {
    return this.start(args).exited;
  }

  /** The processes of the launch by what they are: launcher, supervisor, guard, script, JVM. */
  cast(launcher) {
    const members = this.#members(true).sort((a, b) => Number(a.startTime) - Number(b.startTime) || a.pid - b.pid);
    const launch = members.find(({ pid }) => pid === launcher.pid && launcher.exit === undefined);
    // Between fork and exec a child looks like its parent: the oldest one is meant.
    const supervisor = members.find(({ env }) => env.includes('\0WSO2LAUNCH_SUPERVISOR=1\0'));
    if (supervisor) this.#ourPids.add(supervisor.pid);
    const guard = members.find((one) => one.pid === one.session && this.#isOurGuard(one));
    const script = members.find(({ pid, session, args, env }) => {
      return pid === session && env.includes('\0WSO2LAUNCH_TAG=') && args.some((word) => /integrator\.sh$/.test(word));
    });
    const jvm = members.find(({ args }) => args.some((word) => word.startsWith('-Dcarbon.home=')));
    return { launcher: launch, supervisor, guard, script, JVM: jvm, supervising: supervisor ?? launch };
  }

  /** The pids of all living processes of the round. */
  everybody() {
    return this.#members(true).map(({ pid }) => pid);
  }

  /** The living processes of the sandbox: by environment, arguments or working folder; guards by their tag. */
  left() {
    return this.#members(false).map(({ pid, parent, session, args }) => ({
      pid,
      parent,
      session,
      state: /^State:\s*(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1],
      command: args.map((word) => (word.length > 200 ? `${word.trim().slice(0, 30)}…` : word)).join(' '),
    }));
  }

  #members(isOfThisRound) {
    return this.processes
      .snapshot()
      .filter(({ pid, startTime, isZombie }) => {
        return !isZombie && pid !== process.pid && !(isOfThisRound && this.#before.get(pid) === startTime);
      })
      .map((row) => {
        const args = this.processes.argumentsOf(row.pid);
        return { ...row, args, env: `\0${read(`/proc/${row.pid}/environ`)}` };
      })
      .filter((one) => {
        return (
          one.env.includes(`=${this.folder}/`) ||
          one.args.some((word) => word.includes(this.folder)) ||
          this.processes.workingFolderOf(one.pid)?.startsWith(this.folder) ||
          this.#isOurGuard(one)
        );
      });
  }

  #isOurGuard({ args }) {
    return args[3] === 'wso2-launch-guard' && this.#isOurs(args[4].replace(/^\w+=/, ''));
  }

  #isOurs(id) {
    return this.#ourPids.has(Number(/^\d+/.exec(id)?.[0]));
  }

  /** What the supervisors wrote down, newest version of each name. */
  records() {
    return filesIn(join(this.state, 'instances')).flatMap((name) => {
      const record = parse(read(join(this.state, 'instances', name)));
      if (record) this.#ourPids.add(record.supervisor.pid);
      return record ? [record] : [];
    });
  }

  /** Leases and sockets of the sandbox. */
  files() {
    this.records();
    const ofUser = (folder) =>
      filesIn(folder)
        .map((name) => join(folder, name))
        .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.uid === this.uid);
    const places = filesIn('/tmp').filter((name) => new RegExp(`^wso2-launch-${this.uid}(-\\d)?$`).test(name));
    const sockets = [...places.map((name) => join('/tmp', name)), join(this.state, 'sockets')].flatMap(ofUser);
    return {
      leases: ofUser(LEASES).filter((file) => isFile(file) && read(file).includes(this.folder)),
      sockets: sockets.filter((file) => this.#isOurs(basename(file))),
    };
  }

  async heldPorts() {
    const held = [];
    for (const base of BASES) {
      for (let more = 0; more < WATCHED_OFFSETS; more++) {
        const port = base + MIN_OFFSET + more;
        if (!(await canListen(port))) held.push(port);
      }
    }
    return held;
  }

  logTail() {
    const folder = join(this.state, 'logs');
    return filesIn(folder).flatMap((name) => [
      `${name}:`,
      ...read(join(folder, name)).trimEnd().split('\n').slice(-LOG_FILE_TAIL),
    ]);
  }

  /** Ends and removes what a failed round has left. */
  clear() {
    for (const { pid } of this.left()) signal(pid, 'SIGKILL');
    const { leases, sockets } = this.files();
    for (const file of [...leases, ...sockets]) rmSync(file, { force: true });
  }

  close() {
    this.clear();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** False where it is gone. */
export function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function canListen(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false)).listen(port, () => server.close(() => done(true)));
  });
}

function read(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function filesIn(folder) {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
