import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('moving-on');
const MEMBER = 4000 + MIN;

let sandbox: Sandbox;
let home: string;
beforeEach(async () => {
  sandbox = new Sandbox();
  home = sandbox.home('is', {
    product: 'is',
    version: '7.1.0',
    configuration: `[server]\noffset = ${MIN}\n[clustering]\nmembership_scheme = "wka"\nlocal_member_port = ${MEMBER}\n`,
  });
  await sandbox.hold(MEMBER);
});
afterEach(() => sandbox.close());

describe('a listener that moves on by itself, whose first port somebody has', () => {
  test('is listed as such', async () => {
    const { stdout } = await sandbox.run(['ports', '--home', home, '--json']);
    expect((JSON.parse(stdout) as { ports: unknown[] }).ports.at(-1)).toEqual({
      name: 'clustering.local_member_port',
      base: MEMBER,
      number: MEMBER,
      scheme: 'tcp',
      shifted: false,
      movesOn: true,
      required: false,
      source: 'deployment.toml:5',
      state: 'taken',
      by: { pid: process.pid, command: expect.any(String) },
    });
    const table = await sandbox.run(['ports', '--home', home]);
    expect(table.stdout).toMatch(
      new RegExp(`^clustering\\.local_member_port +${MEMBER} +${MEMBER} +moves on +taken +`, 'm'),
    );
    const plan = await sandbox.run(['is', '--home', home, '--dry-run']);
    expect(plan.stdout).toMatch(new RegExp(`^port +${MEMBER} +clustering\\.local_member_port \\(moves on\\)$`, 'm'));
  });

  test('is in no way of a launch, which is ready and stopped while that one keeps it', async () => {
    const cli = sandbox.start(['is', '--home', home, '-d', '--json']);
    const ready = await cli.event('ready');
    expect(ready).toMatchObject({ offset: MIN, warnings: [] });
    expect((await cli.exited).code).toBe(0);
    expect((await sandbox.run(['env', 'is'])).stdout).not.toContain(String(MEMBER));
    expect(await sandbox.run(['port', 'is', 'clustering.local_member_port'])).toMatchObject({ code: 2 });
    expect(await sandbox.run(['stop', 'is'])).toMatchObject({ code: 0 });
  });

  test('is nothing that the doctor complains of', async () => {
    const { stdout } = await sandbox.run(['doctor', '--home', home, '--verbose']);
    expect(stdout).toContain(`Nobody else has a port of offset ${MIN}.`);
  });
});
