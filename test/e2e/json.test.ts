import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventDocument } from '../../src/api/events.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { inCommandLine } from '../../src/cli/wording.js';
import { instancesIn } from '../support/instances.js';
import { portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { carbonApplication } from '../support/zip.js';

const MIN = minOffsetOf('json');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { foreground, misbehaving, detach, stop } = instancesIn(() => sandbox, MIN);

interface Fields {
  readonly always: readonly string[];
  readonly sometimes: readonly string[];
}

/** The fields of each row of docs/json.md, by the words of its first column; those behind the semicolon come at times. */
const DOCUMENTED: Readonly<Record<string, Fields>> = Object.fromEntries(
  readFileSync('docs/json.md', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, subject, fields] = /^\| (.+?) \| (`.+) \|$/.exec(line) ?? [];
      if (subject === undefined || fields === undefined) return [];
      const [always = '', ...sometimes] = fields.replace(/\(.*?\)/g, '').split(';');
      const names = (text: string): string[] => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
      return [[subject.replaceAll('`', ''), { always: names(always), sometimes: names(sometimes.join(';')) }]];
    }),
);

/** Whether something that was printed has the documented fields and no others. */
function expectDocumented(subject: string, printed: object, common: readonly string[] = []): void {
  const { always, sometimes } = DOCUMENTED[subject] ?? { always: [`nothing is said of ${subject}`], sometimes: [] };
  const fields = Object.keys(printed).filter((name) => !common.includes(name));
  expect([subject, ...fields.filter((name) => !sometimes.includes(name)).sort()]).toEqual([
    subject,
    ...[...always].sort(),
  ]);
}

const STAMP = ['schemaVersion'];
const EVENT_STAMP = [...STAMP, 'event', 'at', 'name'];

test('every document has the fields that are documented', async () => {
  const car = 'repository/deployment/server/carbonapps/shop.car';
  const home = misbehaving({
    deploys: { [car]: { said: [' INFO - Successfully Deployed Carbon Application : App_1.0.0 {super-tenant}'] } },
  });
  await sandbox.run(['mi', '--home', home, '--private', '-a', '--min-offset', String(MIN), '-d']);
  await stop();
  await detach(home);
  const built = join(sandbox.folder, 'shop.car');
  writeFileSync(built, carbonApplication([]));
  const printed = async (...words: readonly string[]): Promise<Record<string, object[]>> => {
    const { stdout, stderr } = await sandbox.run([...words, '--json']);
    if (stdout === '') throw new Error(`${words.join(' ')} printed nothing: ${stderr}`);
    return JSON.parse(stdout.trim().split('\n{')[0] as string) as Record<string, object[]>;
  };
  const asked: Readonly<Record<string, readonly string[]>> = {
    status: ['status'],
    wait: ['wait'],
    deploy: ['deploy', built],
    url: ['url'],
    port: ['port', 'http'],
    env: ['env'],
    logs: ['logs'],
    ps: ['ps'],
    ports: ['ports'],
    doctor: ['doctor', 'mi', '--home', home],
    jdks: ['jdks'],
    homes: ['homes'],
    offset: ['offset', 'get', '--home', home],
    completion: ['completion', 'fish'],
    report: ['report'],
    stop: ['stop', '--all'],
  };
  const parts: Readonly<Record<string, string>> = {
    instances: 'an instance',
    artifacts: 'an artifact',
    jdks: 'a JDK',
    homes: 'a private home',
    findings: 'a finding',
    ports: 'a port',
  };
  const reporting = Object.entries(COMMANDS).filter(([, { isLaunch }]) => !isLaunch);
  expect(Object.keys(asked).sort()).toEqual(reporting.map(([name]) => name).sort());
  for (const [command, words] of Object.entries(asked)) {
    const document = await printed(...words);
    expectDocumented(command === 'status' ? 'an instance' : command, document, STAMP);
    if (command === 'status') {
      expectDocumented('a boot, the last one', document['boot'] as object);
      expect(document['boot']).toMatchObject({ durationMs: expect.any(Number), usualMs: expect.any(Number) });
    }
    for (const [name, part] of Object.entries(parts))
      for (const one of document[name] ?? []) expectDocumented(part, one);
  }
  expectDocumented('ps', await printed('ps', '--all', '--prune'), STAMP);
  expectDocumented('homes', { homes: [], ...(await printed('homes', 'rm', 'mi')) }, STAMP);
  expectDocumented('a launch with --dry-run', await printed('mi', '--home', home, '-a', '--dry-run'), STAMP);
});

test('every event has the fields that are documented', async () => {
  const cli = foreground(misbehaving({ bindAfterMs: 3_000, onSignal: 'shut-port' }));
  await cli.event('starting');
  await sandbox.hold(portsAt(MIN)['http'] as number);
  const { pid } = await cli.event('ready');
  process.kill(pid as number, 'SIGUSR2');
  await cli.event('unhealthy');
  const restarting = sandbox.start(['restart', '--json']);
  await restarting.exited;
  await stop();
  await cli.exited;
  const failed = sandbox.start(['status', 'nobody', '--json']);
  await failed.exited;
  const events = [...cli.events, ...restarting.events, ...failed.events];
  for (const event of events) expectDocumented(event.event, event, EVENT_STAMP);
  // It comes of a copy that takes a while, as between file systems.
  const copying = { event: 'copying', home: '/a', installation: '/b', copiedBytes: 1, totalBytes: 2 } as const;
  expectDocumented('copying', eventDocument(copying, null, 0, inCommandLine), EVENT_STAMP);
  const known = 'planned starting ready retrying unhealthy restarting stopping stopped failed'.split(' ').sort();
  expect([...new Set(events.map(({ event }) => event))].sort()).toEqual(known);
});
