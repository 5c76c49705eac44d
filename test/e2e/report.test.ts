import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeFiles } from '../../src/system/files.js';
import { instancesIn } from '../support/instances.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { where } from '../support/tools.js';

const MIN = minOffsetOf('report');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { detach, misbehaving, stop } = instancesIn(() => sandbox, MIN);

const onLinux = where(process.platform === 'linux', 'Linux');

/** The texts of an archive, by their paths. */
const contentsOf = (path: string): Record<string, string> =>
  nodeFiles.inArchive(path, ({ entries, read }) =>
    Object.fromEntries(entries.map((entry) => [entry.name, read(entry).toString('utf8')])),
  );

let planted = 0;
/** A secret of which each is looked for. */
const plant = (): string => `planted-${++planted}-hunter`;

/** A JDK whose jcmd tells what it is asked, with a command line that has secrets. */
function giveJcmd(): void {
  const jcmd = join(sandbox.jdk, 'bin/jcmd');
  const text = `#!/bin/sh
echo "$1:"
echo "asked for $2"
echo 'jvm_args: -Dkey.password=${plant()} -Durl=jdbc:x://a:${plant()}@h/?password=${plant()} -Dplain=shown'
echo '"main" #1 prio=5 waits for token=${plant()}'
`;
  writeFileSync(jcmd, text);
  chmodSync(jcmd, 0o755);
}

/** A home with secrets in all of its files, and one that its log tells. */
function secretHome(): string {
  const ofConfiguration = plant();
  const home = sandbox.home('mi', {
    configuration: `# ${plant()}
[server]
hostname = "localhost"
[database.db]
url = "jdbc:mysql://root:${plant()}@db/x"
password = "${ofConfiguration}"
[secrets]
alias = "[${plant()}]"
`,
    behaviour: { bootLine: `${ofConfiguration} by itself, token: ${plant()}, -Ddb.password=${plant()}` },
  });
  const file = (path: string, text: string): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  };
  file('conf/carbon.xml', `<Server><Password>${plant()}</Password><Name>shown</Name></Server>`);
  file('conf/sub/log4j2.properties', `smtp.password=${plant()}\nname=shown\n`);
  file('conf/security/secret-conf.properties', `a=${plant()}\n`);
  file('conf/wso2carbon.jks', plant());
  file('password-tmp', plant());
  file('repository/logs/of-the-launch-before.log', plant());
  return home;
}

describe('report', () => {
  test('has what is known of a server, and none of the secrets that were planted', async () => {
    planted = 0;
    giveJcmd();
    const env = { DB_PASSWORD: plant() };
    await detach(secretHome(), ['--set', `server.admin_password=${plant()}`], { env });
    const logs = join(sandbox.folder, 'mi/repository/logs');
    writeFileSync(join(logs, 'wso2carbon.log'), `login of https://u:${plant()}@h/\n`);
    writeFileSync(join(logs, 'audit.log'), plant());
    const { code, stdout, stderr } = await sandbox.run(['report', 'mi', '-o', 'out.zip'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${join(sandbox.folder, 'out.zip')}\n` });
    expect(stderr).toMatch(/^wso2-launch: report of mi, \d+ KiB; secrets are left out/);
    const contents = contentsOf(join(sandbox.folder, 'out.zip'));
    expect(Object.keys(contents).sort()).toEqual([
      'README.txt',
      'configuration/conf/carbon.xml',
      'configuration/conf/deployment.toml',
      'configuration/conf/sub/log4j2.properties',
      'configuration/in-use.toml',
      'heap.txt',
      'jvm.txt',
      'logs/mi.log',
      'logs/of-the-server/wso2carbon.log',
      'post-mortem.txt',
      'report.json',
      'threads.txt',
    ]);
    expect(planted).toBeGreaterThan(15);
    const found = Object.entries(contents).filter(([, text]) => /planted-\d/.test(text));
    expect(found).toEqual([]);
    expect(contents['threads.txt']).toContain('asked for Thread.print -l\n');
    expect(contents['jvm.txt']).toContain('-Durl=jdbc:x://a:***@h/?password=*** -Dplain=shown');
    expect(contents['configuration/conf/carbon.xml']).toBe(
      '<Server><Password>***</Password><Name>shown</Name></Server>\n',
    );
    expect(contents['configuration/in-use.toml']).toContain('admin_password = "***"');
    expect(contents['logs/mi.log']).toContain('-Ddb.password=***');
    expect(statSync(join(sandbox.folder, 'out.zip')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(contents['report.json'] ?? '')).toMatchObject({
      machine: { node: process.version },
      jdk: { home: sandbox.jdk, version: '17.0.9' },
      instance: { name: 'mi', product: 'mi', version: '4.4.0', status: 'ready', offset: MIN },
      ports: expect.arrayContaining([expect.objectContaining({ name: 'http', state: 'taken' })]),
      missing: [],
    });
    await stop();
  });

  test('of one that has ended says what there is, in a new file of this folder', async () => {
    const home = sandbox.home('mi', { behaviour: { bootLine: 'java.lang.OutOfMemoryError: Java heap space' } });
    await detach(home);
    await stop();
    const { code, stdout } = await sandbox.run(['report', 'mi', '--json']);
    expect(code).toBe(0);
    const { file, entries, missing, bytes } = JSON.parse(stdout) as Record<string, unknown>;
    expect(basename(file as string)).toMatch(/^wso2-launch-mi-\d{4}-\d\d-\d\dT[\d-]{8}Z\.zip$/);
    expect(dirname(file as string)).toBe(sandbox.folder);
    expect(missing).toEqual(['Of threads, heap and JVM not all could be asked: it has ended.']);
    expect(statSync(file as string).size).toBe(bytes);
    const contents = contentsOf(file as string);
    expect(Object.keys(contents)).toEqual(entries);
    expect(contents['post-mortem.txt']).toMatch(
      /^It has not failed; its log tells of this: memory ran out \(java\.lang\.OutOfMemoryError/,
    );
    expect(JSON.parse(contents['report.json'] ?? '')).toMatchObject({
      instance: { status: 'exited', exit: { code: 0 } },
      jdk: { home: sandbox.jdk },
    });
  });

  test('asks nobody and writes nothing where it has no place, or no subject', async () => {
    giveJcmd();
    await detach(misbehaving({}));
    writeFileSync(join(sandbox.jdk, 'bin/jcmd'), '#!/bin/sh\ntouch "$0.asked"\n');
    writeFileSync(join(sandbox.folder, 'mine.zip'), 'mine');
    const before = readdirSync(sandbox.folder);
    for (const [words, code, says] of [
      [['mi', '-o', 'mine.zip'], 2, 'mine.zip is there already, and is not written over.'],
      [['mi', '-o', '.'], 2, 'is there already'],
      [['mi', '-o', 'none/out.zip'], 2, `There is no folder ${join(sandbox.folder, 'none')} for the report.`],
      [['mi', '-o', ''], 2, '--output needs a value'],
      [['mi', '-o', 'a.zip', '-o', 'b.zip'], 2, '--output is given 2 times'],
      [['other'], 10, 'There is no instance other.'],
      [['mi', 'other'], 2, 'report takes no argument "other"'],
    ] as const) {
      expect(await sandbox.run(['report', ...words])).toMatchObject({
        code,
        stdout: '',
        stderr: expect.stringContaining(says),
      });
    }
    expect(readdirSync(sandbox.folder)).toEqual(before);
    expect(readFileSync(join(sandbox.folder, 'mine.zip'), 'utf8')).toBe('mine');
    expect(existsSync(join(sandbox.jdk, 'bin/jcmd.asked'))).toBe(false);
    await stop();
  });

  onLinux.test('leaves no half file where there is no room for it', async () => {
    await detach(misbehaving({}));
    const through = ['/bin/sh', '-c', 'ulimit -f 1; exec "$@"', 'sh', process.execPath];
    const { code, stdout, stderr } = await sandbox.run(['report', 'mi', '-o', 'out.zip'], { through });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /There is no room for the report's \d+ bytes at .*out\.zip \(EFBIG.*\)\. Nothing was left there\./,
    );
    expect(existsSync(join(sandbox.folder, 'out.zip'))).toBe(false);
    await stop();
  });
});
