import { factsOf, PRODUCT_IDS, type ProductId } from '../../src/domain/catalogue.js';

// Test files run at once, so each has offsets of its own, at which no port of its servers is one of another's.

/** What a test file starts, and at how many offsets, counted from the first one that it gets. */
interface Need {
  readonly products: readonly ProductId[];
  readonly count: number;
  /** Ports that its own configurations have at offset 0, beside those that the products ship. */
  readonly more?: readonly number[];
}

/** A need at its place. */
export interface Block {
  readonly name: string;
  readonly products: readonly ProductId[];
  readonly first: number;
  readonly count: number;
  /** Every port that a server at one of these offsets may open. */
  readonly ports: ReadonlySet<number>;
}

const mi = (count = 10): Need => ({ products: ['mi'], count });

/** By the name of the file in test/e2e. Whoever starts a server adds its line, and asks for {@link minOffsetOf} it. */
const NEEDS = {
  // An endpoint of its own.
  artifacts: { products: ['mi'], count: 4, more: [8085] },
  'bad-input': { products: ['mi', 'apim'], count: 10 },
  // Whoever takes another offset than the database has.
  birth: { products: ['apim'], count: 4 },
  boot: mi(),
  'both-ways': { products: ['mi', 'apim', 'is', 'analytics', 'si'], count: 4 },
  // A store that is counted from an offset of 77, which the environment gives.
  carbon5: { products: ['analytics', 'si'], count: 6, more: [7070 - 77, 7443 - 77] },
  certificates: mi(),
  'changed-restart': mi(24),
  'changed-restart-ends': mi(12),
  'changed-restart-homes': { products: ['si', 'analytics', 'ei'], count: 4 },
  crowd: { products: ['apim'], count: 24 },
  deploy: mi(),
  detached: mi(),
  'detached-survival': mi(),
  doctor: mi(),
  'dry-run': mi(20),
  exec: mi(),
  'exec-ends': mi(),
  'exec-reuse': mi(),
  'follow-offset': { products: ['mi', 'apim', 'control-plane', 'si'], count: 12 },
  'foreign-text': mi(),
  guard: mi(),
  'guard-lost': mi(),
  'homes-and-names': mi(),
  inspector: mi(),
  'last-words': mi(),
  json: mi(),
  launch: mi(),
  'library-acquire': mi(),
  'library-acquire-ends': mi(),
  'library-docs': { products: ['mi', 'server'], count: 6 },
  'library-launch': { products: ['mi', 'apim', 'analytics'], count: 8 },
  'library-server': mi(),
  'library-versions': mi(),
  logs: mi(),
  'long-run': mi(),
  // The first port of a cluster.
  once: mi(),
  'moving-on': { products: ['is'], count: 4, more: [4000] },
  'not-coming': mi(),
  offset: mi(),
  options: mi(20),
  orphans: mi(),
  ports: { products: ['mi', 'apim'], count: 20, more: [8270, 9181] },
  'ports-lost': { products: ['mi', 'apim'], count: 8 },
  'private-homes': mi(12),
  products: { products: PRODUCT_IDS, count: 14 },
  ps: mi(),
  ready: { products: ['mi', 'apim'], count: 6 },
  'ready-signs': mi(),
  report: mi(),
  restart: mi(),
  'restart-policy': mi(),
  'server-ends': mi(),
  // A debugger's port.
  'server-options': { products: ['mi', 'apim'], count: 10, more: [7900] },
  sharing: mi(),
  shortage: mi(),
  'side-by-side': mi(),
  stop: mi(),
  'stop-command': { products: ['mi', 'apim'], count: 8 },
  supervisor: mi(),
  together: mi(12),
  'unusual-files': mi(),
  wait: mi(),
  'worst-day': { products: ['mi', 'si'], count: 6 },
} as const satisfies Readonly<Record<string, Need>>;

/** Places that something else has given: see each name. A server that is told no offset takes any that is free. */
const GIVEN: Readonly<Record<string, Need & { readonly first: number }>> = {
  'a server that is told no offset': { products: PRODUCT_IDS, first: -5, count: 35 },
  'scripts/stress/faults': { products: ['mi'], first: 2500, count: 8 },
};

/** The ports that the made-up worlds of test/property/choosing take, both included. */
export const MADE_UP_PORTS = { min: 16_700, max: 19_900 } as const;

/** Above are the ports that Linux gives to outgoing connections. */
export const HIGHEST_OF_TESTS = 32_767;

/** Below are those of servers that people have started on this machine. */
const LOWEST_OFFSET = 100;

/** The first of the offsets that a test file has for itself. */
export function minOffsetOf(file: keyof typeof NEEDS): number {
  return BLOCKS.find(({ name }) => name === file)?.first as number;
}

/** All the blocks, in no order. */
export const BLOCKS: readonly Block[] = placed();

/** Each need at the smallest offset at which none of its ports is one of another's, the widest first. */
function placed(): Block[] {
  const blocks = Object.entries(GIVEN).map(([name, need]) => blockAt(need.first, runsOf(name, need)));
  const taken = new Set(blocks.flatMap(({ ports }) => [...ports]));
  for (let port = MADE_UP_PORTS.min; port <= MADE_UP_PORTS.max; port++) taken.add(port);
  const width = ({ bases, count }: Runs): number => bases.length * count;
  const needs = Object.entries<Need>(NEEDS).map(([name, need]) => runsOf(name, need));
  for (const runs of needs.sort((one, other) => width(other) - width(one))) {
    const block = blockAt(firstFree(runs, taken), runs);
    for (const port of block.ports) taken.add(port);
    blocks.push(block);
  }
  return blocks;
}

/** The ports of a need at offset 0, from each of which on it has a run of them. */
interface Runs extends Pick<Block, 'name' | 'products' | 'count'> {
  readonly bases: readonly number[];
}

/** What every version and profile of the products opens. */
function runsOf(name: string, { products, count, more = [] }: Need): Runs {
  const ports = products
    .flatMap((product) => factsOf(product).versions)
    .flatMap((row) => [row, ...Object.values(row.carbon5?.profiles ?? {})])
    .flatMap((row) => row.ports.filter(({ fixed }) => fixed !== true));
  return { name, products, count, bases: [...new Set([...ports.flatMap(({ base }) => base ?? []), ...more])] };
}

function firstFree({ bases, count }: Runs, taken: ReadonlySet<number>): number {
  const highest = HIGHEST_OF_TESTS - Math.max(...bases) - count;
  for (let first = LOWEST_OFFSET; first <= highest; ) {
    const step = Math.max(...bases.map((base) => stepsPast(base + first, count, taken)));
    if (step === 0) return first;
    first += step;
  }
  throw new Error('no offsets are left for the tests: let some files ask for fewer');
}

/** How far a run of ports has to move so as to be past the last of them that is taken. */
function stepsPast(lowest: number, count: number, taken: ReadonlySet<number>): number {
  let step = count;
  while (step > 0 && !taken.has(lowest + step - 1)) step--;
  return step;
}

function blockAt(first: number, { name, products, bases, count }: Runs): Block {
  const ports = bases.flatMap((base) => Array.from({ length: count }, (_, index) => base + first + index));
  return { name, products, first, count, ports: new Set(ports) };
}
