import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { LaunchError } from '../../src/api/error.js';
import { LiveServer, Story } from '../../src/api/server.js';

const FIELDS = {
  name: 'mi',
  product: 'mi',
  version: '4.4.0',
  home: '/opt/mi',
  offset: 10,
  pid: 7,
  ports: { http: 8290 },
  urls: { http: 'http://localhost:8290' },
  logFile: '/tmp/mi.log',
  warnings: [],
};

/** A server that has been ready, and of which nothing is asked. */
function readyServer(): LiveServer {
  const story = new Story(undefined);
  story.begin({ ...FIELDS, startedAt: new Date().toISOString() });
  const http = { name: 'http', base: 8280, number: 8290, scheme: 'http', shifted: true, required: true } as const;
  story.tell({ event: 'ready', ...FIELDS, durationMs: 1, ports: [{ ...http, source: 'default' }] });
  const nothing = Promise.resolve();
  return new LiveServer(story, { restart: () => nothing, stop: () => {}, over: new Promise(() => {}) });
}

describe('a server', () => {
  test('is shown by its fields, and by nothing behind them', () => {
    const server = readyServer();
    expect(JSON.parse(JSON.stringify({ server }))).toEqual({ server: FIELDS });
    expect(inspect(server)).toBe(inspect(FIELDS));
    expect(Object.keys(server)).toEqual(['ended']);
  });

  test.each([
    ['url', '', 'endpoint takes a text that is not empty, not "".'],
    ['url', 3, 'endpoint takes a text that is not empty, not 3.'],
    ['url', 'nowhere', 'mi has no endpoint nowhere: it has http.'],
    ['port', undefined, 'name takes a text that is not empty, not undefined.'],
    ['port', '8290', 'mi has no port 8290: it has http.'],
  ] as const)('refuses %s(%j)', (method, name, says) => {
    const ask = readyServer()[method] as (this: LiveServer, name: unknown) => unknown;
    const refusal = expect(() => ask.call(readyServer(), name));
    refusal.toThrow(LaunchError);
    refusal.toThrow(says);
  });
});
