import { beforeEach, describe, expect, test } from '@jest/globals';
import { trustVariables } from '../../src/api/internal/certificates.js';
import type { EffectivePort } from '../../src/domain/ports.js';
import type { Instance } from '../../src/instance/list.js';
import { type FakeSystem, failureFrom, fakeSystem, processRow } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

const FOLDER = '/home/user/.local/state/wso2-launch/generated';
const SERVER = { pid: 100, startTime: 't100' };
const JVM = 101;

const port = (name: string, number: number, scheme: EffectivePort['scheme']): EffectivePort => ({
  ...{ name, base: number, number, scheme, shifted: true, required: true, source: 'default' },
});
const INSTANCE = instanceRecord({
  ...{ status: 'ready', pid: JVM, server: SERVER },
  ports: [port('http', 8290, 'http'), port('https', 8253, 'https'), port('ssl', 9711, 'tls'), port('wss', 8099, 'wss')],
});

let system: FakeSystem;
beforeEach(() => {
  system = fakeSystem();
  system.processes.rows.push(processRow(SERVER.pid, { session: SERVER.pid }));
  system.processes.rows.push(processRow(JVM, { parent: SERVER.pid, session: SERVER.pid }));
  for (const number of [8253, 8099]) {
    system.sockets.listen(number, JVM);
    system.http.chains.set(number, { certificates: [`${number}\n`], objection: undefined });
  }
});

const trusting = (more: Partial<Instance> = {}) =>
  trustVariables({ ...INSTANCE, ...more }, new AbortController().signal, system);

describe('the certificates of a server', () => {
  test('are those of its HTTPS ports, each once, and no other port is touched', async () => {
    system.http.chains.set(8099, { certificates: ['8253\n', 'issuer\n'], objection: undefined });
    expect(await trusting()).toEqual({
      variables: { NODE_EXTRA_CA_CERTS: `${FOLDER}/mi.chain.pem`, SSL_CERT_FILE: `${FOLDER}/mi.roots.pem` },
      warnings: [],
    });
    const own = '# wso2-launch: the certificates of mi\n8253\nissuer\n';
    expect(system.files.texts.get(`${FOLDER}/mi.chain.pem`)).toBe(own);
    expect(system.files.texts.get(`${FOLDER}/mi.roots.pem`)).toBe(`roots\n${own}`);
    expect(system.http.asked).toEqual(['chain 8253', 'chain 8099']);
  });

  test('that programs refuse all the same are warned of', async () => {
    system.http.chains.set(8253, { certificates: ['8253\n'], objection: 'certificate has expired' });
    expect((await trusting()).warnings).toEqual([
      '8253 (https) is not trusted as localhost all the same: certificate has expired',
    ]);
  });

  test('are added to what the caller trusts, by whatever variable', async () => {
    system.files.texts.set('/extra.pem', 'extra\n').set('/all.pem', 'all\n').set('/curl.pem', 'curl\n');
    const env = { NODE_EXTRA_CA_CERTS: '/extra.pem', SSL_CERT_FILE: '/all.pem', CURL_CA_BUNDLE: '/curl.pem' };
    system = Object.assign(system, { env });
    expect((await trusting()).variables).toMatchObject({ CURL_CA_BUNDLE: `${FOLDER}/mi.roots.pem` });
    expect(system.files.texts.get(`${FOLDER}/mi.chain.pem`)).toMatch(/^extra\n# wso2/);
    expect(system.files.texts.get(`${FOLDER}/mi.roots.pem`)).toMatch(/^all\n\ncurl\n# wso2/);
  });
});

describe('no certificate is read from a port', () => {
  /** Makes a port somebody else's; the other one stays the server's. */
  test.each<[title: string, change: () => void, says: string]>([
    ['of a stranger', () => system.sockets.listen(8253, 7), '8253 (https) is held by nginx, pid 7'],
    ["of another user's process", () => system.sockets.listenAs(1000, 8253), "8253 (https) is held by another user's"],
    ['that nobody listens on', () => {}, '8253 (https) is closed'],
  ])('%s', async (_title, change, says) => {
    system.processes.rows.push(processRow(7, { name: 'nginx', session: 7 }));
    system.sockets.close(8253);
    change();
    const { warnings } = await trusting();
    expect(warnings).toEqual([expect.stringContaining(says)]);
    expect(system.http.asked).toEqual(['chain 8099']);
    expect(system.files.texts.get(`${FOLDER}/mi.chain.pem`)).not.toContain('8253');
  });

  test('that a stranger shares', async () => {
    system.sockets.listenAs(1000, 8253);
    expect((await trusting()).warnings).toEqual([expect.stringContaining('8253 (https) is held by')]);
  });

  test('that has become another one while it was read', async () => {
    const { chainOn } = system.http;
    system.http.chainOn = async (number) => {
      const chain = await chainOn(number);
      system.sockets.close(number);
      system.sockets.listen(number, JVM);
      return chain;
    };
    expect(await failureFrom(trusting())).toMatchObject({
      kind: 'no-certificate',
      reason: '8253 (https) was opened anew meanwhile; 8099 (wss) was opened anew meanwhile',
    });
    expect([...system.files.texts.keys()]).toEqual([]);
  });

  test('whose owner the system does not tell, or in another container', async () => {
    expect(await failureFrom(trusting({ isElsewhere: true }))).toMatchObject({ kind: 'no-certificate' });
    system.sockets.isUntold = true;
    expect(await failureFrom(trusting())).toMatchObject({ kind: 'no-certificate' });
    expect(system.http.asked).toEqual([]);
  });
});

test.each(['starting', 'unhealthy', 'restarting', 'stopping', 'orphaned'] as const)(
  'a server that is %s is asked for nothing',
  async (status) => {
    expect(await failureFrom(trusting({ status }))).toEqual({ kind: 'not-ready-yet', name: 'mi', status });
    expect(system.http.asked).toEqual([]);
  },
);

test('a server without any HTTPS port has none', async () => {
  expect(await failureFrom(trusting({ ports: INSTANCE.ports.slice(0, 1) }))).toMatchObject({
    kind: 'no-certificate',
    reason: 'it has no HTTPS port',
  });
});
