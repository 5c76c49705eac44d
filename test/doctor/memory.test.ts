import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeMemory, judgeMemoryOptions } from '../../src/doctor/memory.js';
import { Examination } from '../support/examination.js';
import { inWords, one } from '../support/findings.js';

const MIB = 2 ** 20;

describe('memory', () => {
  const SCRIPT = '#!/bin/sh\n# JVM_MEM_OPTS="-Xmx9g"\n[ -z "$JVM_MEM_OPTS" ] && JVM_MEM_OPTS="-Xms256m -Xmx1024m"\n';

  test.each<[available: number, startScript: string | undefined, env: Record<string, string>, words: string]>([
    [1024, SCRIPT, {}, 'ok memory'],
    [1023, SCRIPT, {}, 'Only 1023 MiB of memory are free, and the server may take 1024 MiB (-Xmx1024m).'],
    [1023, undefined, {}, 'Only 1023 MiB of memory are free, and the server may take 1024 MiB.'],
    [1023, SCRIPT, { JVM_MEM_OPTS: '-Xmx512m' }, 'ok memory'],
    [1023, SCRIPT, { JAVA_OPTS: '-Da=b -Xmx524288k' }, 'ok memory'],
    [
      2000,
      SCRIPT,
      { JAVA_OPTS: '-Xmx2g' },
      'Only 2000 MiB of memory are free, and the server may take 2048 MiB (-Xmx2g).',
    ],
    [
      2000,
      SCRIPT,
      { JVM_MEM_OPTS: '-Xmx512m', JAVA_OPTS: '-Xmx4G' },
      'Only 2000 MiB of memory are free, and the server may take 4096 MiB (-Xmx4G).',
    ],
  ])('%j MiB for %j with %j', (available, startScript, env, words) => {
    const found = judgeMemory(available * MIB, { startScript, env });
    expect(found.level === 'ok' ? inWords(found) : found.what).toBe(words);
  });

  test.each<[env: Record<string, string>, words: string]>([
    [{}, 'ok java-opts-memory'],
    [{ JVM_MEM_OPTS: '-Xmx512m' }, 'ok java-opts-memory'],
    [{ JAVA_OPTS: '-Da=b' }, 'ok java-opts-memory'],
    [
      { JAVA_OPTS: '-Xmx512m' },
      "warning java-opts-memory: JAVA_OPTS sets -Xmx512m, and the start script -Xms256m -Xmx1024m. → Take it out of JAVA_OPTS: export JVM_MEM_OPTS='-Xms256m -Xmx512m'",
    ],
    [
      { JAVA_OPTS: '-Xmx512m', JVM_MEM_OPTS: '-Xmx2g' },
      'warning java-opts-memory: JAVA_OPTS sets -Xmx512m, and JVM_MEM_OPTS -Xmx2g. → Take it out of JAVA_OPTS: export JVM_MEM_OPTS=-Xmx512m',
    ],
    [
      { JAVA_OPTS: '-Xmx128m' },
      'error java-opts-memory: JAVA_OPTS sets -Xmx128m, and the start script -Xms256m -Xmx1024m: no JVM starts with -Xms256m -Xmx128m. → Take it out of JAVA_OPTS, and set both in JVM_MEM_OPTS.',
    ],
    [
      { JAVA_OPTS: '-Xms4g', JVM_MEM_OPTS: '-Xmx2g' },
      'error java-opts-memory: JAVA_OPTS sets -Xms4g, and JVM_MEM_OPTS -Xmx2g: no JVM starts with -Xms4g -Xmx2g. → Take it out of JAVA_OPTS, and set both in JVM_MEM_OPTS.',
    ],
  ])('that the environment asks for: %j', (env, words) => {
    expect(inWords(judgeMemoryOptions({ startScript: SCRIPT, env }))).toBe(words);
  });
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('the start script tells how much memory the server may take', async () => {
    const home = examination.home('mi', '4.4.0');
    examination.write(join(home, 'bin/micro-integrator.sh'), '#!/bin/sh\nJVM_MEM_OPTS="-Xms256m -Xmx2048m"\n');
    examination.system.machine.memory = 2 ** 30;
    expect(one(await examination.findings(home), 'memory')).toMatchObject({
      level: 'warning',
      what: expect.stringContaining('may take 2048 MiB (-Xmx2048m)'),
    });
  });
});
