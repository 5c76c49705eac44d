import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeOffsetOption, judgeProperties } from '../../src/doctor/properties.js';
import { propertiesInFile, readLast } from '../../src/domain/properties.js';
import { atOffset, Examination } from '../support/examination.js';
import { inWords, one, troubles } from '../support/findings.js';

test.each([
  [{ JAVA_OPTS: '-DportOffset=5' }, 'JAVA_OPTS sets -DportOffset=5'],
  [{ JAVA_OPTS: '-Da=b -DportOffset' }, 'JAVA_OPTS sets -DportOffset'],
  [{ JAVA_OPTS: '-DportOffset=1 -DportOffset=2' }, 'JAVA_OPTS sets -DportOffset=2'],
  [{ JAVA_OPTS: '-Da=b', JAVA_TOOL_OPTIONS: '-DportOffset=5' }, 'JAVA_TOOL_OPTIONS sets -DportOffset=5'],
  [{ JDK_JAVA_OPTIONS: '-DportOffset=6', JAVA_OPTS: '-DportOffset=5' }, 'JAVA_OPTS sets -DportOffset=5'],
])('an offset in %j', (env, told) => {
  expect(inWords(judgeOffsetOption({}))).toBe('ok java-opts-offset');
  expect(inWords(judgeOffsetOption(env))).toBe(
    `warning java-opts-offset: ${told}. → Take it out, and give the offset with --offset.`,
  );
});

test('an offset in the start script is to be taken out of its line', () => {
  const properties = new Map([['portOffset', { value: '2', source: 'wso2server.sh:12' }]]);
  expect(judgeProperties({ properties, ports: [], isOffsetPassed: false }).map(inWords)).toEqual([
    'warning properties-offset: wso2server.sh:12 sets portOffset = 2. → Take it out of that line; the offset belongs into deployment.toml.',
    'ok properties-ports',
  ]);
});

describe('a file of properties', () => {
  const PORTS = [
    { name: 'servlet-https', scheme: 'https', property: 'tomcat.https.port' },
    { name: 'ws', scheme: 'ws' },
  ] as const;
  const read = (text: string) => propertiesInFile(text, 'carbon.properties');
  const judge = (text: string, isLast: boolean, isOffsetPassed: boolean): string[] => {
    const properties = isLast ? readLast(read(text)) : read(text);
    return judgeProperties({ properties, ports: PORTS, isOffsetPassed }).map(inWords);
  };
  const mend = '→ Remove that line; the offset belongs into deployment.toml.';

  test.each<[text: string, isLast: boolean, isOffsetPassed: boolean, offset: string, ports: string]>([
    ['a=b\n', true, true, 'ok properties-offset', 'ok properties-ports'],
    [
      'portOffset=3\n',
      false,
      true,
      `warning properties-offset: carbon.properties:1 sets portOffset = 3. ${mend}`,
      'ok properties-ports',
    ],
    [
      'portOffset=3\n',
      true,
      false,
      `warning properties-offset: carbon.properties:1 sets portOffset = 3. ${mend}`,
      'ok properties-ports',
    ],
    [
      'portOffset=3\n',
      true,
      true,
      `error properties-offset: carbon.properties:1 sets portOffset = 3, not the one that is asked for. ${mend}`,
      'ok properties-ports',
    ],
    [
      '\ntomcat.https.port=9445\n',
      true,
      false,
      'ok properties-offset',
      'warning properties-ports: carbon.properties:2 sets tomcat.https.port = 9445 (servlet-https). → Remove that line, and set the port in deployment.toml, where the offset is added to it.',
    ],
  ])('%j, read last: %j, with an offset passed: %j', (text, isLast, isOffsetPassed, ...words) => {
    expect(judge(text, isLast, isOffsetPassed)).toEqual(words);
  });
});

describe('the file of properties of a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  const FILE = 'repository/conf/carbon.properties';

  test('beats the offset that is asked for', async () => {
    const home = examination.home('apim', '4.5.0');
    examination.write(join(home, FILE), 'portOffset=3\ntomcat.https.port=9445\n');
    expect(troubles(await examination.findings(home))).toEqual([
      'warning properties-offset',
      'warning properties-ports',
    ]);
    expect(troubles(await examination.findings(home, atOffset(4)))).toEqual([
      'error properties-offset',
      'warning properties-ports',
    ]);
  });

  test('is looked at beside a configuration that is no use', async () => {
    const home = examination.home('apim', '4.5.0', '[server\n');
    examination.write(join(home, FILE), 'portOffset=3\n');
    expect(troubles(await examination.findings(home))).toEqual([
      'error configuration',
      'warning properties-offset',
      'warning unchecked',
      'warning unchecked',
    ]);
  });

  test('that each start writes anew says nothing, and what it is made of does', async () => {
    const home = examination.home('apim', '4.5.0', '[system.parameter]\nportOffset = 5\n');
    examination.write(join(home, FILE), 'portOffset=3\ntomcat.https.port=9445\n');
    examination.write(join(home, 'repository/resources/conf/templates', `${FILE}.j2`));
    const findings = await examination.findings(home);
    expect(troubles(findings)).toEqual(['warning properties-offset']);
    expect(one(findings, 'properties-offset').what).toBe('deployment.toml:2 sets portOffset = 5.');
  });

  test('is not JAVA_OPTS', async () => {
    const home = examination.home('apim', '4.5.0');
    examination.changed = {
      env: { ...examination.env, JAVA_OPTS: '-DportOffset=3' },
    };
    expect(troubles(await examination.findings(home))).toEqual(['warning java-opts-offset']);
  });
});
