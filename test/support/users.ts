import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { buildSync } from 'esbuild';
import type { StandInHome } from '../../src/standin/home.js';
import { type Child, Children } from './children.js';
import { Cli } from './cli.js';
import { descendantsOf } from './machine.js';
import type { Ended } from './sandbox.js';
import { where } from './tools.js';

/** Who acts on a shared machine. */
export type User = 'root' | 'victim' | 'attacker';

/** Inside; outside nobody has these numbers, as a rule. A user namespace has 65536. */
export const UIDS: Readonly<Record<User, number>> = { root: 0, victim: 54_321, attacker: 54_322 };

/** Where things are on such a machine, whatever may be read by whom outside. */
export const INSIDE = { project: '/mnt/project', node: '/mnt/node', jdk: '/mnt/jdk' } as const;

export const homeOf = (user: User): string => `/mnt/home/${user}`;

export interface InsideOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Words before all others, run by root: `['unshare', '--pid', '--fork', '--mount-proc']`, `['prlimit', …]`. */
  readonly within?: readonly string[];
}

/**
 * A machine of a test's own, with root and two users: its folder `/tmp`, its homes, its processes and its network are
 * nobody else's, and gone with it. What happens there is done by programs; paths are those inside.
 */
export class SharedMachine {
  readonly #children = new Children();
  readonly #running: Cli[] = [];
  readonly #words: readonly string[];

  private constructor(
    private readonly holder: Child,
    readonly project: string,
  ) {
    const at = (name: string): string => `/proc/${holder.pid}/ns/${name}`;
    const user = BECOMING_ROOT.length > 0 ? [`--user=${at('user')}`] : [];
    this.#words = ['nsenter', ...user, `--mount=${at('mnt')}`, `--net=${at('net')}`, `--pid=${at('pid_for_children')}`];
  }

  /** `proc`: options of `/proc`, such as `hidepid=2`; `project`: the build under test; `jdk`: a stand-in's version. */
  static async start({ proc = '', project = process.cwd(), jdk = '17.0.9' } = {}): Promise<SharedMachine> {
    const children = new Children();
    const args = [...APART, 'sh', '-euc', SET_UP, 'sh', project, process.execPath, proc];
    const holder = children.start('unshare', args);
    const machine = new SharedMachine(holder, project);
    await Promise.race([
      holder.line(),
      holder.ended.then(() => {
        throw new Error('the machine has not come up');
      }),
    ]);
    machine.node('root', `${programWith(STAND_IN)};it.createStandInJdk('${INSIDE.jdk}', { version: '${jdk}' })`);
    return machine;
  }

  /** Makes a home; without options a Micro Integrator 4.4.0, which has few ports. */
  makeHome(user: User, path: string, options: Partial<StandInHome> = {}): string {
    const home: StandInHome = { product: 'mi', version: '4.4.0', ...options };
    this.node(user, `${programWith(STAND_IN)};it.createStandInHome(process.argv[2], ${JSON.stringify(home)})`, [path]);
    return path;
  }

  /** Starts the built CLI and returns at once. Its `pid` and `kill` are of what leads there: {@link kill} reaches it. */
  cli(user: User, args: readonly string[], options: InsideOptions = {}): Cli {
    const [file, ...words] = this.#wordsFor(user, [INSIDE.node, PROGRAM, ...args], options);
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    const cli = new Cli(spawn(file as string, words, { env: envOf(user, options), detached: true, stdio }));
    this.#running.push(cli);
    return cli;
  }

  /** Runs the built CLI to its end. */
  async run(user: User, args: readonly string[], options: InsideOptions = {}): Promise<Ended> {
    const cli = this.cli(user, args, options);
    const { code, signal } = await cli.exited;
    return { code, signal, stdout: cli.stdout, stderr: cli.stderr };
  }

  /** Starts a program, whose output can be read line by line. */
  start(user: User, words: readonly string[], options: InsideOptions = {}): Child {
    const [file, ...args] = this.#wordsFor(user, words, options);
    return this.#children.start(file as string, args, { env: envOf(user, options) });
  }

  /** What a shell's script prints, without the line feeds at its end. @throws where it fails */
  sh(user: User, script: string, args: readonly string[] = [], options: InsideOptions = {}): string {
    return this.#read(user, ['sh', '-euc', script, 'sh', ...args], { options }).replace(/\n+$/, '');
  }

  /** What a program of Node prints; `process.argv` has its arguments from 2 on. @throws where it fails */
  node(user: User, program: string, args: readonly string[] = [], options: InsideOptions = {}): string {
    return this.#read(user, [INSIDE.node, '-', ...args], { options, input: program });
  }

  /** The process inside that was started as this one: its number outside, by which anything can be asked of it. */
  processOf({ pid }: Pick<Child, 'pid'>): number {
    const [inside] = descendantsOf(pid).filter(({ parent }) => parent === pid);
    if (!inside) throw new Error(`process ${pid} has ended, or not begun`);
    return inside.pid;
  }

  kill(started: Pick<Child, 'pid'>, signal: NodeJS.Signals): void {
    process.kill(this.processOf(started), signal);
  }

  /** Ends whatever runs there, and with it the machine. */
  async close(): Promise<void> {
    this.holder.hangUp();
    await this.holder.ended;
    await this.#children.close();
    await Promise.all(this.#running.map(({ ended }) => ended));
  }

  #read(
    user: User,
    words: readonly string[],
    { options, input = '' }: { readonly options: InsideOptions; readonly input?: string },
  ): string {
    const [file, ...args] = this.#wordsFor(user, words, options);
    return execFileSync(file as string, args, { env: envOf(user, options), input, encoding: 'utf8' });
  }

  #wordsFor(user: User, words: readonly string[], { cwd, within = [] }: InsideOptions): string[] {
    const id = UIDS[user];
    const become = user === 'root' ? [] : ['setpriv', `--reuid=${id}`, `--regid=${id}`, '--clear-groups'];
    const enter = ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', cwd ?? homeOf(user)];
    return [...this.#words, ...within, ...become, ...enter, ...words];
  }
}

const PROGRAM = `${INSIDE.project}/bin/wso2-launch.cjs`;

/** Who is not root becomes it in a user namespace, whose other users are those that /etc/subuid lends. */
const BECOMING_ROOT = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user', '--map-auto'];
const APART = [...BECOMING_ROOT, '--mount', '--pid', '--net', '--fork', '--kill-child'];

/**
 * Its first process: it lives as long as its input is open, and collects whoever is left without a parent.
 * The project and Node may lie where other users may not look.
 */
const SET_UP = `
umask 022
exec 3<&0
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir ${INSIDE.project} /mnt/home ${Object.keys(UIDS).map(homeFolder).join(' ')}
touch ${INSIDE.node}
mount --bind "$1" ${INSIDE.project}
mount --bind "$2" ${INSIDE.node}
${Object.entries(UIDS)
  .map(([user, id]) => `chown ${id}:${id} ${homeFolder(user)}`)
  .join('\n')}
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t proc -o "nosuid\${3:+,$3}" proc /proc
ip link set lo up
cd /
echo up
cat <&3 >/dev/null &
wait
`;

function homeFolder(user: string): string {
  return homeOf(user as User);
}

function canHaveOne(): boolean {
  if (process.platform !== 'linux' || !existsSync('/mnt')) return false;
  const users = Object.values(UIDS).map((id) => `setpriv --reuid=${id} --regid=${id} --clear-groups true`);
  const tools = `${users.join(' && ')} && ip link set lo up && mount -t tmpfs tmpfs /mnt && command -v nsenter`;
  return spawnSync('unshare', [...APART, 'sh', '-c', tools], { stdio: 'ignore' }).status === 0;
}

const envOf = (user: User, { env = {} }: InsideOptions): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: homeOf(user),
  JAVA_HOME: INSIDE.jdk,
  ...env,
});

const bundled = new Map<string, string>();

/** The beginning of a program: `it` is what a file of the sources exports. */
export function programWith(source: string): string {
  const options = { bundle: true, write: false, platform: 'node', format: 'iife', globalName: 'it' } as const;
  const text = bundled.get(source) ?? (buildSync({ entryPoints: [source], ...options }).outputFiles[0]?.text as string);
  bundled.set(source, text);
  return `process.chdir('${INSIDE.project}');${text}`;
}

const STAND_IN = 'src/standin/home.ts';

/** `describe` and `test` where such a machine can be had. */
export const onSharedMachine = where(canHaveOne(), 'a second user: root, or newuidmap, with unshare and setpriv');
