import { once } from 'node:events';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BasePort } from '../../src/domain/ports.js';
import { type Choice, type ReserveOptions, reserve } from '../../src/ports/reserve.js';
import { nodeSystem } from '../../src/system/index.js';
import type { LiveLease } from '../../src/system/leases.js';
import { type Child, Children } from '../support/children.js';
import { inspectedHome } from '../support/fake-home.js';
import { failureOf, fakeSystem, liveLease } from '../support/fake-system.js';
import { MADE_UP_PORTS } from '../support/offsets.js';
import { randomFrom } from '../support/random.js';

// The choice is held against the plainest way of making it, on real sockets, in worlds made up from a seed.
// Other worlds: SEED=1000 CASES=500 node scripts/test.mjs test/property
const firstSeed = Number(process.env['SEED'] ?? 1);
const cases = Number(process.env['CASES'] ?? 100);

const { min: LOWEST, max: HIGHEST } = MADE_UP_PORTS;
/** Apart like the products' own ports: at such a distance an instance collides with another port of its twin. */
const DISTANCES = [0, 1, 8, 37, 52, 78, 100, 137, 144];

let children: Children;
let python: Child | undefined;
const servers: Server[] = [];

beforeAll(async () => {
  children = new Children();
  const child = children.start('python3', ['-u', '-c', HOLDER]);
  const answer = await Promise.race([child.line(), child.ended.catch(() => 'no python3')]);
  python = answer === 'ready' ? child : undefined;
});
afterAll(async () => {
  await closeAll();
  await children.close();
});

test('the smallest free offset is chosen, and just the smaller ones are passed over, in any world', async () => {
  for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
    const { chosen, tried, world } = await compared(seed);
    expect({ SEED: seed, ...judged(chosen, tried) }).toEqual({ SEED: seed, ...expected(tried, world) });
  }
});

/** The choice and the plainest way's, made while no other program came or went. */
async function compared(seed: number): Promise<{ chosen: Outcome; tried: Tried[]; world: World }> {
  for (let attempt = 1; ; attempt++) {
    const world = await makeWorld(seed);
    const tried = await tryPlainly(world);
    const chosen = await outcomeOf(world);
    const again = await tryPlainly(world);
    await closeAll();
    if (JSON.stringify(tried) === JSON.stringify(again) || attempt === 5) return { chosen, tried, world };
  }
}

// ---------- A world ----------

interface World {
  readonly ports: readonly BasePort[];
  readonly min: number;
  readonly max: number;
  readonly leases: readonly LiveLease[];
  readonly avoid: ReadonlySet<number>;
}

async function makeWorld(seed: number): Promise<World> {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const oneOf = <T>(values: readonly T[]): T => values[below(values.length)] as T;

  const lowest = LOWEST + below(HIGHEST - LOWEST - 1_200);
  const min = below(60) - 30;
  const max = min + oneOf([0, 10, 300, 300, 300]);
  const depth = oneOf([0, 2, 10, 60, 120]);
  const ports = Array.from({ length: oneOf([1, 2, 4, 8, 15, 15]) }, (_, index): BasePort => {
    const base = lowest + 400 + oneOf(DISTANCES) + oneOf(DISTANCES);
    const shifted = random() > 0.1;
    // One that doesn't move lies where one that does may come upon it, behind the run of blocked offsets.
    return {
      name: `port-${index}`,
      base: shifted ? base : base + min + depth + below(2),
      scheme: 'tcp',
      shifted,
      required: true,
      source: 'default',
    };
  });

  // A run of blocked offsets, behind it some that only look so, and a few blockers anywhere.
  const blocked = new Map<number, readonly Blocker[]>();
  for (let offset = min; offset < min + depth + 3; offset++) {
    const isInRun = offset < min + depth;
    for (const { base, shifted } of isInRun ? [oneOf(ports)] : ports.slice(0, 3)) {
      if (shifted) blocked.set(base + offset, isInRun ? BUSY : FREE);
    }
  }
  for (let count = below(8); count > 0; count--) blocked.set(lowest + 350 + below(600), [...BUSY, ...FREE]);

  const promised: number[] = [];
  const elsewhere: number[] = [];
  const avoid = new Set<number>();
  const asked: string[] = [];
  for (const [port, blockers] of blocked) {
    const how = random();
    const blocker = oneOf(blockers);
    if (how < 0.2) promised.push(port);
    else if (how < 0.23) elsewhere.push(port);
    else if (how < 0.3) avoid.add(port);
    else if (typeof blocker === 'string') asked.push(`${blocker} ${port}`);
    else await listen({ ...blocker, port });
  }
  await ask(asked);
  const leases = [
    liveLease({ id: 'a', ports: promised.filter((_, index) => index % 2 === 0) }),
    liveLease({ id: 'b', ports: promised.filter((_, index) => index % 2 === 1) }),
    liveLease({ id: 'elsewhere', ports: elsewhere, keepsPorts: false }),
    liveLease({ id: 'ours', ports: [lowest + 400] }),
  ];
  return { ports, min, max, leases, avoid };
}

/** Where a server listens, or what another kind of socket does on 127.0.0.1. */
type Blocker = ListenOptions | string;

const otherAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

/** What keeps a server from binding the port, and what doesn't, though the system's tables show most of it. */
const BUSY: readonly Blocker[] = [
  { host: '127.0.0.1' },
  { host: '127.0.0.2' },
  { host: otherAddress ?? '127.0.0.3' },
  { host: '::1' },
  { host: '0.0.0.0' },
  { host: '::' },
  { host: '::', ipv6Only: true },
  'bound',
  'client',
  'client-time-wait',
  'server-time-wait',
];
const FREE: readonly Blocker[] = ['bound-reuse', 'client-reuse', 'server-time-wait-reuse', 'udp'];

async function listen(options: ListenOptions): Promise<void> {
  const server = await listening(options);
  if (server) servers.push(server);
}

let answers = 1;

async function ask(lines: readonly string[]): Promise<void> {
  if (!python || lines.length === 0) return;
  answers += lines.length;
  python.say(lines.join('\n'));
  await python.line(answers);
}

// Sockets that Node can't make, for it sets SO_REUSEADDR on whatever it binds.
const HOLDER = `
import socket, sys
held = []
hub = socket.create_server(('127.0.0.1', 0))
def made(reuse, kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_INET, kind)
    if reuse: s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return s
def hold(kind, port):
    reuse = kind.endswith('-reuse')
    s = made(reuse, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
    s.bind(('127.0.0.1', port))
    if kind.startswith('client'):
        s.connect(hub.getsockname())
        peer = hub.accept()[0]
        if kind != 'client-time-wait': return held.extend([s, peer])
        s.close()
        peer.close()
    elif kind.startswith('server'):
        s.listen()
        c = socket.create_connection(('127.0.0.1', port))
        peer = s.accept()[0]
        peer.close()
        c.close()
        s.close()
    else: held.append(s)
print('ready')
for line in sys.stdin:
    kind, port = line.split()
    if kind == 'close':
        for s in held: s.close()
        held.clear()
    else:
        try: hold(kind, int(port))
        except OSError: pass
    print('done')
`;

async function closeAll(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')));
  await ask(['close 0']);
}

/** Undefined where it can't be had. */
async function listening(options: ListenOptions): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined)).listen(options, () => resolve(server));
  });
}

// ---------- The plainest way ----------

interface Tried {
  readonly offset: number;
  /** Names and numbers of the ports that can't be had. */
  readonly taken: readonly string[];
}

/** One offset after another, up to the first at which nothing is taken; one port after another. */
async function tryPlainly({ ports, min, max, leases, avoid }: World): Promise<Tried[]> {
  const promised = new Set(leases.filter(({ id, keepsPorts }) => keepsPorts && id !== 'ours').flatMap((l) => l.ports));
  const bound = new Map<number, boolean>();
  const isTaken = async (port: number): Promise<boolean> => {
    if (promised.has(port) || avoid.has(port)) return true;
    if (!bound.has(port)) bound.set(port, await isBound(port));
    return bound.get(port) as boolean;
  };
  const tried: Tried[] = [];
  for (let offset = min; offset <= max; offset++) {
    const taken: string[] = [];
    for (const { name, base, shifted } of ports) {
      const number = shifted ? base + offset : base;
      // One that moves has come upon one that doesn't: the next offset parts them.
      const meets = ports.some(
        (other) => other.shifted !== shifted && other.base === (shifted ? number : base - offset),
      );
      if (meets || (await isTaken(number))) taken.push(`${name} ${number}`);
    }
    tried.push({ offset, taken });
    if (taken.length === 0) break;
  }
  return tried;
}

async function isBound(port: number): Promise<boolean> {
  const server = await listening({ port });
  if (!server) return true;
  await once(server.close(), 'close');
  return false;
}

// ---------- The two compared ----------

type Outcome = Choice | { readonly failure: unknown };

async function outcomeOf({ ports, min, max, leases, avoid }: World): Promise<Outcome> {
  const system = { ...fakeSystem(), sockets: nodeSystem.sockets };
  system.leases.live.push(...leases);
  const options: ReserveOptions = {
    inspection: inspectedHome('apim', { ports }),
    request: { offset: { kind: 'auto' } },
    range: { min, max },
    stateFolder: '/state',
    leaseId: 'ours',
    avoid,
  };
  const quiet = new AbortController().signal;
  return reserve(options, quiet, system).catch((error: unknown) => ({ failure: failureOf(error) }));
}

/** What was chosen, with the ports that are in its way only where the plainest way finds them taken. */
function judged(outcome: Outcome, tried: readonly Tried[]): object {
  if ('failure' in outcome) return { failure: outcome.failure };
  const skipped = outcome.skipped.map(({ offset, port: { name, number } }) => {
    const isTaken = tried.find((one) => one.offset === offset)?.taken.includes(`${name} ${number}`);
    return isTaken ? offset : `${offset}: ${name} ${number} is free`;
  });
  return { offset: outcome.offset, skipped };
}

function expected(tried: readonly Tried[], { min, max }: World): object {
  const last = tried.at(-1) as Tried;
  if (last.taken.length > 0) return { failure: expect.objectContaining({ kind: 'no-free-offset', min, max }) };
  return { offset: last.offset, skipped: tried.slice(0, -1).map(({ offset }) => offset) };
}
