import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { row } from './row.js';

row('its database has the offset of its first start, until another one takes its place', async (sandbox) => {
  const home = sandbox.kernel();
  const first = sandbox.launch(home, ['--offset', '3']);
  expect((await first.event('ready'))['warnings']).toEqual([]);
  first.kill('SIGINT');
  expect((await first.exited).code).toBe(130);

  const dryRun = (...more: string[]) => sandbox.run(['server', '--home', home, '--dry-run', ...more]);
  const { stderr } = await dryRun();
  expect(stderr).toContain('first started at offset 3, not 0: ');
  expect(stderr).toContain('console https://localhost:9446/carbon');
  expect(await dryRun('--sticky')).toMatchObject({ stderr: '', stdout: expect.stringMatching(/^offset +3\b/m) });

  const databases = 'repository/database';
  rmSync(join(home, databases), { recursive: true });
  cpSync(join(sandbox.kernel('other'), databases), join(home, databases), { recursive: true });
  expect(await dryRun('--sticky')).toMatchObject({ stderr: '', stdout: expect.stringMatching(/^offset +0\b/m) });
});
