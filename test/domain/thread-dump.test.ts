import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bootingThread } from '../../src/domain/thread-dump.js';

/** Of a kernel 4.10.32 whose database takes connections and says nothing. */
const DUMP = readFileSync(join(process.cwd(), 'test/support/fixtures/thread-dump.txt'), 'utf8');

const thread = (name: string, ...frames: readonly string[]): string =>
  `"${name}" #1 prio=5\n   java.lang.Thread.State: WAITING\n${frames.map((frame) => `\tat ${frame}(A.java:1)\n`).join('')}\n`;

test('the thread of the framework is meant where it is at work', () => {
  expect(bootingThread(DUMP)).toContain('"Start Level" waits for somebody on the network');
});

test.each<[what: string, dump: string, words: string | undefined]>([
  ['nothing', '', undefined],
  ['no dump', '1234: Unable to open socket file', undefined],
  [
    'a main thread beside a framework that waits for work',
    thread(
      'Start Level: Equinox',
      'java.lang.Object.wait',
      'org.eclipse.osgi.framework.eventmgr.EventManager$EventThread.getNextEvent',
    ) +
      thread(
        'main',
        'java.base@17/jdk.internal.misc.Unsafe.park',
        'java.util.concurrent.Semaphore.acquire',
        'org.wso2.carbon.A.b',
      ),
    'its thread "main" waits for another thread, in jdk.internal.misc.Unsafe.park, called by org.wso2.carbon.A.b',
  ],
  [
    'a thread that is at something else',
    thread('main', 'java.io.FileInputStream.readBytes'),
    'its thread "main" waits in java.io.FileInputStream.readBytes',
  ],
])('of %s', (_what, dump, words) => {
  expect(bootingThread(dump)).toBe(words);
});
