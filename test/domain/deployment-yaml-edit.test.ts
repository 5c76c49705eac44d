import { describe, expect, test } from '@jest/globals';
import { deploymentYamlOffset } from '../../src/domain/deployment-yaml-edit.js';
import { changeOffset } from '../../src/domain/offset-file.js';
import { refusal } from '../support/refusal.js';

const FILE = `  # Carbon Configuration Parameters
wso2.carbon:
  ports:
    # port offset
    offset: 1   # of our own
wso2.transport.http:
  listenerConfigurations:
    -
      id: "default"
      port: 9091
    -
      id: 'msf4j-https'
      port: '9444'
      scheme: https
siddhi.stores.query.api:
  listenerConfigurations:
  - id: default
    port : 7070
databridge.config:
  dataReceivers:
  - dataReceiver:
      type: Thrift
      properties: {tcpPort: '7611', sslPort: '7711'}
other:
  port: 9091
  offset: 1`;

const change = (text: string, offset: number | undefined, movesHttp = false, isForced = false) =>
  changeOffset(runtimeOffset(movesHttp), text, 'deployment.yaml', { offset, isForced });

const runtimeOffset = (movesHttp = false) => deploymentYamlOffset({ movesHttp, shipped: 1, filled: () => 3 });

const FORMS: [string, (text: string) => string][] = [
  ['as it is', (text) => text],
  ['with CRLF', (text) => text.replaceAll('\n', '\r\n')],
  ['with a byte order mark', (text) => `\uFEFF${text}\n`],
];

describe.each(FORMS)('a file %s', (_what, form) => {
  const text = form(FILE);

  test('is given an offset, and with it the listeners that do not add it by themselves', () => {
    const { after, from, to } = change(text, 5);
    expect(after).toBe(
      form(
        FILE.replace('offset: 1 ', 'offset: 5 ')
          .replace('port: 9091', 'port: 9095')
          .replace("port: '9444'", "port: '9448'")
          .replace('port : 7070', 'port : 7074'),
      ),
    );
    expect([from, to]).toMatchObject([
      { text: '1', integer: 1, line: 5 },
      { text: '5', integer: 5, line: 5 },
    ]);
  });

  test('keeps the ports that the server moves by itself', () => {
    const expected = FILE.replace('offset: 1 ', 'offset: 5 ').replace('port : 7070', 'port : 7074');
    expect(change(text, 5, true).after).toBe(form(expected));
  });

  test.each([true, false])('gets its former bytes back (HTTP moves: %j)', (movesHttp) => {
    for (const offset of [0, 7, 300]) {
      const { after } = change(text, offset, movesHttp);
      expect(after).not.toBe(text);
      expect(change(after, 1, movesHttp).after).toBe(text);
      expect(change(after, undefined, movesHttp).after).toBe(text);
    }
  });
});

test('what is shipped is not taken out', () => {
  expect(change(FILE, undefined).after).toBe(FILE);
});

test.each(["'$" + "{sys:portOffset,0}'", '1.5', '1.0', 'abc'])('an offset of %s is replaced by force only', (value) => {
  const text = FILE.replace('offset: 1 ', `offset: ${value} `);
  expect(refusal(() => change(text, 4)).message).toContain('deployment.yaml, line 5: the offset is');
  expect(change(text, 4, true, true).to?.integer).toBe(4);
});

test('ports that the server does not move count from what it makes of a placeholder', () => {
  const text = FILE.replace('offset: 1 ', 'offset: $' + '{env:OFFSET,3} ');
  const { after } = change(text, 5, false, true);
  expect(after).toBe(
    FILE.replace('offset: 1 ', 'offset: 5 ')
      .replace('9091', '9093')
      .replace("'9444'", "'9446'")
      .replace('7070', '7072'),
  );
});

test('a port that is a placeholder keeps nobody from reading the offset', () => {
  const { written } = runtimeOffset()(FILE.replace('7070', '$' + '{env:P,7070}'), 'deployment.yaml');
  expect(written).toEqual({ text: '1', integer: 1, line: 5 });
});

test.each([
  ['no offset', 'wso2.carbon:\n  id: x\n', 'deployment.yaml has no wso2.carbon, ports.'],
  [
    'a port that is none',
    FILE.replace('port: 9091', 'port: $' + '{env:PORT}'),
    'deployment.yaml, line 10: wso2.transport.http.listenerConfigurations.0.port is "${env:PORT}", no plain port number',
  ],
  ['a port that is a fraction', FILE.replace('9091', '9091.5'), '.port is 9091.5, no plain port number'],
  ['an alias for a list', `a: &a\n  ports: {offset: 1}\nwso2.carbon: *a\n`, 'is shared with other parts of the file'],
  ['tabs', 'wso2.carbon:\n\tports: 1\n', 'a tab is used to indent'],
])('a file with %s is refused', (_what, text, message) => {
  const refused = refusal(() => change(text, 4));
  expect(refused).toMatchObject({ code: 3, message: expect.stringContaining(message) });
});
