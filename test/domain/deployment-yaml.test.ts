import { describe, expect, test } from '@jest/globals';
import { parseDeploymentYaml, valueAt } from '../../src/domain/deployment-yaml.js';
import { refusal } from '../support/refusal.js';

const parse = (text: string) => parseDeploymentYaml(text, 'deployment.yaml');

const SHIPPED = `  # Carbon Configuration Parameters
wso2.carbon:
      # port offset
  ports:
    offset: 1
wso2.transport.http:
  listenerConfigurations:
    -
      id: "default"
      port: 9090
    - # the second
      id: 'msf4j-https'
      port: 9443
databridge.config:
  keyStoreLocation : \${sys:carbon.home}/wso2carbon.jks
  dataReceivers:
  -
    dataReceiver:
      properties:
        tcpPort: '7611'
wso2.metrics.jdbc:
  dataSource:
    - &JDBC01
      name: one
  reporting: *JDBC01
`;

test.each([SHIPPED, SHIPPED.replaceAll('\n', '\r\n'), `\uFEFF${SHIPPED}`, SHIPPED.trimEnd()])(
  'a file is read with the lines of what it holds',
  (text) => {
    const { tree, lineOf, warnings } = parse(text);
    const of = (...path: (string | number)[]) => [valueAt(tree, path), lineOf(path)];
    expect(of('wso2.carbon', 'ports', 'offset')).toEqual([1, 5]);
    expect(of('wso2.transport.http', 'listenerConfigurations', 1, 'port')).toEqual([9443, 13]);
    expect(of('databridge.config', 'dataReceivers', 0, 'dataReceiver', 'properties', 'tcpPort')).toEqual(['7611', 20]);
    expect(valueAt(tree, ['wso2.metrics.jdbc', 'reporting'])).toEqual({ name: 'one' });
    expect(of('wso2.carbon', 'ports', 'constructor')).toEqual([undefined, undefined]);
    expect(of('wso2.transport.http', 'listenerConfigurations', 2, 'port')).toEqual([undefined, undefined]);
    expect(warnings).toEqual([]);
  },
);

test('of two equal keys the last one counts, and that is said', () => {
  const { tree, lineOf, warnings } = parse('a:\n  b: 1\n  b: 2\nc:\n  - d: 1\n    d: 3\n');
  expect([tree, lineOf(['a', 'b'])]).toEqual([{ a: { b: 2 }, c: [{ d: 3 }] }, 3]);
  expect(warnings).toEqual([
    'deployment.yaml, lines 2 and 3: b stands there twice. The server takes the last one alone; keep only one of them.',
    'deployment.yaml, lines 5 and 6: d stands there twice. The server takes the last one alone; keep only one of them.',
  ]);
});

describe('a file is refused', () => {
  const MEND = 'The server would not start as configured; mend that line.';
  test.each([
    ['that is no YAML', 'a: [1\nb: 2\n', /^deployment\.yaml, line 2, column 1 is not valid YAML: \w.*[^.]\.$/],
    ['with an alias of nothing', 'a: *b\n', /^deployment\.yaml is not valid YAML: Unresolved alias .*\.$/],
    ['that is empty', '# nothing\n', /^deployment\.yaml holds no settings: it is empty\.$/],
    ['that is a list', '- a\n', /^deployment\.yaml holds no settings: it is no mapping of keys to values\.$/],
  ])('%s', (_what, text, message) => {
    const refused = refusal(() => parse(text));
    expect(refused).toEqual({ code: 3, message: expect.stringMatching(message), hint: MEND });
  });

  test('that is indented with tabs, as samples of lists are', () => {
    const text = 'wso2.transport.http:\n  listenerConfigurations:\n  -\n\tid: "msf4j-https"\n';
    const { code, message, hint } = refusal(() => parse(text));
    expect(code).toBe(3);
    expect(message).toBe(
      "deployment.yaml, line 4, column 1: a tab is used to indent, which YAML doesn't allow: the server can't read the file.",
    );
    expect(hint).toContain('Indent with spaces.');
  });

  test.each([
    ['listenerConfigurations', 'wso2.transport.http'],
    ['listenerConfigurations', 'siddhi.stores.query.api'],
    ['ports', 'wso2.carbon'],
  ])('where %s stands beside %s', (key, parent) => {
    const { code, message, hint } = refusal(() => parse(`${parent}:\n${key}:\n  a: 1\n`));
    expect(code).toBe(3);
    expect(message).toBe(
      `deployment.yaml, line 2: ${key} stands beside ${parent} (line 1), not in it: the server takes ${parent} for empty and ignores what follows.`,
    );
    expect(hint).toBe(`Indent ${key} and all of its lines by two spaces, so that it belongs to ${parent}.`);
  });
});

test('a key beside what it belongs to, where that is not empty without it, is warned of', () => {
  const { tree, warnings } = parse('wso2.carbon:\n  id: x\nports:\n  a: 1\n');
  expect(tree).toHaveProperty('ports');
  expect(warnings).toEqual([
    'deployment.yaml, line 3: ports stands beside wso2.carbon (line 1), not in it: the server ignores it. Indent ports and all of its lines by two spaces, so that it belongs to wso2.carbon.',
  ]);
  expect(parse('ports:\n  a: 1\n').warnings).toEqual([]);
});

test('a whole number with a point stays what is written, as no integer can be made of it', () => {
  expect(parse('a: 1.0\nb: 1\nc: 0x1E\nd: [9443.0, 1e3, 1_000, 1.5]\n').tree).toEqual({
    a: '1.0',
    b: 1,
    c: 30,
    d: ['9443.0', '1e3', 1000, 1.5],
  });
});

test('an alias within its own anchor is refused', () => {
  const { code, message } = refusal(() => parse('a: &a\n  - *a\n'));
  expect(code).toBe(3);
  expect(message).toMatch(/^deployment\.yaml is not valid YAML: .*circular/);
});

describe('nesting', () => {
  const nested = (depth: number): readonly string[] => [
    `a:\n ${'['.repeat(depth)}${']'.repeat(depth)}\n`,
    `a:\n ${'{a: '.repeat(depth)}1${'}'.repeat(depth)}\n`,
    `a:\n ${'- '.repeat(depth)}x\n`,
  ];

  test('as deep as anybody writes is read', () => {
    for (const text of nested(400)) expect(parse(text).tree).toHaveProperty('a');
  });

  test.each([510, 700, 800, 900, 10_000, 100_000])('of %d levels is refused with its line', (depth) => {
    for (const text of nested(depth)) {
      expect(refusal(() => parse(text))).toMatchObject({
        code: 3,
        message: 'deployment.yaml, line 2: a value is nested too deeply to be read.',
      });
    }
  });
});
