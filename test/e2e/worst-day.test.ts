import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createStandInJdk } from '../../src/standin/home.js';
import { Children } from '../support/children.js';
import type { Cli, CliOptions } from '../support/cli.js';
import { descendantsOf, isAlive, killAll, survivorsOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { where } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('worst-day');
const LEASES = '/tmp/wso2-launch';

let sandbox: Sandbox;
let children: Children;
beforeEach(() => {
  sandbox = new Sandbox();
  children = new Children();
});
afterEach(async () => {
  await children.close();
  await sandbox.close();
});

const launch = (home: string, options: CliOptions = {}): Cli =>
  sandbox.start(['mi', '--home', home, '-a', '--min-offset', String(MIN), '--json'], options);

async function end(...launchers: readonly Cli[]): Promise<void> {
  for (const cli of launchers) cli.kill('SIGTERM');
  for (const cli of launchers) expect(await cli.exited).toEqual({ code: 143, signal: null });
  expect(sandbox.processes()).toEqual([]);
}

// ---------- Folders that all users share ----------

/** Only root may mount, play another user and make a network. */
const canUnshare = process.getuid?.() === 0 && spawnSync('/bin/sh', ['-c', 'unshare -m -n true']).status === 0;
const alone = where(canUnshare, 'unshare, as root').describe;

/** Starts the launcher where /tmp is its own but for what it needs there, once a shell has laid something in it. */
const inOwnTmp = (lay: string, user: readonly string[] = []): CliOptions => {
  const kept = [sandbox.folder, process.cwd()].filter((path) => path.startsWith('/tmp/'));
  const script = `
    mount -t tmpfs -o mode=1777 tmpfs /mnt
    ${kept.map((path) => `mkdir -p "/mnt${path.slice(4)}"; mount --bind "${path}" "/mnt${path.slice(4)}"`).join('\n')}
    mount --move /mnt /tmp
    ${lay}
    exec "$@"`;
  return { through: ['unshare', '-m', '/bin/sh', '-ec', script, 'sh', ...user, process.execPath] };
};

/** Starts it where another launcher sees its files. */
const beside = ({ pid }: Cli): CliOptions => ({ through: ['nsenter', '-t', String(pid), '-m', process.execPath] });

const leaseFilesAt = ({ pid }: Cli): string[] =>
  readdirSync(`/proc/${pid}/root${LEASES}`)
    .filter((name) => name.endsWith('.json'))
    .sort();

const asRoot = where(process.getuid?.() === 0, 'root').describe;
const asTheirs = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env'];

/** Makes the sandbox another user's, and starts as that one. */
function asStranger(): readonly string[] {
  execFileSync('chown', ['-R', '65534:65534', sandbox.folder]);
  return [...asTheirs, `HOME=${sandbox.folder}`];
}

alone('a lease folder that can not be used is one warning, and the launch goes on, where it', () => {
  const NO_FOLDER = `${LEASES} is not a folder`;
  test.each<[string, string, string]>([
    ['is a file', `: > ${LEASES}`, NO_FOLDER],
    ['is a link to nowhere', `ln -s nowhere ${LEASES}`, NO_FOLDER],
    ['is a link to another folder', `mkdir -m 1777 /tmp/other; ln -s other ${LEASES}`, NO_FOLDER],
    ['is full', `mkdir ${LEASES}; mount -t tmpfs -o size=4k tmpfs ${LEASES}; echo > ${LEASES}/all`, 'ENOSPC'],
    ['is read-only', `mkdir ${LEASES}; mount -t tmpfs -o ro tmpfs ${LEASES}`, 'EROFS'],
  ])('%s', (_what, lay, reason) => expectOneWarning(inOwnTmp(lay), reason));

  test.each([
    ['another user can read', '755'],
    ['another user can only write', '733'],
    ['nobody else can enter', '700'],
  ])('is one that %s', (_what, mode) =>
    expectOneWarning(inOwnTmp(`mkdir -m ${mode} ${LEASES}`, asStranger()), 'EACCES'),
  );

  async function expectOneWarning(options: CliOptions, reason: string): Promise<void> {
    const home = sandbox.home('mi');
    execFileSync('chown', ['-R', '--reference', sandbox.folder, home]);
    const cli = launch(home, options);
    const { offset, warnings } = await cli.event('ready');
    expect({ offset, warnings }).toEqual({ offset: MIN, warnings: [expect.stringContaining(reason)] });
    expect(cli.stderr.split("The lease folder can't be used")).toHaveLength(2);
    await end(cli);
  }
});

alone('a lease folder', () => {
  test('full of what are no leases is as good as an empty one', async () => {
    const mischief = `
      mkdir -m 1777 ${LEASES}; cd ${LEASES}
      : > 1-empty-0.json; echo '{"schemaVersion":1,' > 1-torn-0.json; echo '{' > 1-torn-0.json.tmp
      head -c 60000 /dev/zero | tr '\\0' '[' > 1-deep-0.json; truncate -s 1T 1-sparse-0.json
      mkdir -p 1-folder-0.json/1-folder-0.json; mkfifo 1-pipe-0.json; ln -s /dev/zero 1-link-0.json; ln -s 1-loop-0.json 1-loop-0.json
      cd /`;
    const cli = launch(sandbox.home('mi'), inOwnTmp(mischief));
    expect(await cli.event('ready')).toMatchObject({ offset: MIN, warnings: [] });
    await end(cli);
  });

  test('that is deleted under a running server costs neither the server nor the next launch', async () => {
    const home = sandbox.home('mi');
    const first = launch(home, inOwnTmp(''));
    expect(await first.event('ready')).toMatchObject({ offset: MIN, warnings: [] });
    rmSync(`/proc/${first.pid}/root${LEASES}`, { recursive: true });

    const again = launch(home, beside(first));
    expect(await again.exited).toEqual({ code: 8, signal: null });
    const next = launch(sandbox.home('next'), beside(first));
    expect(await next.event('ready')).toMatchObject({ offset: MIN + 1, warnings: [] });
    await end(next, first);
  });
});

alone('a folder that another user has made in the place of ours', () => {
  const HIS = `/tmp/wso2-launch-${process.geteuid?.()}`;
  const taken = `mkdir -m 777 ${HIS}; chown 65534 ${HIS}`;

  test('gets no socket: whoever asks the supervisor is answered by it alone', async () => {
    const cli = launch(sandbox.home('mi'), inOwnTmp(taken));
    expect(await cli.event('ready')).toMatchObject({ warnings: [] });
    const inHis = readdirSync(`/proc/${cli.pid}/root${HIS}`);
    const stop = sandbox.start(['stop', 'mi'], beside(cli));
    expect(await stop.exited).toEqual({ code: 0, signal: null });
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect({ inHis, says: cli.stderr.includes("can't be reached") }).toEqual({ inHis: [], says: false });
  });

  test('may be root’s, where / is nobody’s: in a user namespace', async () => {
    const [home, user] = [sandbox.home('mi'), asStranger()];
    const cli = launch(home, inOwnTmp(`mkdir -m 700 ${HIS}`, [...user, 'unshare', '-Ur']));
    expect(await cli.event('ready')).toMatchObject({ warnings: [] });
    const sockets = readdirSync(`/proc/${cli.pid}/root${HIS}-2`);
    await end(cli);
    expect(sockets).toEqual([expect.stringMatching(/\.sock$/)]);
  });

  test('gets no configuration: what his links there lead to stays as it is', async () => {
    const state = join(sandbox.folder, 'my state');
    mkdirSync(state, { mode: 0o700 });
    const precious = join(sandbox.folder, 'precious');
    writeFileSync(precious, 'precious');
    const name = `${HIS}/${createHash('sha256').update(state).digest('hex').slice(0, 12)}-si.yaml`;
    const lay = `${taken}; for link in ${name} ${name}.tmp; do ln -s ${precious} $link; chown -h 65534 $link; done`;
    const home = sandbox.home('si', { product: 'si', version: '4.2.0' });
    const java = join(sandbox.folder, 'jdk-11');
    createStandInJdk(java, { version: '11.0.20' });
    const options = { ...inOwnTmp(lay), env: { WSO2_LAUNCH_STATE_DIR: state, JAVA_HOME: java } };
    const cli = sandbox.start(['si', '--home', home, '--offset', String(MIN), '--json'], options);
    await cli.event('ready');
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    await end(cli);
  });
});

alone('a state folder on a disk that is full', () => {
  test('before anything is written to it keeps a server from being started', async () => {
    const mount = `mkdir -p ${sandbox.state}; mount -t tmpfs -o size=1m,mode=700 tmpfs ${sandbox.state}`;
    const cli = launch(sandbox.home('mi'), inOwnTmp(`${mount}; cat /dev/zero > ${sandbox.state}/all || true`));
    expect(await cli.exited).toEqual({ code: 3, signal: null });
    expect(cli.events.map(({ event }) => event)).toEqual(['failed']);
    expect(await cli.event('failed')).toMatchObject({
      failure: 'unusable-state-folder',
      message: expect.stringContaining('its disk is full'),
    });
  });

  test('is told of, and costs no server', async () => {
    const disk = `mkdir -p ${sandbox.state}; mount -t tmpfs -o size=1m,mode=700 tmpfs ${sandbox.state}`;
    const cli = launch(sandbox.home('mi', { behaviour: { outputMiB: 2, shutdownMs: 0 } }), inOwnTmp(disk));
    const { pid } = await cli.event('ready');
    await until('the server to have written', () => existsSync(join(sandbox.folder, 'mi/flooded')));
    await until('the warning', () => /The disk of .*mi\.log is full/.test(cli.stderr));
    expect(isAlive(pid as number)).toBe(true);
    const ps = sandbox.start(['ps'], beside(cli));
    await ps.exited;
    expect(ps.stderr).toMatch(/The disk of .*mi\.log is full/);
    await end(cli);
    expect(cli.stderr).toMatch(/can't be written down \(ENOSPC/);
    expect(cli.events.at(-1)).toMatchObject({ event: 'stopped', how: 'graceful' });
  });
});

test('too few open files are told as such, wherever they run out', async () => {
  const home = sandbox.home('mi');
  const codes: (number | null)[] = [];
  for (let limit = 19; limit < 60 && codes.at(-1) !== 0; limit++) {
    const through = ['/bin/sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh', process.execPath];
    const args = ['exec', 'mi', '--home', home, '-a', '--min-offset', String(MIN), '--', 'true'];
    const { code, stderr } = await sandbox.run(args, { through });
    codes.push(code);
    if (code !== 0) expect([code, stderr]).toEqual([1, expect.stringContaining('no more files may be opened')]);
    expect(sandbox.processes()).toEqual([]);
  }
  expect(codes.length).toBeGreaterThan(5);
  expect(codes.at(-1)).toBe(0);
});

alone('a temporary folder that can not be written to', () => {
  test('costs no launch, and its supervisor is reached by the state folder', async () => {
    const cli = launch(sandbox.home('mi'), inOwnTmp('mount -o remount,ro /tmp'));
    const { warnings } = await cli.event('ready');
    expect(warnings).toEqual([expect.stringContaining('EROFS: read-only file system')]);
    expect(cli.stderr).not.toContain("can't be reached");
    const stop = sandbox.start(['stop', 'mi'], beside(cli));
    expect(await stop.exited).toEqual({ code: 0, signal: null });
    expect(await cli.exited).toEqual({ code: 0, signal: null });
  });
});

alone('a state folder without another inode', () => {
  test('is refused with what helps', async () => {
    const disk = `mkdir -p ${sandbox.state}; mount -t tmpfs -o nr_inodes=1,mode=700 tmpfs ${sandbox.state}`;
    const cli = launch(sandbox.home('mi'), inOwnTmp(disk));
    expect(await cli.exited).toEqual({ code: 3, signal: null });
    expect(await cli.event('failed')).toMatchObject({
      failure: 'unusable-state-folder',
      message: expect.stringContaining('ENOSPC'),
      hint: expect.stringContaining('df -i'),
    });
  });
});

asRoot('where sudo has kept the HOME of another user', () => {
  const commands = [
    ['mi', '--home', 'mi'],
    ['mi', '--home', 'mi', '-d'],
    ['mi', '--home', 'mi', '--dry-run'],
    ['exec', 'mi', '--home', 'mi', '--', 'true'],
    ['ps'],
    ['status', 'mi'],
    ['logs', 'mi'],
    ['stop', 'mi'],
    ['stop', '--all'],
    ['doctor', 'mi', '--home', 'mi'],
  ];

  test('root is refused whatever it asks, and makes nothing there', async () => {
    sandbox.home('mi');
    const theirs = makeTheirs();
    for (const args of commands) {
      const { code, stdout, stderr } = await sandbox.run(args, { env: { HOME: theirs, WSO2_LAUNCH_STATE_DIR: '' } });
      const said = `${theirs} belongs to user 65534, not to root.`;
      expect([args, code, `${stdout}${stderr}`]).toEqual([args, 3, expect.stringContaining(said)]);
      expect(`${stdout}${stderr}`).toContain('sudo -H');
    }
    expect(readdirSync(theirs)).toEqual([]);
  });

  test.each([
    ['the state folder', '.local/state/wso2-launch', 'it belongs to another user'],
    ['a folder above it', '.local', '.local may not be'],
    ['a part of it', '.local/state/wso2-launch/instances', 'instances belongs to another user'],
    ['a record in it', '.local/state/wso2-launch/instances/mi.json', 'mi.json may not be read'],
  ])('its user is told that %s belongs to root, and not that nothing runs', async (_what, roots, reason) => {
    sandbox.home('mi');
    const theirs = makeTheirs();
    const instances = join(theirs, '.local/state/wso2-launch/instances');
    mkdirSync(instances, { recursive: true, mode: 0o700 });
    writeFileSync(join(instances, 'mi.json'), '{}', { mode: 0o600 });
    execFileSync('chown', ['-R', '65534:65534', sandbox.folder]);
    execFileSync('chown', ['-R', '0:0', join(theirs, roots)]);
    const through = [...asTheirs, `HOME=${theirs}`, process.execPath];
    const state = { WSO2_LAUNCH_STATE_DIR: '' };
    // A launch reads no other one's record, and doctor says it in its own way.
    const isRecord = roots.endsWith('.json');
    const isAsked = ([command]: readonly string[]): boolean => command !== 'doctor' && !(isRecord && command === 'mi');
    for (const args of commands.filter(isAsked)) {
      const { code, stdout, stderr } = await sandbox.run(args, { through, env: state });
      expect([args, code, stdout]).toEqual([args, 3, '']);
      expect(stderr).toContain(reason);
    }
  });

  function makeTheirs(): string {
    const theirs = join(sandbox.folder, 'their-home');
    mkdirSync(theirs, { mode: 0o755 });
    execFileSync('chown', ['65534:65534', theirs]);
    return theirs;
  }
});

alone('a lease of another user', () => {
  test('is respected while they run, and ignored and left lying once they are dead', async () => {
    const slow = { behaviour: { bindAfterMs: 60_000 } };
    const [theirHome, ourHome] = [sandbox.home('theirs', slow), sandbox.home('ours', slow)];
    const theirs = launch(theirHome, inOwnTmp('', asStranger()));
    await theirs.event('starting');
    // Not below a folder of theirs, in which they could put another in its place.
    const ourFolder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-ours-'));
    const env = { WSO2_LAUNCH_STATE_DIR: join(ourFolder, 'state') };
    const ours = launch(ourHome, { ...beside(theirs), env });
    expect(await ours.event('planned')).toMatchObject({
      offset: MIN + 1,
      skipped: [{ offset: MIN, by: { instance: 'mi' } }],
    });
    const files = leaseFilesAt(theirs);
    expect(files).toHaveLength(2);

    // Their guard dies with the rest: nobody is left to clear up.
    theirs.kill('SIGSTOP');
    const family = descendantsOf(theirs.pid);
    killAll([...family, theirs].map(({ pid }) => pid));
    await until('the end of them all', () => survivorsOf(family).length === 0);

    const next = launch(sandbox.home('next', slow), { ...beside(ours), env });
    expect(await next.event('starting')).toMatchObject({ offset: MIN });
    expect(leaseFilesAt(ours)).toEqual(expect.arrayContaining(files));
    await end(next, ours);
    rmSync(ourFolder, { recursive: true });
  });
});

alone('a lease of another network', () => {
  test('blocks the home, and not the ports', async () => {
    const home = sandbox.home('mi');
    const first = launch(home);
    expect(await first.event('ready')).toMatchObject({ offset: MIN });
    const shell = ['/bin/sh', '-ec', 'ip link set lo up; exec "$@"', 'sh'];
    const elsewhere = { through: ['unshare', '-n', ...shell, process.execPath] };

    const again = launch(home, elsewhere);
    expect(await again.exited).toEqual({ code: 8, signal: null });
    expect(await again.event('failed')).toMatchObject({ failure: 'home-runs' });
    const other = launch(sandbox.home('other'), elsewhere);
    expect(await other.event('ready')).toMatchObject({ offset: MIN, warnings: [] });
    await end(other, first);
  });
});

// ---------- The right to choose ----------

const NAME = 'wso2-launch/mutex/v1';
// Launchers of other tests may have it for a moment.
const HOLD = `
  const take = () => require('net').createServer()
    .on('error', () => setTimeout(take, 5))
    .listen('\\0${NAME}'.padEnd(108, '.'), () => console.log('held'));
  take();`;

/** Whether a process has a connection to another one: beside the three descriptors that it was given. */
function hasConnected({ pid }: Cli): boolean {
  const rows = readFileSync('/proc/net/unix', 'latin1').split('\n');
  const connected = new Set(
    rows.map((row) => row.split(/\s+/)).flatMap(([, , , , , state, inode]) => (state === '03' ? [inode] : [])),
  );
  const opened = readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) > 2);
  return opened.some((fd) => connected.has(/^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed since the folder was read
  }
}

where(process.platform === 'linux', 'Linux').describe('a launch that waits for a suspended one to choose', () => {
  let holder: number;
  let waiting: Cli;
  beforeEach(async () => {
    const child = children.node(HOLD);
    await child.line();
    holder = child.pid;
    process.kill(holder, 'SIGSTOP');
    waiting = launch(sandbox.home('mi'));
    await until('it to wait', () => hasConnected(waiting));
  });

  test('goes on at once when that one is killed', async () => {
    process.kill(holder, 'SIGKILL');
    expect(await waiting.event('ready')).toMatchObject({ offset: MIN, warnings: [] });
    await end(waiting);
  });

  test('goes on when that one does and lets go', async () => {
    process.kill(holder, 'SIGCONT');
    process.kill(holder, 'SIGTERM');
    expect(await waiting.event('ready')).toMatchObject({ offset: MIN, warnings: [] });
    await end(waiting);
  });

  test('ends at once when it is asked to', async () => {
    const askedMs = performance.now();
    waiting.kill('SIGINT');
    expect(await waiting.exited).toEqual({ code: 130, signal: null });
    expect(performance.now() - askedMs).toBeLessThan(5_000);
  });
});
