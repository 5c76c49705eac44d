import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { factsOf, type PortFact, type ProductId } from '../../src/domain/catalogue.js';
import { describeFailure, LaunchError } from '../../src/domain/failure.js';
import { basePorts, effectivePorts } from '../../src/domain/ports.js';
import { flatten, NO_SETTINGS, readSettings, type Settings, staleUrls } from '../../src/domain/settings.js';

const shapeOf = (id: ProductId): { urlKeys: Readonly<Record<string, string>>; ports: readonly PortFact[] } => ({
  urlKeys: factsOf(id).urlKeys,
  ports: factsOf(id).versions[0].ports,
});

const read = (text: string, env: Record<string, string> = {}, id: ProductId = 'apim'): Settings =>
  readSettings(text, 'deployment.toml', shapeOf(id), env);

const refusal = (text: string, env: Record<string, string> = {}): { message: string; hint: string; code: number } => {
  try {
    read(text, env);
  } catch (error) {
    if (error instanceof LaunchError) return { ...describeFailure(error.failure), code: error.exitCode };
    throw error;
  }
  throw new Error(`nothing was refused in ${text}`);
};

describe('the offset', () => {
  test.each<[string, string, number, number]>([
    ['an integer', '[server]\noffset = 3\n', 3, 2],
    ['nought', '[server]\noffset = 0\n', 0, 2],
    ['negative', '[server]\noffset = -5\n', -5, 2],
    ['text', '[server]\nhostname = "x"\noffset = "3"\n', 3, 3],
    ['text with blanks', '[server]\noffset = " 3 "\n', 3, 2],
    ['a variable', '[server]\noffset = "$env{OFFSET}"\n', 7, 2],
    ['dotted', 'server.offset = 3\n', 3, 1],
    ['in an inline table', 'server = { hostname = "x", offset = 3 }\n', 3, 1],
    ['a quoted key', '[server]\n"offset" = 3\n', 3, 2],
    ['with a comment', '[server] # one\noffset=\t3 # two\n', 3, 2],
    ['with the line ends of Windows', '[server]\r\n\r\noffset = 3\r\n', 3, 3],
    ['after a text of several lines', 'a = """\none\ntwo\n"""\n[server]\noffset = 3\n', 3, 6],
  ])('may be %s', (_how, text, value, line) => {
    expect(read(text, { OFFSET: '7' }).offset).toEqual({ value, source: `deployment.toml:${line}` });
  });

  test.each([
    '',
    '# offset = 3\n',
    '[server]\nhostname = "localhost"\n',
    'offset = 3\n',
    '[server.more]\noffset = 3\n',
    '[server]\noffsets = 3\n',
  ])('is not said in %j', (text) => {
    expect(read(text)).toEqual(NO_SETTINGS);
  });

  test.each<[string, string]>([
    ['1.5', 'the offset is 1.5, not an integer'],
    ['true', 'the offset is true, not an integer'],
    ['""', 'the offset is "", not an integer'],
    ['"1e2"', 'the offset is "1e2", not an integer'],
    ['"0x10"', 'the offset is "0x10", not an integer'],
    ['"$env{EMPTY}"', 'the offset is "", not an integer'],
    ['"$env{WORD}"', 'the offset is "three", not an integer'],
    ['"$env{ABSENT}"', 'the offset refers to the environment variable ABSENT, which is not set'],
  ])('is refused as %s', (value, what) => {
    expect(refusal(`[server]\n\noffset = ${value}\n`, { EMPTY: '', WORD: 'three' })).toEqual({
      code: 3,
      message: `deployment.toml, line 3 (server.offset): ${what}.`,
      hint: 'The server would not start as configured; mend that line.',
    });
  });
});

describe('a malformed file is refused with its line and column', () => {
  test.each<[string, string, number, number, string]>([
    ['a value is missing', '[server]\noffset = =\n', 2, 10, 'Unexpected token'],
    ['the same with the line ends of Windows', '[server]\r\n\r\noffset = =\r\n', 3, 10, 'Unexpected token'],
    ['a key without a value', 'a b\n', 1, 3, 'Expected equal (=) token'],
    ['an open bracket', '[server', 1, 8, 'Unterminated table-key'],
    ['an open text', 'x = "abc', 1, 9, 'Unterminated string constant'],
    ['a word for a value', '[server]\noffset = é\n', 2, 10, 'Unexpected character'],
    ['a key twice', '[server]\noffset = 3\noffset = 4\n', 3, 1, 'Defining a key multiple times is invalid'],
    ['a table twice', '[server]\na = 1\n[server]\n', 3, 2, 'Defining a key multiple times is invalid'],
  ])('%s', (_what, text, line, column, reason) => {
    expect(refusal(text)).toEqual({
      code: 3,
      message: `deployment.toml, line ${line}, column ${column} is not valid TOML: ${reason}.`,
      hint: 'The server would end with this file; mend that line.',
    });
  });
});

describe('base ports', () => {
  test.each<[ProductId, string, string, number]>([
    ['apim', 'transport.https.properties.port = 9444', 'servlet-https', 9444],
    ['apim', 'transport.http.properties.port = "9764"', 'servlet-http', 9764],
    ['apim', 'transport.http.listener.port = 8281', 'gateway-http', 8281],
    ['apim', 'transport.passthru_http.listener.parameters.port = 8281', 'gateway-http', 8281],
    ['apim', 'transport.http.listener.secured_port = 8244', 'gateway-https', 8244],
    ['apim', 'transport.passthru_https.listener.parameters.port = "$env{BASE}"', 'gateway-https', 7000],
    ['apim', 'apim.ws.port = 9098', 'ws', 9098],
    ['apim', 'apim.wss.port = 8098', 'wss', 8098],
    ['apim', 'apim.webhooks.https.port = 8020', 'websub-https', 8020],
    ['apim', 'broker.transport.amqp.default_connection.port = 5671', 'amqp', 5671],
    ['apim', 'broker.transport.amqp.ssl_connection.port = 8671', 'amqp-ssl', 8671],
    ['apim', 'transport.receiver.tcp_port = 9610', 'binary', 9610],
    ['apim', 'transport.binary.receiver.sslPort = 9710', 'binary-ssl', 9710],
    ['apim', 'monitoring.jmx.rmi_registry_port = 9998', 'jmx-registry', 9998],
    ['apim', 'monitoring.jmx.rmi_server_port = 65535', 'jmx-server', 65_535],
    ['mi', 'transport.http.listener.port = 1', 'http', 1],
    ['mi', 'transport.http.listener.secured_port = 8244', 'https', 8244],
    ['mi', 'mediation.internal_http_api_port = 9192', 'internal', 9192],
    ['mi', "synapse_properties.'internal.https.api.port' = 9155", 'management', 9155],
  ])('%s: %s', (id, line, name, base) => {
    expect([...read(`\n${line}\n`, { BASE: '7000' }, id).overrides]).toEqual([
      [name, { base, source: 'deployment.toml:2' }],
    ]);
  });

  test.each(['0', '65536', '-1', '"0"'])('%s is refused', (value) => {
    expect(refusal(`[transport.https.properties]\nport = ${value}\n`)).toEqual({
      code: 3,
      message: `deployment.toml, line 2 (transport.https.properties.port): the base port of servlet-https is ${value.replaceAll('"', '')}, not a number from 1 to 65535.`,
      hint: 'The server would not start as configured; mend that line.',
    });
  });

  test.each<[string, string]>([
    ['"https"', 'the base port of servlet-https is "https", not an integer'],
    ['9443.5', 'the base port of servlet-https is 9443.5, not an integer'],
    ['"$env{ABSENT}"', 'the base port of servlet-https refers to the environment variable ABSENT, which is not set'],
  ])('%s is refused', (value, what) => {
    expect(refusal(`[transport.https.properties]\nport = ${value}\n`).message).toBe(
      `deployment.toml, line 2 (transport.https.properties.port): ${what}.`,
    );
  });
});

describe('URLs with a port written out', () => {
  const ENVIRONMENTS = `[[apim.gateway.environment]]
name = "Default"
http_endpoint = "http://localhost:\${http.nio.port}"
ws_endpoint = "ws://localhost:9099"
wss_endpoint = "wss://127.0.0.1:8099/chat"
websub_event_receiver_http_endpoint = "http://localhost:9021"
websub_event_receiver_https_endpoint = "https://[::1]:8021"

[[apim.gateway.environment]]
name = "Other"
ws_endpoint = "ws://localhost:9199"
wss_endpoint = "wss://gateway.example.com:8099"
websub_event_receiver_http_endpoint = "http://localhost"
`;
  const at = (offset: number, text = ENVIRONMENTS) => {
    const { urls, overrides } = read(text);
    return staleUrls(urls, effectivePorts(basePorts(shapeOf('apim').ports, overrides), offset));
  };

  test('are stale where the offset moves their port, with the line and what they should be', () => {
    const found = at(3).map(({ key, source, value, shouldBe }) => [source, key, value, shouldBe]);
    const environment = 'apim.gateway.environment';
    expect(found).toEqual([
      ['deployment.toml:4', `${environment}.ws_endpoint`, 'ws://localhost:9099', 'ws://localhost:9102'],
      ['deployment.toml:5', `${environment}.wss_endpoint`, 'wss://127.0.0.1:8099/chat', 'wss://127.0.0.1:8102/chat'],
      [
        'deployment.toml:6',
        `${environment}.websub_event_receiver_http_endpoint`,
        'http://localhost:9021',
        'http://localhost:9024',
      ],
      [
        'deployment.toml:7',
        `${environment}.websub_event_receiver_https_endpoint`,
        'https://[::1]:8021',
        'https://[::1]:8024',
      ],
    ]);
  });

  test('are right at offset 0', () => {
    expect(at(0)).toEqual([]);
  });

  test('follow a base that the same file sets', () => {
    const text = '[apim.ws]\nport = 9200\n[[apim.gateway.environment]]\nws_endpoint = "ws://localhost:9200"\n';
    expect(at(1, text).map(({ shouldBe }) => shouldBe)).toEqual(['ws://localhost:9201']);
  });
});

test('the leaves of a file come in its order, quoted parts in single quotes', () => {
  const text = `top = 1
[synapse_properties]
'internal.http.api.port' = 9191
[a."b c"]
list = [1, 2]
inner = { x = "y", z.w = true }
`;
  expect(flatten(text, 'deployment.toml')).toEqual([
    { key: 'top', value: 1, line: 1 },
    { key: "synapse_properties.'internal.http.api.port'", value: 9191, line: 3 },
    { key: "a.'b c'.list", value: undefined, line: 5 },
    { key: "a.'b c'.inner.x", value: 'y', line: 6 },
    { key: "a.'b c'.inner.z.w", value: true, line: 6 },
  ]);
});

describe('whole files are read without a complaint', () => {
  const SAMPLE = `[server]
hostname = "localhost"
#offset = 0
mode = "single"

[super_admin]
username = "admin"
create_admin_account = true

[transport.https.properties]
proxyPort = 443

[[apim.gateway.environment]]
name = "Default"
provider = 'wso2'
service_url = "https://localhost:\${mgt.transport.https.port}/services/"
ws_endpoint = "ws://localhost:9099"
`;
  const folder = process.env['WSO2_CONFIG_CORPUS'];
  const files = folder
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('deployment.toml'))
    : [];
  const samples: [string, string][] = folder
    ? files.map((file) => [file, readFileSync(join(folder, file), 'utf8')])
    : [['a small sample', SAMPLE]];

  test.each(samples)('%s', (file, text) => {
    const id = /(^|[/\\])mi-/.test(file) ? 'mi' : 'apim';
    const { offset, overrides, urls } = read(text, {}, id);
    expect(offset?.value ?? 0).toBe(0);
    expect([...overrides]).toEqual([]);
    for (const { source, key, value } of urls) {
      const written = text.split(/\r?\n/)[Number(source.split(':')[1]) - 1];
      expect(written).toContain(key.slice(key.lastIndexOf('.') + 1));
      expect(written).toContain(value);
    }
  });
});
