import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { homesFolderFor, homesIn, unfinishedIn, unfinishedPath, writeMarker } from '../../src/home/private-homes.js';
import { nodeSystem } from '../../src/system/index.js';
import { failureFrom } from '../support/fake-system.js';

let folder: string;
let state: string;
let installation: string;

beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  state = join(folder, 'state');
  installation = join(folder, 'opt/mi');
  mkdirSync(installation, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const folderFor = (env: Record<string, string> = {}, files: Partial<typeof nodeSystem.files> = {}): string =>
  homesFolderFor(installation, state, {
    env,
    files: { ...nodeSystem.files, ...files },
    currentFolder: () => folder,
  });

describe('private homes are made', () => {
  test('beside the installation', () => {
    expect(folderFor()).toBe(join(folder, 'opt/.wso2-launch-homes'));
  });

  test('below the state folder, where nothing may be written there', () => {
    const isWritable = (path: string): boolean => path !== join(folder, 'opt');
    expect(folderFor({}, { isWritable })).toBe(join(state, 'homes'));
  });

  test('below the state folder, where others may write beside the installation', () => {
    chmodSync(join(folder, 'opt'), 0o777);
    expect(folderFor()).toBe(join(state, 'homes'));
  });

  test('below the state folder, where a file is in the way', () => {
    writeFileSync(join(folder, 'opt/.wso2-launch-homes'), '');
    expect(folderFor()).toBe(join(state, 'homes'));
  });

  test('where the variable says, also by a relative path', () => {
    expect(folderFor({ WSO2_LAUNCH_HOMES_DIR: 'mine' })).toBe(join(folder, 'mine'));
  });

  test.each([
    ['the installation itself', () => installation],
    ['a folder in it', () => join(installation, 'homes')],
    [
      'a link into it',
      () => {
        symlinkSync(installation, join(folder, 'link'));
        return join(folder, 'link');
      },
    ],
  ])('but not in %s', async (_, named) => {
    const choosing = async (): Promise<string> => folderFor({ WSO2_LAUNCH_HOMES_DIR: named() });
    expect(await failureFrom(choosing())).toMatchObject({
      kind: 'unusable-home',
      what: expect.stringContaining(`lies in the installation ${installation}`),
    });
  });
});

const MARKER = {
  schemaVersion: 1,
  name: 'mi',
  product: 'mi',
  version: null,
  installation: '/opt/mi',
  madeAt: '2026-11-29T12:00:00.000Z',
  files: {},
} as const;

describe('a private home', () => {
  test('is a folder of its name with a marker', () => {
    for (const name of ['mi', 'renamed', 'unmarked', '.hidden', 'wrong']) mkdirSync(join(folder, name));
    for (const name of ['mi', 'renamed', '.hidden']) writeMarker(join(folder, name), MARKER);
    writeFileSync(join(folder, 'wrong/.wso2-launch-home.json'), '{');
    expect(homesIn(folder)).toEqual([{ path: join(folder, 'mi'), marker: MARKER }]);
  });

  test('is no link to one', () => {
    mkdirSync(join(folder, 'elsewhere'));
    writeMarker(join(folder, 'elsewhere'), MARKER);
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'mi'));
    expect(homesIn(folder)).toEqual([]);
  });
});

test('what is under way is told from all else by its name', () => {
  for (const name of ['.hidden', 'mi', '.1-a-b.making', '.1-a-b.other.mi']) mkdirSync(join(folder, name));
  const path = unfinishedPath(join(folder, 'my.mi-2'), 'aside', '12-lz4k-0abc');
  mkdirSync(path);
  expect(unfinishedIn(folder)).toEqual([{ path, state: 'aside', name: 'my.mi-2', leaseId: '12-lz4k-0abc' }]);
});
