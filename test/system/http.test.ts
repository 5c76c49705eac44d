import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createSilentServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isTimeout, withinTime } from '../../src/system/clock.js';
import { nodeHttp } from '../../src/system/http.js';
import { Children } from '../support/children.js';
import { SELF_SIGNED } from '../support/self-signed.js';

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

test.each<[what: string, ask: (port: number, signal: AbortSignal) => Promise<unknown>]>([
  ['a request', (port, signal) => nodeHttp.send({ port, path: '/' }, signal)],
  ['the end of an answer', (port, signal) => nodeHttp.send({ port, path: '/half' }, signal)],
  ['a TLS handshake', (port, signal) => nodeHttp.shakeHands(port, signal)],
])('%s that takes too long fails as a timeout, and asked to end as none', async (_what, ask) => {
  const silent = createSilentServer((socket) => {
    socket.on('error', () => {}); // the other side has gone
    socket.on('data', (block) => {
      if (block.includes('/half')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf');
    });
  });
  const port = await children.freePort();
  await once(silent.listen(port, '127.0.0.1'), 'listening');
  const failure = (signal: AbortSignal): Promise<unknown> => ask(port, signal).catch((error: unknown) => error);
  expect(isTimeout(await failure(withinTime(quiet, 100)))).toBe(true);
  const asked = new AbortController();
  const failed = failure(withinTime(asked.signal, 60_000));
  asked.abort();
  expect(isTimeout(await failed)).toBe(false);
  silent.close();
});

describe('a question over HTTP', () => {
  test.each([200, 404, 500])('tells the status %d and the body', async (status) => {
    const port = await serve((request, response) => {
      response.statusCode = status;
      response.end(`${request.method} ${request.url}`);
    });
    expect(await nodeHttp.send({ port: port, path: '/healthz' }, quiet)).toEqual({ status, body: 'GET /healthz' });
  });

  test('follows no redirection', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    });
    expect(await nodeHttp.send({ port: port, path: '/' }, quiet)).toMatchObject({ status: 302 });
  });

  test('keeps only the first part of a large body', async () => {
    const port = await serve((_request, response) => response.end('x'.repeat(5_000_000)));
    const { body } = await nodeHttp.send({ port: port, path: '/' }, quiet);
    expect(body.length).toBeLessThan(200_000);
  });

  test('may change something, with headers and a body', async () => {
    const port = await serve((request, response) => {
      request
        .setEncoding('utf8')
        .on('data', (body) => response.end(`${request.method} ${request.headers['x']} ${body}`));
    });
    const asked = { port, path: '/', method: 'PATCH', headers: { x: 'y' }, body: 'change' } as const;
    expect(await nodeHttp.send(asked, quiet)).toEqual({ status: 200, body: 'PATCH y change' });
  });

  test('goes over TLS with a certificate that nobody has signed', async () => {
    const port = await children.freePort();
    const secured = createSecureServer(SELF_SIGNED, (_request, response) => response.end('secret'));
    try {
      await once(secured.listen(port, '127.0.0.1'), 'listening');
      expect(await nodeHttp.send({ port, path: '/', isSecure: true }, quiet)).toEqual({ status: 200, body: 'secret' });
      await nodeHttp.shakeHands(port, quiet);
    } finally {
      secured.closeAllConnections();
      secured.close();
    }
  });

  test('fails where nobody listens', async () => {
    await expect(nodeHttp.send({ port: await children.freePort(), path: '/' }, quiet)).rejects.toThrow('ECONNREFUSED');
  });

  test('fails where nobody answers before the signal', async () => {
    const port = await serve(() => {});
    await expect(nodeHttp.send({ port: port, path: '/' }, AbortSignal.timeout(50))).rejects.toThrow('abort');
  });

  test('fails where the answer breaks off', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setImmediate(() => response.destroy());
    });
    await expect(nodeHttp.send({ port: port, path: '/' }, quiet)).rejects.toThrow();
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

describe('the certificates on a port', () => {
  test('are those that are shown, and are taken for localhost by whoever trusts them', async () => {
    const port = await children.freePort();
    server = createSecureServer(SELF_SIGNED).listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(await nodeHttp.chainOn(port, quiet)).toEqual({ certificates: [SELF_SIGNED.cert], objection: undefined });
  });

  test('are none where nobody speaks TLS', async () => {
    const port = await serve((_request, response) => response.end());
    await expect(nodeHttp.chainOn(port, quiet)).rejects.toThrow();
  });
});
