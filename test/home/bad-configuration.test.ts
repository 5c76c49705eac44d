import { describe, expect, test } from '@jest/globals';
import { type OffsetChoice, offsetRange } from '../../src/domain/offsets.js';
import { mention } from '../../src/domain/text.js';
import { type ConfiguredHome, carbonXml, inspectConfigured } from '../support/configured-home.js';
import { refusal } from '../support/refusal.js';

const MEND_NUMBER = 'The server would start without that listener, or not at all; mend the number.';
const MEND_REFERENCE = 'The server would end with this file; mend that line, or set what it refers to.';
const MEND_OFFSET = 'The server would not start as configured; mend that line.';
const MEND_PROPERTY = 'The server would start only by half; mend or remove it.';
const MEND_RULE = 'It is a part of the product, which would end with it; unpack that file again.';

interface Row extends Omit<ConfiguredHome, 'of'> {
  readonly of?: ConfiguredHome['of'];
  readonly what: string;
  readonly message: string;
  readonly hint: string;
}

const malformed: readonly Row[] = [
  {
    what: 'a deployment.toml with a syntax error',
    toml: '[server]\noffset = =\n',
    message:
      'deployment.toml, line 2, column 10: the server\'s parser refuses "offset = =": a value is missing before "=".',
    hint: 'The server would end with this file; mend that line.',
  },
  {
    what: 'a deployment.toml that sets a key twice',
    toml: '[server]\r\noffset = 1\r\noffset = 1\r\n',
    message: 'deployment.toml, line 3: "offset = 1" sets server.offset a second time, after line 2 ("offset = 1").',
    hint: 'The server would end with this file; keep only one of them.',
  },
  {
    what: 'a deployment.toml with a byte order mark',
    toml: '\ufeff[server]\noffset = 1\n',
    message: "deployment.toml, line 1: the file begins with a byte order mark, which the server's parser refuses.",
    hint: 'Save it as UTF-8 without one (in Notepad: UTF-8, not UTF-8 with BOM).',
  },
  {
    what: 'a deployment.toml with a table below a part of it',
    toml: '[transport.https.properties]\nport = 9500\n[transport.https]\nenabled = true\n',
    message:
      'deployment.toml, line 3: [transport.https] stands below a part of it, line 1 ("[transport.https.properties]"), which the server\'s parser does not survive.',
    hint: 'Move [transport.https], with its lines, above line 1.',
  },
  {
    what: 'another file that is no TOML',
    files: { 'my/other.toml': '<toml/>' },
    args: ['-Ddeployment.config.file.path=HOME/my/other.toml'],
    message: 'other.toml, line 1, column 1: the server\'s parser refuses "<toml/>": a key is missing before "<".',
    hint: 'The server would end with this file; mend that line.',
  },
  {
    what: 'a folder for a file',
    files: { 'repository/conf/deployment.toml': null, 'repository/conf/deployment.toml/x': '' },
    message: "HOME/repository/conf/deployment.toml can't be read: EISDIR: illegal operation on a directory, read.",
    hint: 'The server would not start with it; mend the file or its access rights.',
  },
  {
    what: 'a carbon.xml that is cut off',
    of: 'apim 2.6.0',
    files: { 'repository/conf/carbon.xml': '<Server>\n  <Ports>\n' },
    message: 'carbon.xml, line 3, column 1 is not well-formed XML: unclosed tag: Ports.',
    hint: 'The server would not start with this file; mend that line.',
  },
  {
    what: 'a carbon.xml with crossed tags',
    of: 'server 1.0.0',
    files: {
      'repository/conf/deployment.toml': null,
      'repository/conf/carbon.xml': '<Server>\n  <Ports><Offset>1</Ports></Offset></Server>',
    },
    message: 'carbon.xml, line 2, column 27 is not well-formed XML: unexpected close tag.',
    hint: 'The server would not start with this file; mend that line.',
  },
  {
    what: 'an empty carbon.xml',
    of: 'apim 2.6.0',
    files: { 'repository/conf/carbon.xml': '' },
    message: 'carbon.xml, line 1, column 1 is not well-formed XML: document must contain a root element.',
    hint: 'The server would not start with this file; mend that line.',
  },
];

const rules: readonly Row[] = [
  {
    what: 'a value that validator.json does not allow',
    toml: '[user_store]\ntype = "ldap"\n',
    rules: { validator: { 'user_store.type': [{ regex: 'database|read_only_ldap' }] } },
    message:
      "deployment.toml, line 2 (user_store.type): the value of user_store.type is not of the form database|read_only_ldap, which the server's own rules refuse.",
    hint: 'The server would end with this file; mend that value.',
  },
  {
    what: 'a time that unit-resolve.json has no unit for',
    toml: '[tomcat.global]\nsession_timeout = "30x"\n',
    rules: { 'unit-resolve': { time: { 'tomcat.global.session_timeout': 'm' } } },
    message:
      "deployment.toml, line 2 (tomcat.global.session_timeout): the value of tomcat.global.session_timeout has no unit that there is (d, h, m, s, ms), which the server's own rules refuse.",
    hint: 'The server would end with this file; mend that value.',
  },
  {
    what: 'a file that lacks what the rules refer to, with the mapper that goes by them',
    toml: '[server]\noffset = 1\n',
    rules: { default: { url: 'https://$ref{server.hostname}' } },
    files: { 'lib/config-mapper-1.0.22.jar': '' },
    message: "deployment.toml does not set server.hostname, to which url of the product's own rules refers.",
    hint: 'The server would end with this file; set server.hostname in it.',
  },
  {
    what: 'a list to which the rules refer in the midst of a text',
    toml: '[database]\nuser = [1]\n',
    rules: { default: { id: '$ref{database.user}@$ref{database.url}', 'database.url': 'jdbc:h2' } },
    files: { 'lib/config-mapper-1.0.22.jar': '' },
    message: 'deployment.toml sets database.user to a list, to which id refers in the midst of a text.',
    hint: 'The server would end with this file; set database.user to a text.',
  },
  {
    what: 'a table in the place of the offset',
    toml: '[server.offset]\nx = 1\n',
    message: 'deployment.toml, line 2 (server.offset.x): the offset is {"x":1}, not an integer.',
    hint: MEND_OFFSET,
  },
  {
    what: 'a list in the place of the connectors',
    toml: '[[transport]]\nx = 1\n',
    rules: { default: { 'transport.https.properties.port': '9443', 'transport.http.properties.port': '9763' } },
    message:
      'deployment.toml, line 2 (transport.x): the base port of servlet-https is [], not a number from 1 to 65535.',
    hint: MEND_NUMBER,
  },
  ...['key-mappings', 'infer', 'default', 'validator', 'unit-resolve'].flatMap((rule) => [
    {
      what: `${rule}.json with a word for a value`,
      rules: { [rule]: '{\n  "a": "b",\n  "c": yes\n}\n' },
      message: `HOME/repository/resources/conf/${rule}.json, line 3, column 8 is not valid JSON: Unexpected token 'y'.`,
      hint: MEND_RULE,
    },
    {
      what: `${rule}.json that holds a list`,
      rules: { [rule]: '["a"]' },
      message: `HOME/repository/resources/conf/${rule}.json holds no JSON object.`,
      hint: MEND_RULE,
    },
  ]),
  ...['null', '3', '"text"'].map((text) => ({
    what: `infer.json that holds ${text}`,
    rules: { infer: text },
    message: 'HOME/repository/resources/conf/infer.json holds no JSON object.',
    hint: MEND_RULE,
  })),
  {
    what: 'an empty default.json',
    rules: { default: '' },
    message:
      'HOME/repository/resources/conf/default.json, line 1, column 1 is not valid JSON: Unexpected end of JSON input.',
    hint: MEND_RULE,
  },
  {
    what: 'a default.json with a base that is none',
    rules: { default: { 'transport.https.properties.port': 'https' } },
    message:
      'The product\'s own rules (transport.https.properties.port): the base port of servlet-https is "https", not a number from 1 to 65535.',
    hint: MEND_NUMBER,
  },
  {
    what: 'a default.json whose base refers to nowhere',
    rules: { default: { 'transport.https.properties.port': '$ref{web.port}' } },
    message:
      'The product\'s own rules (transport.https.properties.port): the base port of servlet-https is "$ref{web.port}", not a number from 1 to 65535.',
    hint: MEND_NUMBER,
  },
];

const bases: readonly Row[] = [
  {
    what: 'a debugger on a port that is none',
    env: { JAVA_OPTS: '-agentlib:jdwp=transport=dt_socket,server=y,address=*:70000' },
    message: 'JAVA_OPTS: the base port of debug is 70000, not a number from 1 to 65535.',
    hint: MEND_NUMBER,
  },
  {
    what: 'JMX on a port that is none',
    env: { JAVA_TOOL_OPTIONS: '-Dcom.sun.management.jmxremote.port=99999' },
    message: 'JAVA_TOOL_OPTIONS: the base port of jmxremote is 99999, not a number from 1 to 65535.',
    hint: MEND_NUMBER,
  },
  ...[
    ['0', '0'],
    ['-1', '-1'],
    ['65536', '65536'],
    ['70000', '70000'],
    ['"70000"', '"70000"'],
    ['"abc"', '"abc"'],
    ['3.0', '"3.0"'],
    ['""', '""'],
    ['"1e3"', '"1e3"'],
    ['1.5', '1.5'],
    ['true', 'true'],
    ['[9443]', '[9443]'],
    ['"$env{WORD}"', '"https"'],
    ['"$env{EMPTY}"', '""'],
    ['"$ref{web.ports}"', '[1,2]'],
    ['"$sys{user.port}"', '"$sys{user.port}"'],
  ].map(([value, told]) => ({
    what: `a base port ${value}`,
    toml: `[transport.https.properties]\nport = ${value}\n[web]\nports = [1, 2]\n`,
    env: { WORD: 'https', EMPTY: '' },
    message: `deployment.toml, line 2 (transport.https.properties.port): the base port of servlet-https is ${told}, not a number from 1 to 65535.`,
    hint: MEND_NUMBER,
  })),
  {
    what: 'a base port by its short name, told by that name',
    of: 'mi 4.4.0',
    toml: '[mediation]\ninternal_http_api_port = "no"\n',
    message:
      'deployment.toml, line 2 (mediation.internal_http_api_port): the base port of internal is "no", not a number from 1 to 65535.',
    hint: MEND_NUMBER,
  },
  {
    what: 'a base port of a listener that the configuration adds',
    of: 'mi 4.4.0',
    toml: '[[custom_transport.listener]]\nparameter.port = "no"\n',
    message:
      'deployment.toml, line 2 (custom_transport.listener.parameter.port): the base port of custom_transport.listener[0].parameter.port is "no", not a number from 1 to 65535.',
    hint: MEND_NUMBER,
  },
  {
    what: 'an absolute port in JAVA_OPTS',
    env: { JAVA_OPTS: '-Dtomcat.http.port' },
    message: 'JAVA_OPTS: the base port of servlet-http is "true", not a number from 1 to 65535.',
    hint: MEND_NUMBER,
  },
  {
    what: 'an absolute port in carbon.properties',
    files: { 'repository/conf/carbon.properties': '\ntomcat.http.port=0\n' },
    message:
      'carbon.properties, line 2 (tomcat.http.port): the base port of servlet-http is "0", not a number from 1 to 65535.',
    hint: MEND_NUMBER,
  },
];

const offsets: readonly Row[] = [
  ...[
    ['1.5', '1.5'],
    ['true', 'true'],
    ['""', '""'],
    ['"1e2"', '"1e2"'],
    ['"0x10"', '"0x10"'],
    ['[1]', '[1]'],
    ['"$env{WORD}"', '"three"'],
    ['"$ref{server.hostname}"', '"localhost"'],
  ].map(([value, told]) => ({
    what: `the offset ${value}`,
    toml: `[server]\nhostname = "localhost"\noffset = ${value}\n`,
    env: { WORD: 'three' },
    message: `deployment.toml, line 3 (server.offset): the offset is ${told}, not an integer.`,
    hint: MEND_OFFSET,
  })),
  {
    what: 'an offset in carbon.xml',
    of: 'apim 2.6.0',
    files: { 'repository/conf/carbon.xml': carbonXml('abc') },
    message: 'carbon.xml, line 4 (Ports.Offset): the offset is "abc", not an integer.',
    hint: MEND_OFFSET,
  },
  {
    what: 'an offset of default.json',
    rules: { default: { 'server.offset': 'none' } },
    message: 'The product\'s own rules (server.offset): the offset is "none", not an integer.',
    hint: MEND_OFFSET,
  },
  {
    what: 'portOffset in JAVA_OPTS',
    env: { JAVA_OPTS: '-DportOffset' },
    message: 'portOffset in JAVA_OPTS: the offset is "true", not an integer.',
    hint: MEND_PROPERTY,
  },
  {
    what: 'portOffset in carbon.properties',
    files: { 'repository/conf/carbon.properties': '# mine\nportOffset=\n' },
    message: 'portOffset in carbon.properties:2: the offset is "", not an integer.',
    hint: MEND_PROPERTY,
  },
  {
    what: 'portOffset among the system parameters',
    toml: '[system.parameter]\nportOffset = 1.5\n',
    message: 'portOffset in deployment.toml:2: the offset is "1.5", not an integer.',
    hint: MEND_PROPERTY,
  },
];

const unset = (line: number, key: string, what: string): Pick<Row, 'message' | 'hint'> => ({
  message: `deployment.toml, line ${line} (${key}): it refers to ${what}, which is not set.`,
  hint: MEND_REFERENCE,
});

const references: readonly Row[] = [
  {
    what: 'a variable that is not set',
    toml: '[transport.https.properties]\nport = "$env{WEB_PORT}"\n',
    ...unset(2, 'transport.https.properties.port', 'the environment variable WEB_PORT'),
  },
  {
    what: 'a variable that is not set, for a key that opens nothing',
    toml: '[database.shared_db]\nurl = "jdbc:h2:$env{FOLDER}/x"\n',
    ...unset(2, 'database.shared_db.url', 'the environment variable FOLDER'),
  },
  {
    what: 'a variable of ours that no server gets',
    toml: 'key = "$env{PORT}"\n',
    env: { PORT: '3000' },
    ...unset(1, 'key', 'the environment variable PORT'),
  },
  {
    what: 'a variable inside a list',
    toml: '[list]\nof = ["a", "$env{NOWHERE}"]\n',
    ...unset(2, 'list.of', 'the environment variable NOWHERE'),
  },
  {
    what: 'a variable inside a table of a list',
    toml: '[[list]]\na = 1\n\n[[list]]\na = "$env{NOWHERE}"\n',
    ...unset(5, 'list.a', 'the environment variable NOWHERE'),
  },
  {
    what: 'a variable inside an inline table of a list',
    toml: 'list = [{ a = { b = "$env{NOWHERE}" } }]\n',
    ...unset(1, 'list.a.b', 'the environment variable NOWHERE'),
  },
  {
    what: 'a system property that nobody sets',
    toml: 'key = "$sys{nowhere}"\n',
    files: { 'bin/api-manager.sh': '-Delsewhere=1 -Dnowhere.else=2\n' },
    ...unset(1, 'key', 'the system property nowhere'),
  },
  {
    what: 'a system property that is empty',
    toml: 'key = "$sys{empty}"\n',
    args: ['-Dempty='],
    ...unset(1, 'key', 'the system property empty'),
  },
  {
    what: 'a system property that carbon.properties sets too late',
    toml: 'key = "$sys{late}"\n',
    files: { 'repository/conf/carbon.properties': 'late=1\n' },
    ...unset(1, 'key', 'the system property late'),
  },
  {
    what: 'an option in JAVA_OPTS, which --debug leaves out',
    toml: 'key = "$sys{mine}"\n',
    args: ['--debug', '5005'],
    env: { JAVA_OPTS: '-Dmine=1' },
    ...unset(1, 'key', 'the system property mine'),
  },
  {
    what: 'the offset that is passed, where none is',
    toml: '[server]\noffset = "$sys{portOffset}"\n',
    ...unset(2, 'server.offset', 'the system property portOffset'),
  },
  {
    what: 'a key that nothing sets',
    toml: '[web]\nport = "$ref{web.ports}"\n',
    message:
      'deployment.toml, line 2 (web.port): $ref{web.ports} refers to a key that neither the file nor the product sets.',
    hint: MEND_REFERENCE,
  },
  {
    what: 'a key by a name that is mapped away',
    toml: '[web]\nport = "$ref{transport.http.listener.port}"\n[transport.http.listener]\nport = 8281\n',
    message:
      'deployment.toml, line 2 (web.port): $ref{transport.http.listener.port} refers to a key that neither the file nor the product sets.',
    hint: MEND_REFERENCE,
  },
  {
    what: 'a key that an inferred value needs',
    rules: {
      infer: { 'database.$1.type': { mysql: { 'database.$1.url': 'jdbc:mysql://$ref{database.$1.hostname}' } } },
    },
    toml: '[database.mine]\ntype = "mysql"\n',
    message:
      'deployment.toml, line 2 (database.mine.type): $ref{database.mine.hostname} refers to a key that neither the file nor the product sets.',
    hint: MEND_REFERENCE,
  },
  {
    what: 'keys in a circle',
    toml: 'a = "x$ref{b}"\nb = "$ref{c}"\nc = "$ref{a}"\n',
    message: 'deployment.toml, line 3 (c): $ref{a} leads back to itself.',
    hint: MEND_REFERENCE,
  },
  {
    what: 'a key that is its own',
    toml: 'a = ["$ref{a}"]\n',
    message: 'deployment.toml, line 1 (a): $ref{a} leads back to itself.',
    hint: MEND_REFERENCE,
  },
  {
    what: 'a secret that is not among the secrets',
    toml: '[keystore]\npassword = "$secret{primary}"\n[secrets]\nother = "[x]"\n',
    message: 'deployment.toml, line 2 (keystore.password): $secret{primary} stands in no [secrets].',
    hint: MEND_REFERENCE,
  },
];

describe.each(Object.entries({ malformed, rules, bases, offsets, references }))('%s', (_group, rows) => {
  test.each(rows)('$what is refused', ({ message, hint, of = 'apim 4.7.0', ...home }) => {
    expect(refusal(() => inspectConfigured({ of, ...home }))).toEqual({ code: 3, message, hint });
  });
});

describe('an offset that would be passed in vain is refused', () => {
  const choices: OffsetChoice[] = [
    { kind: 'auto' },
    { kind: 'fixed', offset: { value: 6, by: mention.option('offset') } },
  ];
  test.each<[source: string, home: Omit<ConfiguredHome, 'of'>]>([
    ['carbon.properties:1', { files: { 'repository/conf/carbon.properties': 'portOffset=6\n' } }],
    ['deployment.toml:2', { toml: '[system.parameter]\nportOffset = "6"\n' }],
  ])('for %s beats it', (source, home) => {
    for (const choice of choices) {
      const { configured, ports } = inspectConfigured({ of: 'apim 4.7.0', ...home });
      expect(refusal(() => offsetRange(choice, configured, ports))).toEqual({
        code: 3,
        message: `portOffset in ${source} beats the offset that would be passed: the server would start at 6.`,
        hint: 'Remove that line, or start without --auto-offset and --offset.',
      });
    }
  });
});

test('a configured offset that no port range allows is refused', () => {
  const { configured, ports } = inspectConfigured({ of: 'mi 4.4.0', toml: '[server]\noffset = 60000\n' });
  expect(refusal(() => offsetRange({ kind: 'auto' }, configured, ports))).toEqual({
    code: 3,
    message:
      'The configured offset 60000 (deployment.toml:2) is out of range: its ports allow offsets from -8242 to 56344.',
    hint: 'Mend it in the configuration, or start with --offset or --min-offset.',
  });
});

describe('what is no fault', () => {
  test.each<[what: string, home: Omit<ConfiguredHome, 'of'>]>([
    ['a secret among the secrets', { toml: 'a = "$secret{one}$secret{t.wo}"\n[secrets]\none = "x"\n"t.wo" = ""\n' }],
    ['secrets at run time', { toml: 'a = "$secret{one}"\n[runtime_secrets]\nenable = "true"\n' }],
    ['a variable that is empty', { toml: 'a = "$env{EMPTY}"\n', env: { EMPTY: '' } }],
    ['a dollar in a value that is put in', { toml: 'a = "$env{A}"\nb = "$ref{a}"\n', env: { A: "$& $1 $'" } }],
    ['braces of other languages', { toml: 'a = "${carbon.home} $ctx{x} $ref"\n' }],
    ['a list of tables with a $ref{}, where nothing looks for one', { toml: '[[list]]\na = "$ref{nowhere}"\n' }],
    ['rules that refer to nowhere, in a home without a mapper', { rules: { default: { a: '$ref{nowhere}' } } }],
    ['an unset variable in the rules of the product', { rules: { default: { a: '$env{NOWHERE}' } } }],
    ['a date', { toml: 'a = 1979-05-27T07:32:00Z\nb = [1979-05-27 ]\n' }],
  ])('%s', (_what, home) => {
    expect(inspectConfigured({ of: 'apim 4.7.0', ...home }).warnings).toEqual([]);
  });
});

test('no rule is held against a home without a deployment.toml, from which nothing is rendered', () => {
  const rules = { validator: { 'user_store.type': [{ regex: 'database' }] } };
  const files = { 'repository/conf/deployment.toml': null };
  expect(inspectConfigured({ of: 'apim 4.7.0', rules, files }).warnings).toEqual([
    expect.stringMatching(/deployment\.toml is missing/),
  ]);
});
