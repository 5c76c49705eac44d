import { beforeEach, expect, test } from '@jest/globals';
import { inCommandLine } from '../../src/cli/wording.js';
import { RecordKeeper, readRecords } from '../../src/instance/records.js';
import { type FakeSystem, fakeSystem } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

const FOLDER = '/home/user/.local/state/wso2-launch';

let system: FakeSystem;
let isFull: boolean;
let warnings: string[];
beforeEach(() => {
  system = fakeSystem();
  isFull = true;
  warnings = [];
  const { replaceText } = system.files;
  system.files.replaceText = (path, text) => {
    if (isFull) throw new Error('ENOSPC: no space left on device');
    replaceText(path, text);
  };
});

const keep = (): RecordKeeper =>
  new RecordKeeper(FOLDER, instanceRecord(), (text) => warnings.push(inCommandLine(text)), system);
const statuses = (): string[] => readRecords(FOLDER, system).map(({ status }) => status);

test('a record that no disk took is written once one does, as it is by then, and warned of once', async () => {
  const keeper = keep();
  keeper.note({ event: 'stopping', reason: 'asked' });
  await system.clock.advance(5_000);
  expect(statuses()).toEqual([]);
  isFull = false;
  await system.clock.advance(5_000);
  expect(statuses()).toEqual(['stopping']);
  expect(warnings).toEqual([
    "What this instance does can't be written down (ENOSPC: no space left on device): ps will not show it.",
  ]);
});

test('a record is left alone once its launch is over: the next of that name has written its own', async () => {
  const keeper = keep();
  keeper.close({ code: 0, failure: undefined }, false);
  isFull = false;
  await system.clock.advance(5_000);
  expect(statuses()).toEqual([]);
});
