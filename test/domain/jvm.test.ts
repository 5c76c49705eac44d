import { describe, expect, test } from '@jest/globals';
import { checkJvmArguments, jvmWords, parseHeapMiB, withoutHeap } from '../../src/domain/jvm.js';
import { mention } from '../../src/domain/text.js';
import { refusal } from '../support/refusal.js';

test.each([
  ['512m', 512],
  ['2g', 2048],
  ['2G', 2048],
  ['0m', undefined],
  ['512', undefined],
  ['1.5g', undefined],
  ['2gb', undefined],
  ['', undefined],
])('a heap of %j', (text, size) => {
  expect(parseHeapMiB(text)).toBe(size);
});

describe('the words of a JVM', () => {
  test.each([
    [512, ['-Xms256m', '-Xmx512m']],
    [4096, ['-Xms1024m', '-Xmx4096m']],
    [1, ['-Xms1m', '-Xmx1m']],
  ])('%d MiB of heap begin with half of it, and at most 1 GiB', (heapMiB, words) => {
    expect(jvmWords({ args: [], heapMiB })).toEqual(words);
  });

  test('a debugger can attach on this machine alone', () => {
    const asked = { args: ['-Da=b'], debugger: { suspends: false } };
    const agent = (suspend: string, port: number): string =>
      `-agentlib:jdwp=transport=dt_socket,server=y,suspend=${suspend},address=127.0.0.1:${port}`;
    expect(jvmWords(asked, 5007)).toEqual(['-Da=b', agent('n', 5007)]);
    expect(jvmWords({ args: [], debugger: { port: 8000, suspends: true } })).toEqual([agent('y', 8000)]);
  });

  test('options without those of the heap', () => {
    expect(withoutHeap('-Xmx1g -Da=b  -Xms64m -Xmn5m')).toBe('-Da=b -Xmn5m');
  });
});

test.each([
  ['-Da=two words', 'unquoted'],
  ['-Da=*', 'unquoted'],
  ['java.base/java.lang=ALL-UNNAMED', 'which begins with a dash'],
  ['-', 'which begins with a dash'],
  ['-DportOffset=3', 'not the way to give an offset'],
])('%j is refused', (argument, says) => {
  const { code, message } = refusal(() => checkJvmArguments([argument], mention.option('jvmArg')));
  expect(message).toContain(says);
  expect(code).toBe(2);
});
