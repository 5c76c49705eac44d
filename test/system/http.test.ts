import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { nodeHttp } from '../../src/system/http.js';
import { Children } from '../support/children.js';

let server: Server | undefined;
const children = new Children();
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await children.close();
});

async function serve(answer: RequestListener): Promise<number> {
  const port = await children.freePort();
  server = createServer(answer).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const quiet = new AbortController().signal;

describe('a question over HTTP', () => {
  test.each([200, 404, 500])('tells the status %d and the body', async (status) => {
    const port = await serve((request, response) => {
      response.statusCode = status;
      response.end(`${request.method} ${request.url}`);
    });
    expect(await nodeHttp.get(port, '/healthz', quiet)).toEqual({ status, body: 'GET /healthz' });
  });

  test('follows no redirection', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    });
    expect(await nodeHttp.get(port, '/', quiet)).toMatchObject({ status: 302 });
  });

  test('keeps only the first part of a large body', async () => {
    const port = await serve((_request, response) => response.end('x'.repeat(5_000_000)));
    const { body } = await nodeHttp.get(port, '/', quiet);
    expect(body.length).toBeLessThan(200_000);
  });

  test('fails where nobody listens', async () => {
    await expect(nodeHttp.get(await children.freePort(), '/', quiet)).rejects.toThrow('ECONNREFUSED');
  });

  test('fails where nobody answers before the signal', async () => {
    const port = await serve(() => {});
    await expect(nodeHttp.get(port, '/', AbortSignal.timeout(50))).rejects.toThrow('abort');
  });

  test('fails where the answer breaks off', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setImmediate(() => response.destroy());
    });
    await expect(nodeHttp.get(port, '/', quiet)).rejects.toThrow();
  });
});

describe('a handshake', () => {
  test('fails where the other one speaks no TLS', async () => {
    const port = await serve((_request, response) => response.end());
    await expect(nodeHttp.shakeHands(port, quiet)).rejects.toThrow();
  });

  test('fails where nobody answers before the signal', async () => {
    const { port } = await children.listen('127.0.0.1');
    await expect(nodeHttp.shakeHands(port, AbortSignal.timeout(50))).rejects.toThrow();
  });
});
