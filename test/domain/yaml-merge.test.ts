import { describe, expect, test } from '@jest/globals';
import type { ConfigurationChange } from '../../src/domain/configuration-change.js';
import { parseDeploymentYaml, type YamlMap } from '../../src/domain/deployment-yaml.js';
import { mergeYaml } from '../../src/domain/yaml-merge.js';
import { refusal } from '../support/refusal.js';

const HOME = `# a banner
wso2.carbon:
  id: server   # ours
  ports:
      # port offset
    offset: 1

wso2.transport.http:
  listenerConfigurations:
    -
      id: "default"
      port: 9090
    - # the secured one
      id: "msf4j-https"
      port: 9443
      scheme: https

databridge.config:
  dataReceivers:
  -
    dataReceiver:
      properties:
        tcpPort: '7611'
        hostName : 0.0.0.0
  flow: {a: 1, b: [x, y]}
 # jmx:
  #  enabled: false
wso2:
  carbon: {nested: true}
shared: &one
  a: 1
other: *one
empty:
`;

const set = (key: string, text: string): ConfigurationChange => ({ by: '--set', key, text });
const over = (text: string): ConfigurationChange => ({ by: 'other.yaml', text });
const merged = (...changes: readonly ConfigurationChange[]) => mergeYaml(HOME, changes, 'deployment.yaml');
const treeOf = (text: string): YamlMap => parseDeploymentYaml(text, 'x').tree;
const changedLines = (text: string): readonly (readonly [string, string])[] => {
  const [old, made] = [HOME.split('\n'), text.split('\n')];
  return made.flatMap((line, index) => (line === old[index] ? [] : [[old[index] ?? '', line] as const]));
};

describe('a key means the longest one that is there', () => {
  test.each<[key: string, value: string, over: object]>([
    ['wso2.carbon.ports.offset', '3', { 'wso2.carbon': { ports: { offset: 3 } } }],
    ["'wso2.carbon'.ports.offset", '3', { 'wso2.carbon': { ports: { offset: 3 } } }],
    ['"wso2.carbon".ports.offset', '3', { 'wso2.carbon': { ports: { offset: 3 } } }],
    ['wso2.carbon.nested', 'false', { wso2: { carbon: { nested: false } } }],
    ["wso2.'carbon'.ports", '{}', { wso2: { carbon: { nested: true, ports: {} } } }],
    ['wso2.datasources.dataSources', '[]', { 'wso2.datasources': { dataSources: [] } }],
    ['my.own.key', 'x', { my: { own: { key: 'x' } } }],
    ["'my.own'.key", 'x', { 'my.own': { key: 'x' } }],
    ['empty.key', 'x', { empty: { key: 'x' } }],
  ])('%s', (key, value, expected) => {
    const { over: laid, text } = merged(set(key, value));
    expect(laid).toMatchObject(key === "wso2.'carbon'.ports" ? { wso2: { carbon: { ports: {} } } } : expected);
    expect(treeOf(text)).toMatchObject(expected);
  });
});

describe('only the lines of what is given differ', () => {
  test.each<[change: ConfigurationChange, was: string, is: string]>([
    [set('wso2.carbon.ports.offset', '3'), '    offset: 1', '    offset: 3'],
    [set('wso2.carbon.id', 'a: b'), '  id: server   # ours', '  id: "a: b"   # ours'],
    [set('wso2.transport.http.listenerConfigurations.1.port', '9444'), '      port: 9443', '      port: 9444'],
    [set('wso2.transport.http.listenerConfigurations.0.id', 'x'), '      id: "default"', '      id: "x"'],
    [
      set('databridge.config.dataReceivers.0.dataReceiver.properties.tcpPort', '7700'),
      "        tcpPort: '7611'",
      "        tcpPort: '7700'",
    ],
    [set('databridge.config.flow.a', '2'), '  flow: {a: 1, b: [x, y]}', '  flow: {a: 2, b: [x, y]}'],
    [set('databridge.config.flow.c', 'z'), '  flow: {a: 1, b: [x, y]}', '  flow: {"a":1,"b":["x","y"],"c":"z"}'],
    [set('empty', '5'), 'empty:', 'empty: 5'],
    [over('wso2.carbon:\n  ports: {offset: 7}\n'), '    offset: 1', '    offset: 7'],
  ])('%j', (change, was, is) => {
    expect(changedLines(merged(change).text)).toEqual([[was, is]]);
  });

  test('and a new key stands behind the last one of its mapping', () => {
    const lines = merged(set('wso2.carbon.jmx.enabled', 'true'), over('new.one:\n  list: [1, {a: b}]\n')).text.split(
      '\n',
    );
    expect(lines.slice(5, 9)).toEqual(['    offset: 1', '  jmx:', '    enabled: true', '']);
    expect(lines.slice(-6)).toEqual(['empty:', 'new.one:', '  list:', '    - 1', '    - a: b', '']);
  });

  test('with the line ends of Windows as well', () => {
    const text = HOME.replaceAll('\n', '\r\n');
    const made = mergeYaml(text, [set('wso2.carbon.jmx.enabled', 'true')], 'deployment.yaml').text;
    expect(made.replaceAll('\r\n', '')).not.toContain('\n');
    expect(treeOf(made)).toEqual(treeOf(merged(set('wso2.carbon.jmx.enabled', 'true')).text));
  });

  test('except where the file shares a value: it is written anew, and says the same', () => {
    const { text } = merged(set('other.a', '2'));
    expect(treeOf(text)).toEqual({ ...treeOf(HOME), other: { a: 2 } });
  });
});

describe('a file', () => {
  test('has its mappings merged, and its lists and values put in the place of others', () => {
    const { text, over: laid } = merged(
      over('wso2.carbon:\n  id: x\nwso2.transport.http:\n  listenerConfigurations:\n  - {id: default, port: 9999}\n'),
    );
    const expected = { 'wso2.transport.http': { listenerConfigurations: [{ id: 'default', port: 9999 }] } };
    expect(treeOf(text)).toEqual({ ...treeOf(HOME), 'wso2.carbon': { id: 'x', ports: { offset: 1 } }, ...expected });
    expect(laid).toEqual({ 'wso2.carbon': { id: 'x' }, ...expected });
  });

  test('comes before what is set after it', () => {
    const { over: laid } = merged(over('wso2.carbon: {id: x, type: y}'), set('wso2.carbon.id', 'z'));
    expect(laid).toEqual({ 'wso2.carbon': { id: 'z', type: 'y' } });
  });
});

test('of a list, the whole is laid over the file', () => {
  expect(merged(set('wso2.transport.http.listenerConfigurations.0.port', '9099')).over).toEqual({
    'wso2.transport.http': {
      listenerConfigurations: [
        { id: 'default', port: 9099 },
        { id: 'msf4j-https', port: 9443, scheme: 'https' },
      ],
    },
  });
});

test.each<[text: string, value: unknown]>([
  ['3', 3],
  ['true', true],
  ['', ''],
  ['localhost', 'localhost'],
  ['https://x:9443/', 'https://x:9443/'],
  ['a: b', 'a: b'],
  ['a # b', 'a # b'],
  ['*star', '*star'],
  ['"quo: ted"', 'quo: ted'],
  ['[1, {a: b}]', [1, { a: 'b' }]],
  ['2026-01-01', '2026-01-01'],
  ['1.0', '1.0'],
  ['null', null],
  ['y', 'y'],
  ['[n, no]', ['n', false]],
])('the value %j', (text, value) => {
  expect(merged(set('new', text)).over).toEqual({ new: value });
});

test.each<[change: ConfigurationChange, code: number, says: string]>([
  [set('wso2.carbon', '5'), 2, "--set gives 'wso2.carbon' a value, and it is a mapping in deployment.yaml."],
  [set('wso2.carbon.id.x', '5'), 2, "--set gives 'wso2.carbon'.id a mapping, and it is a value in deployment.yaml."],
  [
    set('wso2.transport.http.listenerConfigurations.2.port', '1'),
    2,
    "--set gives 'wso2.transport.http'.listenerConfigurations a mapping, and it is a list of 2, counted from 0, in deployment.yaml.",
  ],
  [set('a', '[1'), 2, '--set gives a a value that is no YAML: '],
  [
    set('a', '3000000000'),
    2,
    "--set gives a number beyond 2147483647, which what is laid over a deployment.yaml can't hold.",
  ],
  [over('a: 1\n\tb: 2\n'), 3, 'other.yaml, line 2, column 1: a tab is used to indent'],
  [over('a: [1\n'), 3, 'other.yaml, line 2'],
  [over('- 1\n'), 3, 'other.yaml holds no settings: it is no mapping of keys to values.'],
])('%j is refused', (change, code, says) => {
  const { message, ...refused } = refusal(() => merged(change));
  expect(message).toContain(says);
  expect(refused).toMatchObject({ code });
});

test.each<[change: ConfigurationChange, warnings: readonly string[]]>([
  [
    set('wso2.carbon.ports.ofset', '3'),
    [
      'deployment.yaml has no wso2.carbon.ports.ofset, and no server is known to read it. Did you mean wso2.carbon.ports.offset?',
    ],
  ],
  [
    set('wso2.carbn.id', 'x'),
    ['deployment.yaml has no wso2.carbn.id, and no server is known to read it. Did you mean wso2.carbon.id?'],
  ],
  [
    set('something.else.entirely', 'x'),
    ['deployment.yaml has no something.else.entirely, and no server is known to read it.'],
  ],
  [set('wso2.carbon.jmx.enabled', 'true'), []],
  [set('wso2.carbon.tenant', 'x'), []],
  [set('siddhi.properties.partitionById', 'true'), []],
  [set('wso2.metrics.jdbc.x', 'true'), []],
  [
    set('wso2.carbon.ports.offset', 'three'),
    [
      "--set gives 'wso2.carbon'.ports.offset a text, and deployment.yaml has a number there: the server may refuse it.",
    ],
  ],
  [
    over('wso2.transport.http: {listenerConfigurations: 5}'),
    [
      "other.yaml gives 'wso2.transport.http'.listenerConfigurations a number, and deployment.yaml has a list there: the server may refuse it.",
    ],
  ],
  [set('wso2.carbon.ports.offset', '${env:OFFSET,3}'), []],
  [set('wso2.carbon.id', 'x'), []],
])('%j is warned of: %j', (change, warnings) => {
  expect(merged(change).warnings).toEqual(warnings);
});
