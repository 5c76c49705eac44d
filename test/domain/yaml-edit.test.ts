import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { YamlPath } from '../../src/domain/deployment-yaml.js';
import { applyEdits } from '../../src/domain/edits.js';
import { editYaml } from '../../src/domain/yaml-edit.js';
import { refusal } from '../support/refusal.js';

const OFFSET = ['wso2.carbon', 'ports', 'offset'];
const PORT = ['wso2.transport.http', 'listenerConfigurations', 1, 'port'];

const edited = (text: string, path: YamlPath, value: number): string =>
  applyEdits(text, editYaml(text, 'deployment.yaml', [{ path, value }]));

const SAMPLE = `# A licence
  # Carbon
wso2.carbon:
  id: x
      # port offset
  ports:
    # shifts all
    offset: 0  # by this much

siddhi.stores.query.api:
  listenerConfigurations:
  -
    id: "default"
    port: 7070
wso2.transport.http:
  listenerConfigurations:
    - # the second
      id: other
      port: 9091
    - id: "default"
      host: 0.0.0.0
      port : '9090'
`;

test('only the scalars that were meant change, quotes and comments stay, dots are part of a key', () => {
  const edits = editYaml(SAMPLE, 'deployment.yaml', [
    { path: OFFSET, value: 12 },
    { path: PORT, value: 19_090 },
  ]);
  const expected = SAMPLE.replace('offset: 0 ', 'offset: 12 ').replace("'9090'", "'19090'");
  expect(applyEdits(SAMPLE, edits)).toBe(expected);
});

describe.each([
  ['the line ends of Windows', SAMPLE.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\ufeff${SAMPLE}`],
  ['both', `\ufeff${SAMPLE.replaceAll('\n', '\r\n')}`],
  ['no final line end', SAMPLE.trimEnd()],
  ['characters beyond 16 bits', `# 😀\na: "😀"\n${SAMPLE}`],
])('a file with %s', (_what, text) => {
  test('changes there and back', () => {
    const changed = edited(text, PORT, 1);
    expect(changed).toBe(text.replace("'9090'", "'1'"));
    expect(edited(changed, PORT, 9090)).toBe(text);
  });
});

test.each<[string, string, string]>([
  ['a key that stands twice: the last one counts', 'a: 1\na: 2\n', 'a: 1\na: 7\n'],
  ['a flow map', '{a: 1, b: [a: 2]}', '{a: 7, b: [a: 2]}'],
  ['a negative number', 'a: -5', 'a: 7'],
  ['double quotes', 'a: "5"\n', 'a: "7"\n'],
  ['an anchor elsewhere', 'b: &x 1\nc: *x\na: 1\n', 'b: &x 1\nc: *x\na: 7\n'],
  [
    'what expands to very much',
    'b: &x [1]\nc: &y [*x, *x]\nd: [*y, *y]\na: 1\n',
    'b: &x [1]\nc: &y [*x, *x]\nd: [*y, *y]\na: 7\n',
  ],
])('%s', (_what, text, expected) => {
  expect(edited(text, ['a'], 7)).toBe(expected);
});

describe('refused is', () => {
  const NO_LISTENER = 'deployment.yaml has no wso2.transport.http, listenerConfigurations';
  test.each<[string, string, YamlPath, string]>([
    ['a key that is not there', 'a:\n  b: 1\n', ['a', 'c'], 'deployment.yaml has no a, c.'],
    ['a key below a number', 'a: 1\n', ['a', 'c'], 'deployment.yaml has no a, c.'],
    [
      'a dotted key written as two',
      'wso2:\n  carbon:\n    a: 1\n',
      ['wso2.carbon', 'a'],
      'deployment.yaml has no wso2.carbon.',
    ],
    ['an empty file', '', ['a'], 'deployment.yaml has no a.'],
    ['an element that is not there', SAMPLE.replace('- id: "default"', '  id: z'), PORT, `${NO_LISTENER}, 1.`],
    [
      'a list that lost its indentation',
      'wso2.transport.http:\nlistenerConfigurations:\n  - id: default\n',
      PORT,
      `${NO_LISTENER}.`,
    ],
    ['an empty value', 'x: 1\na:\n', ['a'], 'deployment.yaml, line 2, column 3: a has no plain value.'],
    ['a map', 'a:\n  b: 1\n', ['a'], 'deployment.yaml, line 2, column 3: a has no plain value.'],
    ['a block of text', 'a: |\n  1\n', ['a'], 'deployment.yaml, line 1, column 4: a has no plain value.'],
    [
      'an alias',
      'b: &x 1\na: *x\n',
      ['a'],
      'deployment.yaml, line 2, column 4: a is shared with other parts of the file by the alias *x.',
    ],
    [
      'an anchor',
      'a: &x 1\nb: *x\n',
      ['a'],
      'deployment.yaml, line 1, column 7: a is shared with other parts of the file by the anchor &x.',
    ],
    [
      'an anchor above',
      'a: &x\n  c: 1\nb: *x\n',
      ['a', 'c'],
      'deployment.yaml, line 2, column 3: a, c is shared with other parts of the file by the anchor &x.',
    ],
    [
      'a tab',
      'a:\n\tb: 1\n',
      ['a', 'b'],
      'deployment.yaml, line 2, column 1 is not valid YAML: Tabs are not allowed as indentation.',
    ],
    [
      'two documents',
      'a: 1\n---\nb: 2\n',
      ['a'],
      'deployment.yaml, line 2, column 1 is not valid YAML: Source contains multiple documents; please use YAML.parseAllDocuments().',
    ],
  ])('%s', (_what, text, path, message) => {
    const hint = 'Nothing was changed; mend the file or edit it by hand.';
    expect(refusal(() => edited(text, path, 7))).toEqual({ code: 3, message, hint });
  });
});

describe('the offset of a shipped file changes there and back', () => {
  const folder = process.env['WSO2_CONFIG_CORPUS'];
  const names = folder ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const files = names.filter((name) => name.endsWith('deployment.yaml'));
  const samples: [string, string][] = folder
    ? files.map((file) => [file, readFileSync(join(folder, file), 'utf8')])
    : [['a small sample', SAMPLE]];

  test.each(samples)('%s', (_file, text) => {
    const former = Number(/^ +offset: (\d+)/m.exec(text)?.[1]);
    const changed = edited(text, OFFSET, 4321);
    expect(changed).toBe(text.replace(/^( +offset: )\d+/m, (_all, before) => `${before}4321`));
    expect(edited(changed, OFFSET, former)).toBe(text);
  });
});
