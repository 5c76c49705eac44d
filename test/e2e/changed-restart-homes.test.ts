import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ProductId } from '../../src/domain/catalogue.js';
import { nodeSystem } from '../../src/system/index.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('changed-restart-homes');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox({ jdk: '11.0.21' });
});
afterEach(() => sandbox.close());

test.each<[product: ProductId, version: string, profile: string | undefined]>([
  ['si', '4.2.0', undefined],
  ['analytics', '7.1.0', 'portal'],
  ['ei', '6.6.0', 'business-process'],
])(
  '%s %s, profile %s, is the same runtime of the same home after a restart with changed options',
  async (...launched) => {
    const [product, version, profile] = launched;
    sandbox.home('home', { product, version, ...(profile !== undefined && { profile }) });
    // Wherever its supervisor works later, what was meant from here is still meant.
    const elsewhere = join(sandbox.folder, 'home/bin');
    mkdirSync(elsewhere, { recursive: true });
    const env = { PATH: `${join(sandbox.jdk, 'bin')}:${process.env['PATH']}` };
    const given = ['--java-home', '../../jdk', ...(profile === undefined ? [] : ['--profile', profile])];
    const detached = await sandbox.run([product, '-d', '--offset', String(MIN), ...given], { cwd: elsewhere, env });
    expect({ code: detached.code, stderr: detached.stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    const { home, runtimeHome } = sandbox.records[0] ?? {};

    const restarted = await sandbox.run(['restart', '--offset', String(MIN + 2), '--arg', '-Dchanged=1'], { env });
    expect({ code: restarted.code, stderr: restarted.stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    const [record] = sandbox.records;
    expect(record).toMatchObject({ home, runtimeHome, offset: MIN + 2, status: 'ready' });
    expect(nodeSystem.processes.argumentsOf(record?.pid as number)).toContain('-Dchanged=1');
    expect((await sandbox.run(['stop'])).code).toBe(0);
  },
);
