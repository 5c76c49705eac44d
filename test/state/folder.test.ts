import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LaunchError } from '../../src/domain/failure.js';
import { checkOwn, checkStateFolder, prepareStateFolder, stateFolder } from '../../src/state/folder.js';
import { nodeFiles } from '../../src/system/files.js';
import { macosHost } from '../../src/system/macos/host.js';
import { posixHost } from '../../src/system/posix/host.js';
import { windowsHost } from '../../src/system/windows/host.js';
import { failureWords } from '../support/failure-words.js';
import { refusal } from '../support/refusal.js';
import { where } from '../support/tools.js';

const HOSTS = { linux: posixHost, macos: macosHost, windows: windowsHost };

test.each<[keyof typeof HOSTS, Record<string, string>, string]>([
  ['linux', {}, '/home/me/.local/state/wso2-launch'],
  ['linux', { XDG_STATE_HOME: '/var/me' }, '/var/me/wso2-launch'],
  ['linux', { XDG_STATE_HOME: 'relative' }, '/home/me/.local/state/wso2-launch'],
  ['linux', { WSO2_LAUNCH_STATE_DIR: 'mine/' }, '/home/me/project/mine'],
  ['linux', { XDG_STATE_HOME: '' }, '/home/me/.local/state/wso2-launch'],
  ['macos', {}, '/home/me/Library/Application Support/wso2-launch'],
  ['macos', { WSO2_LAUNCH_STATE_DIR: '/s' }, '/s'],
  ['linux', { WSO2_LAUNCH_STATE_DIR: '/s', XDG_STATE_HOME: '/var/me' }, '/s'],
  ['windows', { LOCALAPPDATA: '/local' }, '/local/wso2-launch'],
])('on %s with %j our files are in %s', (name, env, folder) => {
  const host = HOSTS[name];
  expect(stateFolder({ host, env, userFolder: () => '/home/me', currentFolder: () => '/home/me/project' })).toBe(
    folder,
  );
});

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  folder = join(parent, 'a/state');
});
afterEach(() => rmSync(parent, { recursive: true }));

const system = { files: nodeFiles, env: {} };

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof LaunchError) return `${error.exitCode} ${failureWords(error.failure).message}`;
  }
  throw new Error('nothing was refused');
};

describe('the state folder', () => {
  test('is made for its user alone, and used again', () => {
    prepareStateFolder(folder, system);
    prepareStateFolder(folder, system);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'logs')).mode & 0o777).toBe(0o700);
  });

  test('that can not be made is refused with the reason', () => {
    writeFileSync(join(parent, 'a'), '');
    expect(messageOf(() => prepareStateFolder(folder, system))).toMatch(
      `3 The state folder ${folder} can't be used: ${join(parent, 'a')} is not a folder`,
    );
  });

  const onPosix = where(process.getuid !== undefined, 'users and modes');

  onPosix.test('into which others may write is refused, with the mend', () => {
    for (const part of ['', 'instances', 'logs', 'generated', 'sockets']) {
      const path = join(folder, part);
      mkdirSync(path, { recursive: true, mode: 0o700 });
      for (const mode of [0o720, 0o702, 0o1777]) {
        chmodSync(path, mode);
        const reason = `other users may write to ${part === '' ? 'it' : path}`;
        for (const use of [prepareStateFolder, checkStateFolder, checkOwn]) {
          expect(refusal(() => use(folder, system))).toEqual({
            code: 3,
            message: `The state folder ${folder} can't be used: ${reason}.`,
            hint: `Take that right from them: chmod go-w ${path}`,
          });
        }
      }
      chmodSync(path, 0o755); // what others read is nothing that they could change
      checkOwn(folder, system);
    }
  });

  where(process.getuid?.() === 0, 'root').test('to which another user has led us is refused', () => {
    mkdirSync(folder, { recursive: true });
    const link = join(parent, 'link');
    symlinkSync(folder, link);
    checkOwn(link, system);
    lchownSync(link, 54_321, 54_321);
    expect(messageOf(() => checkOwn(link, system))).toContain(`in its place (by ${link})`);
  });

  where(process.getuid?.() === 0, 'root').test('with a part that is another user’s is refused', () => {
    prepareStateFolder(folder, system);
    chownSync(join(folder, 'logs'), 54_321, 54_321);
    expect(messageOf(() => prepareStateFolder(folder, system))).toContain(`${folder}/logs belongs to another user.`);
  });

  test('of another user is refused', () => {
    const files = { ...nodeFiles, whyNotOurs: () => 'foreign' as const };
    expect(messageOf(() => prepareStateFolder(folder, { files, env: {} }))).toBe(
      `3 The state folder ${folder} can't be used: it belongs to another user.`,
    );
  });

  const asRoot = where(process.getuid?.() === 0, 'root');

  asRoot.test('is not made where it would lie in the HOME of another user, nor where that one could replace it', () => {
    chownSync(parent, 54_321, 54_321);
    for (const use of [prepareStateFolder, checkStateFolder, checkOwn]) {
      expect(refusal(() => use(folder, system))).toEqual({
        code: 3,
        message: `The state folder ${folder} can't be used: ${parent} belongs to user 54321, not to root.`,
        hint: 'With sudo -H root uses its own; sudo -u USER asks as that user; WSO2_LAUNCH_STATE_DIR names another one.',
      });
    }
    expect(nodeFiles.filesIn(parent)).toEqual([]);
    const named = { ...system, env: { WSO2_LAUNCH_STATE_DIR: folder } };
    expect(messageOf(() => prepareStateFolder(folder, named))).toContain('in its place');
    expect(nodeFiles.filesIn(parent)).toEqual([]);
  });

  asRoot.test('of another user names to root whose it may be', () => {
    prepareStateFolder(folder, system);
    chownSync(folder, 54_321, 54_321);
    const env = { WSO2_LAUNCH_STATE_DIR: folder };
    expect(refusal(() => checkOwn(folder, { ...system, env }))).toMatchObject({
      message: `The state folder ${folder} can't be used: it belongs to another user.`,
      hint: expect.stringMatching(/^With sudo -H/),
    });
  });

  test('that may not be looked into is refused, for it would look like an empty one', () => {
    const files = { ...nodeFiles, whyNotOurs: () => 'hidden' as const };
    expect(refusal(() => checkOwn(folder, { ...system, files }))).toEqual({
      code: 3,
      message: `The state folder ${folder} can't be used: ${parent} may not be looked into.`,
      hint: `Make it yours (sudo chown -R "$(id -u)" ${parent}), or name another one in WSO2_LAUNCH_STATE_DIR.`,
    });
  });

  test('is checked by a dry run without being made', () => {
    checkStateFolder(folder, system);
    expect(nodeFiles.exists(join(parent, 'a'))).toBe(false);
    writeFileSync(join(parent, 'a'), '');
    expect(messageOf(() => checkStateFolder(folder, system))).toBe(
      `3 The state folder ${folder} can't be used: ${join(parent, 'a')} is not a folder.`,
    );
  });
});
