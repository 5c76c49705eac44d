import { once } from 'node:events';
import { connect } from 'node:net';
import os from 'node:os';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  firstBusyByBinding,
  firstBusyByGetPort,
  procSockets,
  type Sockets,
  toolSockets,
} from '../../src/system/sockets.js';
import { Children } from '../support/children.js';
import { needing } from '../support/tools.js';

let children: Children;
beforeEach(() => {
  children = new Children();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await children.close();
});

/** As wine fails now and then. */
function firstBusyUnlisted(ports: readonly number[]): Promise<number | undefined> {
  jest.spyOn(os, 'networkInterfaces').mockImplementation(() => {
    const what = 'A system error occurred: uv_interface_addresses returned Unknown system error 2';
    throw Object.assign(new Error(what), { code: 'ERR_SYSTEM_ERROR', syscall: 'uv_interface_addresses' });
  });
  return firstBusyByGetPort(ports);
}

describe.each([
  ['binding', firstBusyByBinding],
  ['get-port', firstBusyByGetPort],
  ['get-port, where the addresses can not be listed', firstBusyUnlisted],
])('asked by %s', (_how, firstBusy) => {
  test('ports on which nobody listens are free, and can be bound afterwards', async () => {
    const ports = [await children.freePort(), await children.freePort()];
    expect(await firstBusy(ports)).toBeUndefined();
    await children.listen(undefined, ports[0]);
  });

  test.each(['127.0.0.1', '127.0.0.2', '::1', '0.0.0.0', '::'])('a port is busy for a listener on %s', async (host) => {
    const { port } = await children.listen(host);
    expect(await firstBusy([port])).toBe(port);
  });

  test('a port is busy for a client that talks from it', async () => {
    const { port } = await children.listen('127.0.0.1');
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    const local = client.localPort as number;
    expect(await firstBusy([local])).toBe(local);
    client.destroy();
  });

  test('the first busy one of several is told', async () => {
    const free = await children.freePort();
    const { port: first } = await children.listen('127.0.0.1');
    const { port: second } = await children.listen('127.0.0.1');
    expect(await firstBusy([free, first, second])).toBe(first);
    expect(await firstBusy([free, second, first])).toBe(second);
  });

  test('a question asked again gets the same answer', async () => {
    const free = await children.freePort();
    const { port } = await children.listen('127.0.0.1');
    for (let round = 0; round < 5; round++) {
      expect(await firstBusy([free])).toBeUndefined();
      expect(await firstBusy([port])).toBe(port);
    }
  });

  test('a port is free as soon as its listener is gone', async () => {
    const { port, server } = await children.listen('127.0.0.1');
    expect(await firstBusy([port])).toBe(port);
    await new Promise((resolve) => server.close(resolve));
    expect(await firstBusy([port])).toBeUndefined();
  });

  test('no port at all is no question', async () => {
    expect(await firstBusy([])).toBeUndefined();
  });
});

test('all ports are held together until the answer is there', async () => {
  const port = await children.freePort();
  expect(await firstBusyByBinding([port, port])).toBe(port);
});

describe('listeners by /proc', () => testListeners(procSockets, ['127.0.0.1', '::1', '0.0.0.0', '::']));
needing('ss').describe('listeners by the tools', () => testListeners(toolSockets, ['127.0.0.1', '::1']));

function testListeners(sockets: Sockets, hosts: readonly string[]): void {
  const LISTEN = 'require("net").createServer().listen(+process.argv[1], process.argv[2], () => console.log("up"))';

  test.each(hosts)('the process that listens on %s is named', async (host) => {
    const port = await children.freePort();
    const child = children.node(LISTEN, [String(port), host]);
    await child.line();
    const expected = [expect.objectContaining({ port, pids: [child.pid] })];
    expect(await sockets.listeners(new Set([port]), [])).toEqual(expected);
    expect(await sockets.listeners(new Set([port]), [child.pid])).toEqual(expected);
    expect(await sockets.listeners(new Set([port]), [process.pid])).toEqual(expected);
    expect(await sockets.holders(new Set([port]))).toEqual(expected);
  });

  test('only the ports that were asked for are told', async () => {
    const { port: first } = await children.listen('127.0.0.1');
    await children.listen('127.0.0.1');
    const { port: third } = await children.listen('127.0.0.1');
    const found = await sockets.listeners(new Set([first, third, await children.freePort()]), []);
    expect(new Set(found.map(({ port }) => port))).toEqual(new Set([first, third]));
    expect(found.map(({ pids }) => pids)).toEqual([[process.pid], [process.pid]]);
  });

  test('on a port that nobody has, nobody is found', async () => {
    const ports = new Set([await children.freePort()]);
    expect(await sockets.listeners(ports, [])).toEqual([]);
    expect(await sockets.holders(ports)).toEqual([]);
  });
}

describe('by /proc', () => {
  test('a client holds its own port, without listening on it', async () => {
    const { port } = await children.listen('127.0.0.1');
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    const local = client.localPort as number;
    expect(await procSockets.listeners(new Set([local]), [])).toEqual([]);
    expect(await procSockets.holders(new Set([local]))).toMatchObject([{ port: local, pids: [process.pid] }]);
    client.destroy();
  });

  test('a listener is told, and not those who only talk from its port', async () => {
    const port = await children.freePort();
    const listener = children.node(
      `require('net').createServer((socket) => {
        const stdio = ['ignore', 'ignore', 'ignore', socket._handle.fd];
        console.log(require('child_process').spawn('sleep', ['600'], { stdio }).pid);
        socket.destroy();
      }).listen(+process.argv[1], '127.0.0.1', () => console.log('up'))`,
      [String(port)],
    );
    await listener.line();
    const client = connect(port, '127.0.0.1');
    const talker = children.adopt(await listener.number(2));
    expect(await procSockets.holders(new Set([port]))).toMatchObject([{ port, pids: [listener.pid] }]);
    expect(await procSockets.listeners(new Set([port]), [])).toMatchObject([{ port, pids: [listener.pid] }]);
    listener.child.kill('SIGKILL');
    await listener.ended;
    expect(await procSockets.holders(new Set([port]))).toMatchObject([{ port, pids: [talker] }]);
    client.destroy();
  });

  test('one look tells every port that has a listener, however many there are, and no client', async () => {
    const hosts = ['127.0.0.1', '::1', '0.0.0.0', '::'];
    const listening = await Promise.all(Array.from({ length: 100 }, (_, index) => children.listen(hosts[index % 4])));
    const client = connect((listening[0] as { port: number }).port, '127.0.0.1');
    await once(client, 'connect');
    const told = procSockets.listening?.();
    expect(listening.filter(({ port }) => !told?.has(port))).toEqual([]);
    expect(told?.has(client.localPort as number)).toBe(false);
    const ports = new Set(listening.map(({ port }) => port));
    expect(new Set((await procSockets.holders(ports)).map(({ port }) => port))).toEqual(ports);
    client.destroy();
  });

  test('a process with very many open files is named like any other', async () => {
    const port = await children.freePort();
    const child = children.node(
      `for (let n = 0; n < 1100; n++) require('fs').openSync('/dev/null');
      require('net').createServer().listen(+process.argv[1], '127.0.0.1', () => console.log('up'))`,
      [String(port)],
    );
    await child.line();
    expect(await procSockets.holders(new Set([port]))).toMatchObject([{ port, pids: [child.pid] }]);
    expect(await procSockets.listeners(new Set([port]), [])).toMatchObject([{ port, pids: [child.pid] }]);
  });

  test('a socket that two processes share names both', async () => {
    const port = await children.freePort();
    const parent = children.node(
      `const s = require('net').createServer().listen(+process.argv[1], '127.0.0.1', () => {
        const stdio = ['ignore', 'ignore', 'ignore', s._handle.fd];
        console.log(require('child_process').spawn('sleep', ['600'], { stdio }).pid);
      })`,
      [String(port)],
    );
    const heir = children.adopt(await parent.number());
    const [found] = await procSockets.listeners(new Set([port]), []);
    expect(new Set(found?.pids)).toEqual(new Set([parent.pid, heir]));
  });
});
