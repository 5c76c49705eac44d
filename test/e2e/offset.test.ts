import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ProductId } from '../../src/domain/catalogue.js';
import type { CliOptions } from '../support/cli.js';
import { minOffsetOf } from '../support/offsets.js';
import { type Ended, Sandbox } from '../support/sandbox.js';
import { where } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('offset');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const TOML = '# mine\r\n[server]\r\nhostname = "x"\r\n#offset=0 # as shipped\r\n\r\n[a]\r\noffset = 1';

interface Edited {
  readonly home: string;
  readonly file: string;
}

/** A Micro Integrator with a configuration of ours. */
function homeWith(toml: string | Buffer = TOML): Edited {
  const home = sandbox.home('mi');
  const file = join(home, 'conf/deployment.toml');
  writeFileSync(file, toml);
  return { home, file };
}

const offset = (home: string, words: string, options: CliOptions = {}): Promise<Ended> =>
  sandbox.run(['offset', ...words.split(' '), '--home', home], options);

const textOf = (file: string): string => readFileSync(file, 'utf8');

describe('the offset in deployment.toml', () => {
  test('is told, set, set again and taken out, and nothing else changes', async () => {
    const { home, file } = homeWith();
    const told = (change: string): string => `wso2-launch: ${file}${change}\n`;
    expect(await offset(home, 'get')).toMatchObject({
      code: 0,
      stdout: '10 (default: deployment.toml sets none)\n',
      stderr: '',
    });
    expect(await offset(home, 'set 7')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: told(', line 4: offset not set → 7'),
    });
    expect(textOf(file)).toBe(TOML.replace('#offset=0', 'offset=7'));
    expect(await offset(home, 'get mi')).toMatchObject({ code: 0, stdout: '7 (deployment.toml:4)\n', stderr: '' });
    expect(await offset(home, 'set -5 mi')).toMatchObject({ code: 0, stderr: told(', line 4: offset 7 → -5') });
    const { stdout } = await sandbox.run(['offset', 'set', '--json', '--home', home, '--', '-6']);
    expect(stdout).toBe(
      `{\n  "schemaVersion": 1,\n  "product": "mi",\n  "home": "${home}",\n  "offset": -6,\n  "source": "deployment.toml:4"\n}\n`,
    );
    expect(await offset(home, 'unset')).toMatchObject({ code: 0, stderr: told(', line 4: offset -6 → not set') });
    expect(textOf(file)).toBe(TOML.replace('#offset=0', '#offset=-6'));
    expect(JSON.parse((await offset(home, 'get --json')).stdout)).toEqual({
      schemaVersion: 1,
      product: 'mi',
      home,
      offset: 10,
      source: 'default',
    });
  });

  test('is what a launch then uses', async () => {
    const { home } = homeWith();
    await offset(home, `set ${MIN + 1}`);
    const { stdout } = await sandbox.run(['mi', '--home', home, '--dry-run', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ offset: MIN + 1 });
  });

  test.each([
    ['that is so already', '[server]\noffset = 3\n', 'set 3', 'its offset is 3 already'],
    ['where none is set', '[server]\n#offset = 3\n', 'unset', 'it sets no offset'],
  ])('%s is not written', async (_what, toml, words, why) => {
    const { home, file } = homeWith(toml);
    const before = statSync(file);
    const { code, stderr } = await offset(home, words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `wso2-launch: ${file}: nothing to change, ${why}\n` });
    expect(statSync(file)).toEqual({ ...before, atimeMs: expect.anything(), atime: expect.anything() });
    expect(await offset(home, `${words} --dry-run`)).toMatchObject({ code: 0, stdout: '' });
  });

  test('is shown as it would be by a dry run, which changes nothing', async () => {
    const { home, file } = homeWith();
    const { ino } = statSync(file);
    const { stdout, stderr } = await offset(home, 'set 7 --dry-run');
    const header = `--- ${file}\n+++ ${file}\n@@ -3,3 +3,3 @@\n`;
    const lines = ' hostname = "x"\r\n-#offset=0 # as shipped\r\n+offset=7 # as shipped\r\n \r\n';
    expect({ stdout, stderr }).toEqual({ stdout: header + lines, stderr: '' });
    expect(textOf(file)).toBe(TOML);
    expect(statSync(file).ino).toBe(ino);
  });

  test('keeps the bytes round it, also those that are no UTF-8', async () => {
    const bytes = Buffer.from('# caf\xe9 \x07 \xc3\xa9\n[server]\nhostname = "\xff"\n#offset = 0\n', 'latin1');
    const { home, file } = homeWith(bytes);
    expect(await offset(home, 'set 7')).toMatchObject({ code: 0, stderr: expect.stringContaining('not set → 7') });
    const changed = bytes.toString('latin1').replace('#offset = 0', 'offset = 7');
    expect(readFileSync(file).toString('latin1')).toBe(changed);
    expect(await offset(home, 'get')).toMatchObject({ code: 0, stdout: '7 (deployment.toml:4)\n', stderr: '' });
    const { stdout } = await sandbox.run(['ports', 'mi', '--home', home, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ offset: 7 });
    expect(await offset(home, 'set 0')).toMatchObject({ code: 0 });
    expect(await offset(home, 'unset')).toMatchObject({ code: 0 });
    expect(readFileSync(file)).toEqual(bytes);
  });

  test('is read and edited where a variable of its server is not set, with a warning', async () => {
    const { home, file } = homeWith('[server]\nnode_ip = "$env{NODE_IP}"\noffset = 2\n');
    const warning = expect.stringMatching(/^wso2-launch: warning: deployment\.toml refers to .*NODE_IP \(line 2, /m);
    for (const words of ['get', 'set 3', 'unset']) {
      expect(await offset(home, words)).toMatchObject({ code: 0, stderr: warning });
    }
    expect(textOf(file)).toBe('[server]\nnode_ip = "$env{NODE_IP}"\n#offset = 3\n');
    expect(await sandbox.run(['ports', '--home', home])).toMatchObject({ code: 0, stderr: warning });
    const launch = await sandbox.run(['mi', '--home', home, '--dry-run']);
    expect(launch).toMatchObject({ code: 3, stderr: expect.stringContaining('NODE_IP, which is not set') });
  });

  test('that is such a variable is told as that, and replaced by force', async () => {
    const { home, file } = homeWith('[server]\noffset = "$env{OFFSET}"\n');
    expect(await offset(home, 'get')).toMatchObject({
      code: 0,
      stdout: '10 (default: deployment.toml sets "$env{OFFSET}")\n',
      stderr: expect.stringContaining('deployment.toml sets the offset by that: it is taken to be 10.'),
    });
    expect(await offset(home, 'set 3')).toMatchObject({ code: 3, stderr: expect.stringContaining('--force') });
    expect(await offset(home, 'set 3 --force')).toMatchObject({ code: 0 });
    expect(textOf(file)).toBe('[server]\noffset = 3\n');
  });

  test('stays the file of its owner, with its mode, behind its link', async () => {
    const { home, file } = homeWith();
    const real = join(sandbox.folder, 'real.toml');
    rmSync(file);
    writeFileSync(real, TOML);
    symlinkSync('../../real.toml', file);
    chmodSync(real, 0o640);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(real, 1234, 4321);
    const { uid, gid, mode } = statSync(real);
    expect((await offset(home, 'set 7')).code).toBe(0);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(textOf(real)).toBe(TOML.replace('#offset=0', 'offset=7'));
    expect(statSync(real)).toMatchObject({ uid, gid, mode });
    expect(readdirSync(dirname(file))).toEqual(['deployment.toml']);
  });

  test('is that of another file where JAVA_OPTS name one', async () => {
    const { home, file } = homeWith();
    const other = join(home, 'conf/other.toml');
    writeFileSync(other, '[server]\n');
    const env = { JAVA_OPTS: '-Xmx1g -Ddeployment.config.file.path=conf/other.toml' };
    expect((await offset(home, 'set 7', { env })).code).toBe(0);
    expect([textOf(file), textOf(other)]).toEqual([TOML, '[server]\noffset = 7\n']);
    expect((await offset(home, 'get', { env })).stdout).toBe('7 (other.toml:2)\n');
  });
});

test('a byte order mark, with which no server starts, is kept and warned of', async () => {
  const { home, file } = homeWith();
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, `\ufeff${text}`);
  for (const words of ['set 7', 'get', 'unset']) {
    const { code, stdout, stderr } = await offset(home, words);
    expect({ words, code }).toEqual({ words, code: 0 });
    expect(`${stdout}${stderr}`).toContain(
      `${file} begins with a byte order mark, with which the server does not start`,
    );
  }
  expect(readFileSync(file, 'utf8')).toMatch(/^\ufeff/);
});

describe('an offset that a start would not use', () => {
  const REASON = 'deployment.toml:4 sets 7, but portOffset in JAVA_OPTS beats it: a start uses 9.';
  const env = { JAVA_OPTS: '-DportOffset=9' };

  test('is warned of when it is set, and told', async () => {
    const { home, file } = homeWith();
    const { code, stdout, stderr } = await offset(home, 'set 7 --json', { env });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `wso2-launch: warning: ${REASON}\nwso2-launch: ${file}, line 4: offset not set → 7\n`,
    });
    expect(JSON.parse(stdout)).toMatchObject({ offset: 9, source: 'JAVA_OPTS' });
    expect((await offset(home, 'get', { env })).stdout).toBe(`9 (JAVA_OPTS)\n${REASON}\n`);
  });

  test('loses to carbon.properties as well', async () => {
    const home = sandbox.home('apim', { product: 'apim', version: '4.5.0', configuration: '[server]\noffset = 3\n' });
    writeFileSync(join(home, 'repository/conf/carbon.properties'), 'a=b\nportOffset=4\n');
    expect((await offset(home, 'get')).stdout).toBe(
      '4 (carbon.properties:2)\ndeployment.toml:2 sets 3, but portOffset in carbon.properties:2 beats it: a start uses 4.\n',
    );
  });
});

test('an offset by way of a variable is told with what it is, and replaced only where that is forced', async () => {
  const { home, file } = homeWith('[server]\noffset = "$env{MY_OFFSET}"\n');
  const env = { MY_OFFSET: '6' };
  expect((await offset(home, 'get', { env })).stdout).toBe('6 (deployment.toml:2: "$env{MY_OFFSET}")\n');
  for (const words of ['set 7', 'unset']) {
    const { code, stderr } = await offset(home, words, { env });
    expect(code).toBe(3);
    expect(stderr).toContain('deployment.toml, line 2: the offset is "$env{MY_OFFSET}", not a plain integer');
  }
  expect((await offset(home, 'set 7 --force')).code).toBe(0);
  expect(textOf(file)).toBe('[server]\noffset = 7\n');
});

test('in a home without deployment.toml the offset is that of carbon.xml', async () => {
  const home = sandbox.home('apim', { product: 'apim', version: '2.6.0' });
  const file = join(home, 'repository/conf/carbon.xml');
  const before = textOf(file);
  expect((await offset(home, 'get')).stdout).toBe('0 (carbon.xml:3)\n');
  expect((await offset(home, 'set 7')).stderr).toBe(`wso2-launch: ${file}, line 3: offset 0 → 7\n`);
  expect(textOf(file)).toBe(before.replace('>0<', '>7<'));
  expect((await offset(home, 'unset')).stderr).toBe(`wso2-launch: ${file}, line 3: offset 7 → 0\n`);
  expect(textOf(file)).toBe(before);
});

test.each([
  ['apim 1.10.0', '', 'repository/conf/carbon.xml', 0],
  ['is 5.7.0', '', 'repository/conf/carbon.xml', 0],
  ['ei 6.1.1', 'integrator', 'conf/carbon.xml', 0],
  ['ei 6.6.0', 'broker', 'wso2/broker/conf/carbon.xml', 3],
  ['ei 6.4.0', 'business-process', 'wso2/business-process/conf/carbon.xml', 2],
])('of %s %s it is changed in its %s, byte for byte', async (of, profile, path, shipped) => {
  const [product, version] = of.split(' ') as [ProductId, string];
  const asked = profile === '' ? [] : ['--profile', profile];
  const home = sandbox.home('old', { product, version, ...(profile !== '' && { profile }) });
  const file = join(home, path);
  const run = (words: string) => sandbox.run(['offset', ...words.split(' '), product, '--home', home, ...asked]);
  const odd = `\ufeff<?xml version="1.0" encoding="ISO-8859-1"?>\r\n<!-- <Offset>9</Offset> -->\r\n<Server>\r\n\t<Ports><Offset>\t${shipped} </Offset></Ports></Server>`;
  writeFileSync(file, odd);
  expect((await run('get')).stdout).toBe(`${shipped} (carbon.xml:4)\n`);
  expect((await run('set 7')).stderr).toBe(`wso2-launch: ${file}, line 4: offset ${shipped} → 7\n`);
  expect(textOf(file)).toBe(odd.replace(`\t${shipped} `, '\t7 '));
  expect((await run('unset')).code).toBe(0);
  expect(textOf(file)).toBe(odd.replace(`\t${shipped} `, '\t0 '));
});

test('of a server that no offset reaches it is not changed', async () => {
  const home = sandbox.home('msf4j', { product: 'ei', version: '6.1.1' });
  const file = join(home, 'wso2/msf4j/conf/transports/netty-transports.yml');
  mkdirSync(dirname(file), { recursive: true });
  const text = 'listenerConfigurations:\n -\n  id: "default"\n  port: 9090\n';
  writeFileSync(file, text);
  const ended = await sandbox.run(['offset', 'set', '3', 'ei', '--home', home, '--profile', 'msf4j']);
  expect(ended).toMatchObject({
    code: 3,
    stderr: `wso2-launch: ${file} knows no offset: the server opens the ports that stand there.\n  Nothing was changed; edit the ports there.\n`,
  });
  expect(textOf(file)).toBe(text);
});

test('in a deployment.yaml the listeners that do not add the offset move with it, and a start finds them there', async () => {
  const home = sandbox.home('dashboard', { product: 'analytics', version: '6.6.0' });
  const file = join(home, 'conf/dashboard/deployment.yaml');
  const before = textOf(file);
  const run = (words: string) =>
    sandbox.run(['offset', ...words.split(' '), 'analytics', '--home', home, '--profile', 'dashboard']);
  expect(await run('get')).toMatchObject({ code: 0, stdout: '2 (deployment.yaml:7)\n' });
  expect(await run('set 3 --dry-run')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/- {6}port: 9643\n\+ {6}port: 9644\n/),
  });
  expect(textOf(file)).toBe(before);

  expect(await run('set 3')).toMatchObject({
    code: 0,
    stderr: `wso2-launch: ${file}, line 7: offset 2 → 3, and the ports of 1 listener that don't add it\n`,
  });
  expect(textOf(file)).toBe(before.replace('offset: 2', 'offset: 3').replace('port: 9643', 'port: 9644'));
  const ports = await sandbox.run(['ports', 'analytics', '--home', home, '--profile', 'dashboard', '--json']);
  expect(JSON.parse(ports.stdout)).toMatchObject({
    offset: 3,
    ports: [{ name: 'https', number: 9644 }, { number: 7614 }, {}, {}, {}],
  });
  expect(await run('unset')).toMatchObject({ code: 0 });
  expect(textOf(file)).toBe(before);
});

test('an offset in the environment of a Carbon 5 runtime beats its file, and that is said', async () => {
  const home = sandbox.home('si', { product: 'si', version: '4.2.0' });
  const env = { WSO2_CARBON__PORTS_OFFSET: '9' };
  const { stdout } = await sandbox.run(['offset', 'get', 'si', '--home', home], { env });
  expect(stdout).toBe(
    '9 (WSO2_CARBON__PORTS_OFFSET)\ndeployment.yaml:7 sets 0, but WSO2_CARBON__PORTS_OFFSET beats it: a start uses 9.\n',
  );
});

describe('words that make no sense are wrong usage:', () => {
  test.each([
    ['', 'offset lacks what to do'],
    ['put', 'offset can\'t "put"'],
    ['set', 'offset set lacks the offset'],
    ['set x', 'a plain integer first, not "x"'],
    ['set mi 5', 'a plain integer first, not "mi"'],
    ['set 1e2', 'not "1e2"'],
    ['set 1 2 3', 'takes no argument "3"'],
    ['get mi mi', 'takes no argument "mi"'],
    ['get nonsense', '"nonsense" is no product: one of apim, '],
    ['set 60000', 'The offset 60000 of offset set is out of range: its ports allow offsets from -8242 to 56344'],
    ['set -9000', 'The offset -9000 of offset set is out of range'],
    ['set 5 --offset 6', 'no option --offset'],
  ])('offset %s', async (words, says) => {
    const { home, file } = homeWith();
    const { code, stdout, stderr } = await sandbox.run(['offset', ...words.split(' ').filter(Boolean), '--home', home]);
    expect(stderr).toContain(says);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(textOf(file)).toBe(TOML);
  });
});

describe('a home that runs is left alone', () => {
  const CHANGES = ['set 7', 'set 7 --dry-run', 'set 7 --force', 'unset'];

  async function expectRefusals({ home, file }: Edited, by: string): Promise<void> {
    for (const words of CHANGES) {
      const { code, stdout, stderr } = await offset(home, words);
      expect(stderr).toContain(`${home} already runs (${by}`);
      expect(stderr).toContain('only edited while it does not run');
      expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    }
    expect(textOf(file)).toBe(TOML);
    expect((await offset(home, 'get')).code).toBe(0);
  }

  test('with a lease', async () => {
    const edited = homeWith();
    const cli = sandbox.start(['mi', '--home', edited.home, '-a', '--min-offset', String(MIN), '--json']);
    await cli.event('starting');
    await expectRefusals(edited, 'instance mi');
    cli.kill('SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
  });

  test('started by hand', async () => {
    const edited = homeWith();
    const byHand = sandbox.startByHand(join(edited.home, 'bin/micro-integrator.sh'), [`-DportOffset=${MIN + 5}`]);
    const ended = new Promise((resolve) => byHand.once('exit', resolve));
    try {
      await until('its JVM', () => sandbox.processes().some(({ command }) => command.includes('-Dcarbon.home=')));
      await expectRefusals(edited, 'process ');
    } finally {
      process.kill(-(byHand.pid as number), 'SIGKILL');
      await ended;
    }
  });
});

describe('a file that can not be edited is refused, and stays as it is:', () => {
  const instead = (make: (file: string) => void) => (file: string) => {
    rmSync(file);
    make(file);
  };
  test.each<[string, (file: string) => void, readonly string[]]>([
    ['missing', (file) => rmSync(file), ['deployment.toml is missing']],
    ['a folder', instead((file) => mkdirSync(file)), ["deployment.toml can't be read: EISDIR"]],
    ['a pipe', instead((file) => spawnSync('mkfifo', [file])), ["deployment.toml can't be read: it is no file"]],
    ['read-only', (file) => chmodSync(file, 0o444), ['deployment.toml is read-only']],
    ['a link to nowhere', instead((file) => symlinkSync('gone', file)), ['deployment.toml is missing']],
    ['in UTF-16', (file) => writeFileSync(file, '\ufeff[server]\n', 'utf16le'), ['written in UTF-16']],
    ['malformed', (file) => writeFileSync(file, '[server]\noffset = = 3\n'), ['line 2, column 10', '"offset = = 3"']],
    [
      'a section twice',
      (file) => writeFileSync(file, '[server]\n[a]\n[server]\n'),
      ['line 3', 'sets server a second time, after line 1'],
    ],
    ['a text for an offset', (file) => writeFileSync(file, '[server]\noffset = "3"\n'), ['line 2', '"3"', '--force']],
    [
      'a fraction for an offset',
      (file) => writeFileSync(file, '[server]\noffset = 3.5\n'),
      ['line 2', '3.5', '--force'],
    ],
  ])('%s', async (_what, spoil, says) => {
    const { home, file } = homeWith();
    spoil(file);
    const look = (): string =>
      JSON.stringify([lstatSync(file, { throwIfNoEntry: false })?.mtimeMs, readdirSync(dirname(file))]);
    const before = look();
    const { code, stdout, stderr } = await offset(home, 'set 7');
    for (const part of says) expect(stderr).toContain(part);
    expect(stderr).toMatch(/^wso2-launch: \S.*\n {2}\S.*\n$/);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(look()).toBe(before);
  });
});

const canMount = process.getuid?.() === 0 && spawnSync('/bin/sh', ['-c', 'unshare -m true']).status === 0;
const asRoot = where(canMount, 'unshare, as root').describe;

asRoot('where it can not be written', () => {
  /** Runs it behind a shell that first lays something, and lists the folder and the file at the end. */
  const behind = (lay: string, conf: string, user = ''): CliOptions => {
    const script = `${lay}
      ${user} "$@"
      code=$?; ls -A '${conf}'; cat '${conf}/deployment.toml'; exit $code`;
    return { through: ['unshare', '-m', '/bin/sh', '-c', script, 'sh', process.execPath] };
  };

  test.each([
    ['a full disk', 'size=64k', `head -c 1m /dev/zero > full 2> /dev/null`, 'ENOSPC', 'Make room'],
    ['a disk without another file', 'nr_inodes=2', '', 'ENOSPC', 'Make room'],
  ])('on %s, nothing is changed or left behind', async (_what, option, fill, reason, step) => {
    const { home, file } = homeWith();
    const conf = dirname(file);
    const lay = `mount -t tmpfs -o ${option} tmpfs /mnt; cp -p '${file}' /mnt; (cd /mnt; ${fill || ':'})
      mount --move /mnt '${conf}'`;
    const { code, stdout, stderr } = await offset(home, 'set 7', behind(lay, conf));
    expect(stderr).toContain(`deployment.toml can't be written: ${reason}`);
    expect(stderr).toContain(step);
    expect({ code, stdout }).toEqual({ code: 3, stdout: `deployment.toml\n${fill ? 'full\n' : ''}${TOML}` });
  });

  test('on a disk that is read-only', async () => {
    const { home, file } = homeWith();
    const conf = dirname(file);
    const lay = `mount --bind '${conf}' '${conf}'; mount -o remount,ro,bind '${conf}'`;
    const { code, stdout, stderr } = await offset(home, 'set 7', behind(lay, conf));
    expect(stderr).toContain('deployment.toml is read-only');
    expect({ code, stdout }).toEqual({ code: 3, stdout: `deployment.toml\n${TOML}` });
  });

  test("another user's file, which could not stay theirs", async () => {
    const { home, file } = homeWith();
    const conf = dirname(file);
    spawnSync('chown', ['-R', '65534:65534', sandbox.folder]);
    chownSync(file, 0, 65_534);
    chmodSync(file, 0o664);
    const user = `setpriv --reuid=65534 --regid=65534 --clear-groups env HOME='${sandbox.folder}'`;
    const { code, stdout, stderr } = await offset(home, 'set 7', behind('', conf, user));
    expect(stderr).toContain("deployment.toml can't be written: EPERM");
    expect({ code, stdout }).toEqual({ code: 3, stdout: `deployment.toml\n${TOML}` });
  });
});

describe('killed on the way, it leaves the old file or the new one, and no other:', () => {
  const NEW = TOML.replace('#offset=0', 'offset=7');

  /** The name of a function of node:fs, and whether its work is still done for the draft. */
  test.each([
    ['before it writes', 'writeFileSync', false],
    ['when it has written', 'writeFileSync', true],
    ['before the draft is on the disk', 'fsyncSync', false],
    ['before the draft takes its place', 'renameSync', false],
    ['after that', 'renameSync', true],
  ])('%s', async (_when, name, isDone) => {
    const { home, file } = homeWith();
    const patch = join(sandbox.folder, 'patch.cjs');
    writeFileSync(
      patch,
      `const fs = require('node:fs');
      const { ${name}: original, writeSync } = fs;
      fs.${name} = (...args) => {
        if (${isDone}) original(...args);
        writeSync(1, require('node:fs').readdirSync(${JSON.stringify(dirname(file))}).join(' '));
        process.kill(process.pid, 'SIGKILL');
      };`,
    );
    const { signal, stdout } = await offset(home, 'set 7', { through: [process.execPath, '--require', patch] });
    expect(signal).toBe('SIGKILL');
    const isRenamed = name === 'renameSync' && isDone;
    expect(stdout).toMatch(isRenamed ? /^deployment\.toml$/ : /^deployment\.toml deployment\.toml\.\S+\.tmp$/);
    await until('the draft to be removed', () => sandbox.processes().length === 0);
    expect(readdirSync(dirname(file))).toEqual(['deployment.toml']);
    expect(textOf(file)).toBe(isRenamed ? NEW : TOML);
  });

  test('at any moment', async () => {
    for (let round = 0; round < 10; round++) {
      const { home, file } = homeWith();
      const cli = sandbox.start(['offset', 'set', '7', '--home', home]);
      const killed = setTimeout(() => cli.kill('SIGKILL'), Math.random() * 400);
      await cli.exited;
      clearTimeout(killed);
      await until('the draft to be removed', () => sandbox.processes().length === 0);
      expect(readdirSync(dirname(file))).toEqual(['deployment.toml']);
      expect([TOML, NEW]).toContain(textOf(file));
    }
  });
});
