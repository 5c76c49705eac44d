import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { overlayFile, removeGenerated } from '../../src/state/configuration-copy.js';
import { generatedFile, writeGenerated } from '../../src/state/generated-file.js';
import { socketControl } from '../../src/system/control.js';
import { nodeSystem, type System } from '../../src/system/index.js';
import { refusal } from '../support/refusal.js';
import { where } from '../support/tools.js';

let place: string;
let state: string;
let system: System;
beforeEach(() => {
  place = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  chmodSync(place, 0o1777);
  state = join(place, 'my state');
  mkdirSync(state, { mode: 0o700 });
  system = { ...nodeSystem, control: socketControl('linux', place) };
});
afterEach(() => rmSync(place, { recursive: true }));

const ours = (end = ''): string => join(place, `wso2-launch-${process.geteuid?.()}${end}`);
const fileOf = (): string => generatedFile(state, 'si.yaml', system);

describe('a generated file whose state folder no start script can carry', () => {
  test('lies in a private folder of the shared one, and goes', () => {
    const file = fileOf();
    writeGenerated(file, 'x', state, system);
    expect([dirname(file), readFileSync(file, 'utf8')]).toEqual([ours(), 'x']);
    expect([ours(), file].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
    expect(overlayFile({ name: 'si' }, state, system)).toBe(file);
    removeGenerated({ name: 'si', home: '/opt/si' }, state, system);
    expect(existsSync(file)).toBe(false);
  });

  test('is never written through a link', () => {
    const precious = join(place, 'precious');
    writeFileSync(precious, 'precious');
    mkdirSync(ours(), { mode: 0o700 });
    for (const path of [fileOf(), `${fileOf()}.tmp`]) symlinkSync(precious, path);
    writeGenerated(fileOf(), 'x', state, system);
    expect([precious, fileOf()].map((path) => readFileSync(path, 'utf8'))).toEqual(['precious', 'x']);
  });

  test('is not put into a folder that others have made meanwhile', () => {
    const file = fileOf();
    mkdirSync(ours(), { mode: 0o777 });
    chmodSync(ours(), 0o777);
    expect(refusal(() => writeGenerated(file, 'x', state, system))).toMatchObject({
      code: 3,
      message: `The state folder ${ours()} can't be used: ${ours()} is open to others (chmod go= ${ours()}).`,
    });
    expect(existsSync(file)).toBe(false);
    expect(dirname(fileOf())).toBe(ours('-2'));
  });

  where(process.getuid?.() === 0, 'root').test('is refused where other users have all of its names', () => {
    for (const end of ['', '-2', '-3', '-4', '-5', '-6', '-7', '-8', '-9']) {
      mkdirSync(ours(end));
      chownSync(ours(end), 54_321, 54_321);
    }
    expect(refusal(() => writeGenerated(fileOf(), 'x', state, system))).toEqual({
      code: 3,
      message: `The state folder ${state} can't be used: the start scripts can't carry a path with its spaces or glob characters, and elsewhere ${ours()} belongs to another user.`,
      hint: 'Name one without them in WSO2_LAUNCH_STATE_DIR.',
    });
    writeFileSync(join(ours(), 'his'), '');
    removeGenerated({ name: 'si', home: '/opt/si' }, state, system);
    expect(existsSync(join(ours(), 'his'))).toBe(true);
  });
});
