import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/** In which order Jest would run files, by what it remembers of them. */

/** Every file is larger than those behind it. */
const FILES = ['test/domain/a', 'test/e2e/b', 'test/users/c', 'test/e2e/restart', 'test/e2e/guard'].map(
  (name) => `${name}.test.ts`,
);

const PROGRAM = `
  import SlowestFirst, { SLOW } from './scripts/slowest-first.mjs';
  const [remembered, ...files] = process.argv.slice(1);
  const context = {
    config: { rootDir: '/project', cache: false },
    hasteFS: { getSize: (path) => 1000 - files.indexOf(path.slice('/project/'.length)) },
  };
  const sequencer = new SlowestFirst({});
  for (const [index, durationMs] of JSON.parse(remembered).entries())
    sequencer._getCache({ context })['/project/' + files[index]] = [1, durationMs];
  const tests = files.map((file) => ({ path: '/project/' + file, context }));
  const order = sequencer.sort(tests).map(({ path }) => path.slice('/project/'.length));
  console.log(JSON.stringify({ order, slow: SLOW }));`;

function sorted(remembered: readonly number[] = []): { order: string[]; slow: string[] } {
  const args = ['--input-type=module', '-e', PROGRAM, JSON.stringify(remembered), ...FILES];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
}

test('without a memory, those that are known to be slow come first, then those that start processes', () => {
  const [a, b, c, restart, guard] = FILES;
  expect(sorted().order).toEqual([guard, restart, b, c, a]);
});

test('of an earlier run it is Jest that knows how long each took', () => {
  expect(sorted([5, 4, 3, 2, 1]).order).toEqual(FILES);
  expect(sorted([1, 2, 3, 4, 5]).order).toEqual([...FILES].reverse());
});

test('each file that is known to be slow is there', () => {
  expect(sorted().slow.filter((file) => !existsSync(file))).toEqual([]);
});
