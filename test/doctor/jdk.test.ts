import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeJdk } from '../../src/doctor/jdk.js';
import { mention } from '../../src/domain/text.js';
import { Examination } from '../support/examination.js';
import { inWords, one, troubles } from '../support/findings.js';

test.each<[what: string, warnings: readonly string[], words: readonly string[]]>([
  ['a fitting JDK', [], ['ok jdk']],
  [
    'a JDK that tells no version',
    ['Who knows.'],
    ['warning jdk: Who knows. → Name another one with --java-home or JAVA_HOME.'],
  ],
])('%s', (_what, warnings, words) => {
  expect(judgeJdk('/jdk', warnings).map(inWords)).toEqual(words);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  describe('a JDK', () => {
    test('is checked though the start script is missing', async () => {
      const home = examination.home('mi', '4.4.0');
      rmSync(join(home, 'bin/micro-integrator.sh'));
      examination.jdk('22.0.1');
      expect(troubles(await examination.findings(home))).toEqual(['error jdk', 'error start-script']);
    });

    test('is the one of --java-home, and none with a space in its path', async () => {
      const home = examination.home('mi', '4.4.0');
      const javaHome = { path: examination.jdk('17.0.9', 'my jdk'), by: mention.option('javaHome') };
      expect(one(await examination.findings(home, { javaHome }), 'jdk')).toMatchObject({
        level: 'error',
        what: expect.stringContaining('my jdk holds a space'),
      });
    });

    test('may be missing altogether', async () => {
      const { JAVA_HOME: _, ...env } = examination.env;
      examination.changed = { env };
      expect(one(await examination.findings(examination.home('mi', '4.4.0')), 'jdk').what).toBe(
        'No JDK was found: JAVA_HOME is not set, and no java is on PATH.',
      );
    });
  });

  describe("the start script's own check of the JDK", () => {
    const check = (end: string): string =>
      `#!/bin/sh\nif [ $v -lt 1100 ] || [ $v -gt 1700 ]; then\n  echo " [ERROR] Only JDK 11 to 17"\n${end}fi\n`;
    const withScript = (home: string, script: string, text: string): string => {
      writeFileSync(join(home, 'bin', script), text);
      return home;
    };

    test('is told beforehand where the script goes on', async () => {
      examination.jdk('21.0.2');
      const findings = await examination.findings(
        withScript(examination.home('server', '4.4.0'), 'wso2server.sh', check('')),
      );
      expect(troubles(findings)).toEqual(['warning jdk']);
      expect(one(findings, 'jdk').what).toBe(
        `${examination.folder}/jdk is JDK 21.0.2: wso2server.sh will say "Only JDK 11 to 17", and start the server all the same.`,
      );
    });

    test('is an error where the script ends with it, also in a version that is not known', async () => {
      examination.jdk('21.0.2');
      const home = withScript(examination.home('mi', '9.0.0'), 'micro-integrator.sh', check('  exit 0\n'));
      const findings = await examination.findings(home);
      expect(troubles(findings)).toEqual(['warning version', 'error jdk']);
      expect(one(findings, 'jdk').what).toBe(
        `${examination.folder}/jdk is JDK 21.0.2, and micro-integrator.sh would end with "Only JDK 11 to 17".`,
      );
    });

    test('is nothing to speak of where the JDK passes it', async () => {
      expect(
        troubles(
          await examination.findings(withScript(examination.home('server', '4.4.0'), 'wso2server.sh', check(''))),
        ),
      ).toEqual([]);
    });
  });
});
