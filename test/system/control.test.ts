import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Client, type Listening, LONGEST_REQUEST, socketControl } from '../../src/system/control.js';
import { newLeaseId } from '../../src/system/leases.js';
import { where } from '../support/tools.js';
import { until } from '../support/wait.js';

const control = socketControl('linux');

let address: string;
let listening: Listening | undefined;
const servers: Server[] = [];
const sockets: Socket[] = [];
beforeEach(() => {
  address = control.addressOf(newLeaseId(), '/state');
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
  await control.ask(address, request, (line) => lines.push(line), { timeoutMs });
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
  expect(socketControl(platform).addressOf('7-a', '/state')).toBe(expected);
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

describe('where others have been before', () => {
  const STRANGER = 54_321;
  const NAMES = ['', '-2', '-3', '-4', '-5', '-6', '-7', '-8', '-9'].map(
    (end) => `wso2-launch-${process.geteuid?.()}${end}`,
  );
  const id = newLeaseId();
  const asRoot = where(process.getuid?.() === 0, 'root');
  let place: string;
  let state: string;
  beforeEach(() => {
    place = mkdtempSync(join(realpathSync(tmpdir()), 'wl-'));
    state = join(place, 'state');
    mkdirSync(state, { mode: 0o700 });
    chmodSync(place, 0o1777);
  });
  afterEach(() => rmSync(place, { recursive: true }));

  const shared = (): ReturnType<typeof socketControl> => socketControl('linux', place);
  const folderUsed = (): string => dirname(shared().addressOf(id, state)).slice(place.length + 1);
  const takeAll = (...names: readonly string[]): void => {
    for (const name of names) {
      mkdirSync(join(place, name), { mode: 0o777 });
      chownSync(join(place, name), STRANGER, STRANGER);
    }
  };

  test('our own folder is used, made and again', async () => {
    for (let round = 0; round < 2; round++) {
      expect(folderUsed()).toBe(NAMES[0]);
      listening = await shared().listen(shared().addressOf(id, state), () => {});
      listening.close();
    }
  });

  test.each<[string, (path: string) => void]>([
    ['a link, though it is our own', (path) => symlinkSync(state, path)],
    ['a file', (path) => writeFileSync(path, '')],
    ['a folder that others may enter', (path) => mkdirSync(path, { mode: 0o755 })],
  ])('another name is used in the place of %s', async (_what, make) => {
    make(join(place, NAMES[0] as string));
    expect(folderUsed()).toBe(NAMES[1]);
    expect(dirname(shared().placeFor('x.yaml'))).toBe(join(place, NAMES[1] as string));
    await expect(shared().listen(join(place, NAMES[0] as string, 'x.sock'), () => {})).rejects.toThrow(NAMES[0]);
  });

  asRoot.test('another name is used in the place of what is another user’s', () => {
    takeAll(NAMES[0] as string);
    symlinkSync(state, join(place, NAMES[1] as string));
    lchownSync(join(place, NAMES[1] as string), STRANGER, STRANGER);
    expect(folderUsed()).toBe(NAMES[2]);
  });

  asRoot.test('a socket is found where it was put, whatever has become free since', async () => {
    takeAll(NAMES[0] as string);
    const used = shared().addressOf(id, state);
    listening = await shared().listen(used, () => {});
    rmSync(join(place, NAMES[0] as string), { recursive: true });
    expect(shared().addressOf(id, state)).toBe(used);
    expect(folderUsed()).not.toBe(basename(dirname(shared().addressOf(newLeaseId(), state))));
  });

  asRoot.test('the state folder is used where all names are taken, and elsewhere there is none', () => {
    takeAll(...NAMES);
    expect(folderUsed()).toBe('state/sockets');
    expect(() => shared().placeFor('x.yaml')).toThrow(`${join(place, NAMES[0] as string)} belongs to another user`);
  });

  test('the state folder is used where anybody may replace what lies in the shared one', () => {
    chmodSync(place, 0o777);
    expect(folderUsed()).toBe('state/sockets');
    expect(() => shared().placeFor('x.yaml')).toThrow(`${place} lets others replace what lies there`);
  });

  asRoot.test('whoever answers there is neither asked nor believed, and nothing of his goes', async () => {
    takeAll(...NAMES);
    state = join(place, 'x'.repeat(100)); // its own sockets would have too long a path
    const address = shared().addressOf(id, state);
    const seen: string[] = [];
    const impostor = createServer((socket) =>
      socket.once('data', (data) => socket.end(`{"taken":"${seen.push(`${data}`)}"}\n`)),
    );
    servers.push(impostor);
    await new Promise<void>((resolve) => impostor.listen(address, resolve));
    const reason = `${join(place, NAMES[0] as string)} belongs to another user`;
    await expect(shared().ask(address, { ask: 'stop' }, () => {}, { timeoutMs: 5_000 })).rejects.toThrow(reason);
    await expect(shared().listen(address, () => {})).rejects.toThrow(reason);
    shared().forget(address);
    expect({ seen, isThere: existsSync(address) }).toEqual({ seen: [], isThere: true });
  });
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
      .ask(address, {}, (line) => lines.push(line), { timeoutMs: 50 })
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
    socket.write('x'.repeat(LONGEST_REQUEST + 1));
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
