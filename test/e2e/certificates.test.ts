import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instancesIn } from '../support/instances.js';
import { portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { OF_NOBODY, SELF_SIGNED } from '../support/self-signed.js';
import { needing } from '../support/tools.js';

const MIN = minOffsetOf('certificates');
const NODE = process.execPath;

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { atFreeOffset, foreground, misbehaving, detach, stop } = instancesIn(() => sandbox, MIN);

const withKeys = (): string => misbehaving({ tls: SELF_SIGNED, pages: { '/page': 200 } });

type Variables = Readonly<Record<string, string>>;

async function variablesOf(env: Variables = {}, name = 'mi'): Promise<Variables> {
  const { code, stdout, stderr } = await sandbox.run(['env', name, '--ca', '--json'], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { variables: Variables }).variables;
}

/** What a program prints, started with these variables; what it says where it fails. */
async function printedBy(file: string, args: readonly string[], env: Variables): Promise<string> {
  const { PATH = '' } = process.env;
  const run = promisify(execFile)(file, args, { env: { PATH, ...env } });
  return run.then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `failed: ${stdout}${stderr}`,
  );
}

const FETCH = `fetch(process.env.WSO2_MI_HTTPS_URL + '/page').then(
  ({ status }) => console.log(status),
  ({ cause }) => console.log(cause.code),
)`;
const fetching = (env: Variables): Promise<string> => printedBy(NODE, ['-e', FETCH], env);

const URL_OF_PAGE = `https://localhost:${portsAt(MIN)['https']}/page`;

describe('env --ca', () => {
  test('has fetch trust the server, besides what it was told to trust before, and goes with the server', async () => {
    await detach(withKeys());
    const { NODE_EXTRA_CA_CERTS: extra = '', SSL_CERT_FILE: all = '', ...others } = await variablesOf();
    expect(await fetching(others)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT\n');
    expect(await fetching({ ...others, NODE_EXTRA_CA_CERTS: extra })).toBe('200\n');
    expect([extra, all]).toEqual(
      ['mi.chain.pem', 'mi.roots.pem'].map((name) => join(sandbox.state, 'generated', name)),
    );
    for (const file of [extra, all]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(extra)).mode & 0o777).toBe(0o700);
    expect(readFileSync(extra, 'utf8')).toBe(`# wso2-launch: the certificates of mi\n${SELF_SIGNED.cert}`);
    const roots = readFileSync(all, 'utf8').split(SELF_SIGNED.cert);
    expect(roots).toHaveLength(2);
    expect(roots[0]?.match(/-----BEGIN CERTIFICATE-----/g)?.length).toBeGreaterThan(20);

    const own = join(sandbox.folder, 'own.pem');
    writeFileSync(own, '# our own\n');
    const before = { NODE_EXTRA_CA_CERTS: own, SSL_CERT_FILE: own };
    const again = await variablesOf(before);
    expect(await variablesOf(again)).toEqual(again);
    for (const file of [extra, all]) {
      expect(readFileSync(file, 'utf8')).toBe(`# our own\n# wso2-launch: the certificates of mi\n${SELF_SIGNED.cert}`);
    }
    await stop();
    expect([extra, all].filter((file) => existsSync(file))).toEqual([]);
  });

  needing('curl').test(
    'has curl trust the server as a shell reads it, whatever else it was told to trust',
    async () => {
      await detach(withKeys());
      const { WSO2_LAUNCH_STATE_DIR = '', PATH = '' } = sandbox.env;
      const own = join(sandbox.folder, 'own.pem');
      writeFileSync(own, OF_NOBODY);
      for (const more of [{}, { CURL_CA_BUNDLE: own }, { SSL_CERT_DIR: sandbox.folder }] satisfies Variables[]) {
        const env = { PATH, WSO2_LAUNCH_STATE_DIR, ...more };
        const curl = ['--silent', '--show-error', '--max-time', '20', '--write-out', '%{http_code}', '-o', '/dev/null'];
        expect(await printedBy('curl', [...curl, URL_OF_PAGE], env)).toMatch(/^failed: .*certificate/s);
        const program = join(process.cwd(), 'bin/wso2-launch.cjs');
        const script = 'eval "$("$0" "$1" env mi --ca)"; shift; exec curl "$@"';
        expect(await printedBy('/bin/sh', ['-c', script, NODE, program, ...curl, URL_OF_PAGE], env)).toBe('200');
      }
      await stop();
    },
  );

  test('asked by many at once is answered alike', async () => {
    await detach(withKeys());
    const all = await Promise.all(Array.from({ length: 6 }, () => variablesOf()));
    expect(all).toEqual(all.map(() => all[0]));
    await stop();
  });

  test('of a server that is not ready, or has no certificate to show, is refused', async () => {
    const starting = foreground(misbehaving({ neverReady: true }));
    await starting.event('starting');
    expect(await sandbox.run(['env', 'mi', '--ca'])).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining('mi is starting: only a ready server can be asked for that.'),
    });
    starting.kill('SIGINT');
    await starting.exited;
    await detach(sandbox.home('silent'), ['--name', 'silent']);
    const { https } = portsAt(MIN);
    const { code, stdout } = await sandbox.run(['env', '--ca', '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      failure: 'no-certificate',
      message: expect.stringContaining(`silent shows no certificate: ${https} (https) shows no certificate (`),
    });
    expect(existsSync(join(sandbox.state, 'generated'))).toBe(false);
    await stop();
  });
});

describe('exec --ca', () => {
  test.each([
    ['with a server of its own', []],
    ['with a shared one', ['--reuse']],
  ])('%s runs a command that trusts it', async (_title, more) => {
    const home = withKeys();
    const command = ['exec', 'mi', '--home', home, ...atFreeOffset, ...more, '--ca', '--', NODE, '-e', FETCH];
    expect(await sandbox.run(command)).toMatchObject({ code: 0, stdout: '200\n' });
    expect(existsSync(join(sandbox.state, 'generated/mi.chain.pem'))).toBe(false);
  });

  test('stops the server and runs nothing where there is no certificate', async () => {
    const command = ['exec', 'mi', '--home', sandbox.home('mi'), ...atFreeOffset, '--ca', '--', NODE, '-p', '"ran"'];
    expect(await sandbox.run(command)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('mi shows no certificate'),
    });
    expect(sandbox.processes()).toEqual([]);
  });
});
