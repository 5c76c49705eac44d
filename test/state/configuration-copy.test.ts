import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { renderedMark } from '../../src/home/rendering.js';
import { copyFile, forgetRendering, removeCopy, writeCopy } from '../../src/state/configuration-copy.js';
import { nodeSystem } from '../../src/system/index.js';
import { refusal } from '../support/refusal.js';

let folder: string;
let owner: { name: string; home: string };
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  owner = { name: 'mi', home: join(folder, 'home') };
  mkdirSync(dirname(renderedMark(owner.home)), { recursive: true });
  writeFileSync(renderedMark(owner.home), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

const { exists } = nodeSystem.files;
const state = (): string => join(folder, 'state');
const copy = (): string => join(state(), 'generated/mi.toml');

describe('the copy of a configuration', () => {
  test('is private and whole, and replaces the one before', () => {
    writeCopy(owner, 'a longer one\r\n', state());
    writeCopy(owner, '\ufeffb', state());
    expect(readFileSync(copy())).toEqual(Buffer.from('\ufeffb'));
    expect([copy(), dirname(copy())].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o700]);
  });

  test('makes the server forget what it has rendered, when it comes, has been read, and goes', () => {
    for (const step of [
      () => writeCopy(owner, '', state()),
      () => forgetRendering(owner, state()),
      () => removeCopy(owner, state()),
    ]) {
      writeFileSync(renderedMark(owner.home), '');
      step();
      expect(exists(renderedMark(owner.home))).toBe(false);
    }
    expect(exists(copy())).toBe(false);
  });

  test('that does not exist leaves the home alone', () => {
    forgetRendering(owner, state());
    expect(removeCopy(owner, state())).toBe(true);
    expect(exists(renderedMark(owner.home))).toBe(true);
  });

  test('that can not be written is refused with the reason', () => {
    mkdirSync(copy(), { recursive: true });
    expect(refusal(() => writeCopy(owner, '', state()))).toMatchObject({
      code: 3,
      message: expect.stringMatching(/^The state folder \S+\/generated can't be used: EISDIR/),
    });
  });

  test('is not put into a folder of somebody else', () => {
    const files = { ...nodeSystem.files, whyNotOurs: () => 'foreign' as const };
    expect(refusal(() => writeCopy(owner, '', state(), { ...nodeSystem, files })).code).toBe(3);
    expect(exists(copy())).toBe(false);
  });

  test('of which the server would take no notice is refused', () => {
    rmSync(renderedMark(owner.home));
    mkdirSync(renderedMark(owner.home)); // a folder is not removed
    expect(refusal(() => writeCopy(owner, '', state()))).toMatchObject({
      code: 3,
      message: expect.stringContaining(`${renderedMark(owner.home)} can't be removed`),
    });
    expect(exists(copy())).toBe(false);
  });
});

describe('its path', () => {
  const at = (path: string): string => copyFile(owner, path, nodeSystem);

  test.each(['/home/me/.local/state/wso2-launch', "/home/o'neill/$x"])('is in the state folder: %s', (path) => {
    expect(at(path)).toBe(`${path}/generated/mi.toml`);
  });

  test.each(['/home/my state', '/home/a*', '/home/a[b]', '/home/a?', '/home/a\tb'])(
    'is elsewhere where the start scripts could not carry it: %j',
    (path) => {
      expect(at(path)).toMatch(/^\/tmp\/wso2-launch-\d+\/[\da-f]{12}-mi\.toml$/);
      expect(at(path)).not.toBe(at(`${path} `));
    },
  );
});
