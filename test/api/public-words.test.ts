import { expect, test } from '@jest/globals';
import { eventDocument, failedEvent } from '../../src/api/events.js';
import { publicError } from '../../src/api/public-error.js';
import { inLibrary } from '../../src/api/wording.js';
import { inCommandLine } from '../../src/cli/wording.js';
import type { LaunchEvent } from '../../src/domain/events.js';
import { LaunchError } from '../../src/domain/failure.js';
import { mention, mentioning } from '../../src/domain/text.js';

const REFUSED = new LaunchError({
  kind: 'unusable-jdk',
  what: mentioning`/jdk (from ${mention.option('javaHome')}) is no JDK.`,
  hint: mentioning`Name another one with ${mention.option('javaHome')}.`,
});

test('an error of the library has its words', () => {
  expect(publicError(REFUSED)).toMatchObject({
    message: '/jdk (from javaHome) is no JDK.',
    hint: 'Name another one with javaHome.',
  });
});

test('a failure is told by each front end in its own words', () => {
  const told = (wording: typeof inLibrary) => eventDocument(failedEvent(REFUSED, wording), 'mi', 0, wording);
  expect(told(inLibrary)).toMatchObject({ event: 'failed', hint: 'Name another one with javaHome.' });
  expect(told(inCommandLine)).toMatchObject({ event: 'failed', hint: 'Name another one with --java-home.' });
});

test('the warnings of a ready server are told by each front end in its own words', () => {
  const ready: LaunchEvent = {
    ...{ event: 'ready', offset: 0, pid: 7, durationMs: 3, ports: [], urls: {}, logFile: '/l' },
    warnings: ['It is old.', mentioning`${mention.option('followOffset')} would help.`],
  };
  const told = (wording: typeof inLibrary) => eventDocument(ready, 'mi', 0, wording);
  expect(told(inLibrary)).toMatchObject({ warnings: ['It is old.', 'followOffset would help.'] });
  expect(told(inCommandLine)).toMatchObject({ warnings: ['It is old.', '--follow-offset would help.'] });
});
