import { existsSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Client, type Listening, socketControl } from '../../src/system/control.js';
import { newLeaseId } from '../../src/system/leases.js';
import { until } from '../support/wait.js';

const control = socketControl('linux');

let address: string;
let listening: Listening | undefined;
const servers: Server[] = [];
const sockets: Socket[] = [];
beforeEach(() => {
  address = control.addressOf(newLeaseId());
});
afterEach(() => {
  listening?.close();
  listening = undefined;
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  rmSync(address, { force: true });
});

/** Listens, and remembers who asked what. */
async function listen(
  onAsk: (request: object, client: Client) => void = () => {},
): Promise<{ requests: object[]; clients: Client[] }> {
  const seen = { requests: [] as object[], clients: [] as Client[] };
  listening = await control.listen(address, (request, client) => {
    seen.requests.push(request);
    seen.clients.push(client);
    onAsk(request, client);
  });
  return seen;
}

async function ask(request: object, timeoutMs = 5_000): Promise<object[]> {
  const lines: object[] = [];
  await control.ask(address, request, (line) => lines.push(line), timeoutMs);
  return lines;
}

/** A client that says what it likes. */
function client(): Socket {
  const socket = connect(address).on('error', () => {});
  sockets.push(socket);
  return socket;
}

const CASES: readonly [NodeJS.Platform, string][] = [
  ['linux', `/tmp/wso2-launch-${process.getuid?.()}/7-a.sock`],
  ['darwin', `/tmp/wso2-launch-${process.getuid?.()}/7-a.sock`],
  ['win32', '\\\\.\\pipe\\wso2-launch-7-a'],
];
test.each(CASES)('on %s a supervisor listens at %s', (platform, expected) => {
  expect(socketControl(platform).addressOf('7-a')).toBe(expected);
});

test('a request is answered line by line, until the answer ends', async () => {
  const { requests } = await listen((_request, client) => {
    client.say({ line: 1 });
    client.say({ line: 'zwei – 2' });
    client.end();
  });
  expect(await ask({ ask: 'stop', text: 'a\nb' })).toEqual([{ line: 1 }, { line: 'zwei – 2' }]);
  expect(requests).toEqual([{ ask: 'stop', text: 'a\nb' }]);
});

test('several are answered side by side, and each hears all that is said to it', async () => {
  const { clients } = await listen((_request, client) => client.say({ taken: true }));
  const answers = [ask({ n: 1 }), ask({ n: 2 })];
  await until('both', () => clients.length === 2);
  for (const [index, client] of clients.entries()) {
    client.say({ to: index });
    client.end();
  }
  expect((await Promise.all(answers)).map((lines) => lines.length)).toEqual([2, 2]);
});

test('the socket is private, and gone when nobody listens any more', async () => {
  await listen();
  expect(statSync(dirname(address)).mode & 0o777).toBe(0o700);
  listening?.close();
  expect(existsSync(address)).toBe(false);
});

test('what a killed supervisor has left is cleared away, and nothing is no fault', async () => {
  await listen();
  control.forget(address);
  expect(existsSync(address)).toBe(false);
  control.forget(address);
});

test('a second one can not listen at the same address', async () => {
  await listen();
  await expect(control.listen(address, () => {})).rejects.toThrow('EADDRINUSE');
});

describe('who asks is told', () => {
  test('that nobody listens', async () => {
    await expect(ask({})).rejects.toThrow('ENOENT');
  });

  test('that nobody answers in time', async () => {
    await listen();
    await expect(ask({}, 100)).rejects.toThrow('no answer in 0.1 s');
  });

  test('that the answer has ended, where whoever gave it has died', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write('{"taken":true}\n{"torn":', () => socket.destroy());
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(address, resolve));
    expect(await ask({})).toEqual([{ taken: true }]);
  });

  test('later than any deadline, once somebody has answered at all', async () => {
    const { clients } = await listen((_request, client) => client.say({ taken: true }));
    const lines: object[] = [];
    let isOver = false;
    const asking = control
      .ask(address, {}, (line) => lines.push(line), 50)
      .then(() => {
        isOver = true;
      });
    await until('the first line', () => lines.length === 1);
    const sinceMs = performance.now();
    await until('the deadline to pass', () => performance.now() - sinceMs > 150);
    expect(isOver).toBe(false);
    clients[0]?.say({ late: true });
    clients[0]?.end();
    await asking;
    expect(lines).toEqual([{ taken: true }, { late: true }]);
  });
});

describe('whoever listens lives on', () => {
  test.each(['not json\n', '"text"\n', 'null\n', '\n'])('where %j is said, and hears what follows', async (text) => {
    const { requests } = await listen((_request, client) => client.end());
    const socket = client();
    socket.write(`${text}{"ask":"stop"}\n{"ask":"kill"}\n`);
    await new Promise((resolve) => socket.once('close', resolve).resume());
    expect(requests).toEqual([{ ask: 'stop' }]);
  });

  test('where a client never ends its line', async () => {
    const { requests } = await listen();
    const socket = client();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (let sent = 0; sent < 100 && !socket.destroyed; sent++) socket.write('x'.repeat(1024));
    await closed;
    expect(requests).toEqual([]);
  });

  test('where a client breaks off with an answer unread', async () => {
    const { clients } = await listen((_request, client) => client.say({ long: 'x'.repeat(100_000) }));
    for (let round = 0; round < 3; round++) {
      const socket = client();
      socket.write('{}\n');
      await until('the request', () => clients.length === round + 1);
      socket.destroy();
      for (let line = 0; line < 20; line++) clients[round]?.say({ line: 'x'.repeat(10_000) });
      clients[round]?.end();
    }
    const answer = ask({});
    await until('the last request', () => clients.length === 4);
    clients[3]?.end();
    expect(await answer).toHaveLength(1);
  });
});
