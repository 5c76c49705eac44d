import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { isAlive } from '../support/machine.js';
import { until } from '../support/wait.js';
import { statusOf } from './carbon.js';
import { expectNothingLeft, type KernelSandbox, row } from './row.js';

/** The sum of every file below a folder, with its path. */
function digestOf(folder: string): string {
  const sum = createHash('sha256');
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    sum.update(`${path}\n`);
    if (lstatSync(join(folder, path)).isFile()) sum.update(readFileSync(join(folder, path)));
  }
  return sum.digest('hex');
}

row(
  'two servers of one installation leave it as it is, through stops, kills, an update and their removal',
  async (sandbox) => {
    const installation = sandbox.kernel();
    const homes = join(installation, '../.wso2-launch-homes');
    const pristine = digestOf(installation);
    const launch = async (name: string): Promise<string> => {
      const { code, stderr } = await sandbox.run(
        ['server', '--home', installation, '--private', '--name', name, '-a', '-d'],
        { patienceMs: 240_000 },
      );
      expect([code, stderr]).toEqual([0, expect.any(String)]);
      return stderr;
    };
    await launch('one');
    await launch('two');
    for (const { urls } of sandbox.records)
      expect(await statusOf(`${urls['servlet-https']}/services/Version`)).toBe(200);
    expect(digestOf(installation)).toBe(pristine);

    await killed(sandbox, 'one');
    expect((await sandbox.run(['stop', 'two'])).code).toBe(0);
    expect(digestOf(installation)).toBe(pristine);

    const jar = readdirSync(join(installation, 'lib')).find((file) => file.endsWith('.jar')) as string;
    writeFileSync(join(installation, 'new'), readFileSync(join(installation, 'lib', jar)));
    renameSync(join(installation, 'new'), join(installation, 'lib', jar));
    const updated = digestOf(installation);
    expect(await launch('one')).toContain('1 file.');
    expect(statSync(join(homes, 'one/lib', jar)).ino).toBe(statSync(join(installation, 'lib', jar)).ino);
    expect((await sandbox.run(['stop', 'one'])).code).toBe(0);
    expect((await sandbox.run(['homes', 'rm', 'one', 'two'])).code).toBe(0);
    expect(readdirSync(homes)).toEqual([]);
    expect(digestOf(installation)).toBe(updated);
    await expectNothingLeft(sandbox);
  },
);

/** Kills a supervisor at one blow; its guard stops the server. */
async function killed(sandbox: KernelSandbox, name: string): Promise<void> {
  const record = sandbox.records.find((one) => one.name === name);
  process.kill(record?.supervisor.pid as number, 'SIGKILL');
  await until(`the end of ${name}`, () => !isAlive(record?.pid as number), 60_000);
}
