import { factsOf, PRODUCT_IDS } from './catalogue.js';
import type { Edit } from './edits.js';
import type { ProductFacts, UrlMeaning } from './facts.js';
import type { EffectivePort } from './ports.js';
import { shownValue } from './secrets.js';
import type { PlainString } from './toml.js';

/** A URL of the configuration with a port written out: it stays where it is when an offset moves the port. */
export interface LiteralUrl {
  readonly key: string;
  readonly value: string;
  /** `deployment.toml:66` */
  readonly source: string;
  readonly meaning: UrlMeaning;
  /** The port as it is written, and where in the file that stands. */
  readonly port: string;
  readonly start: number;
}

const URL_PORT = /^(\w+:\/\/([^/:@?#[\]]+|\[::1\]):)(\d{1,5})(?=\/|$)/;
const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

/** The URLs that name this machine, under a key that is known to hold one. */
export function literalUrls(
  strings: readonly PlainString[],
  file: string,
  urlKeys: Readonly<Record<string, UrlMeaning>>,
): LiteralUrl[] {
  const ownName = strings.find(({ key }) => key === 'server.hostname')?.text;
  return strings.flatMap(({ key, text, line, start }) => {
    const meaning = Object.hasOwn(urlKeys, key) ? urlKeys[key] : undefined;
    const [, before = '', host = '', port = ''] = URL_PORT.exec(text) ?? [];
    if (meaning === undefined || !(THIS_MACHINE.includes(host) || (host !== '' && host === ownName))) return [];
    return [{ key, value: text, source: `${file}:${line}`, meaning, port, start: start + before.length }];
  });
}

/** Another server that runs, whose ports a URL may mean. */
export interface OtherServer {
  readonly name: string;
  readonly product: string;
  readonly ports: readonly EffectivePort[];
}

/** A URL that an offset leaves behind, and the port that it should name. */
export interface StaleUrl extends LiteralUrl {
  readonly shouldBe: number;
}

/**
 * The URLs that name a port's base where the server that they mean listens elsewhere.
 * A URL with any other port was written on purpose and is left alone, and so is one that may mean several servers.
 */
export function staleUrls(
  urls: readonly LiteralUrl[],
  ports: readonly EffectivePort[],
  live: readonly OtherServer[],
): StaleUrl[] {
  return urls.flatMap((url) => {
    const meant = url.meaning.of === undefined ? ports : onlyOne(candidates(url.meaning.of, live))?.ports;
    const port = meant?.find(({ name }) => name === url.meaning.port);
    if (!port || Number(url.port) !== port.base || port.number === port.base) return [];
    return [{ ...url, shouldBe: port.number }];
  });
}

const onlyOne = <T>([first, ...others]: readonly T[]): T | undefined => (others.length === 0 ? first : undefined);

/** The servers of the likeliest kind that runs at all. */
const candidates = (kinds: NonNullable<UrlMeaning['of']>, live: readonly OtherServer[]): readonly OtherServer[] =>
  kinds.map((products) => live.filter(({ product }) => products.includes(product))).find(({ length }) => length > 0) ??
  [];

/** Why URLs that mean other servers, and may be stale, are left as they are: a sentence for each reason. */
export function undecided(urls: readonly LiteralUrl[], live: readonly OtherServer[]): string[] {
  const urlsBy = new Map<string, LiteralUrl[]>();
  for (const url of urls) {
    const reason = whyUndecided(url, live);
    if (reason !== undefined) urlsBy.set(reason, [...(urlsBy.get(reason) ?? []), url]);
  }
  return [...urlsBy].map(
    ([reason, found]) =>
      `Left as it is, for ${reason}: ${found.map((url) => `${placeOf(url)}: ${shownValue(url.key, url.value)}`).join('; ')}.`,
  );
}

function whyUndecided(
  { meaning: { of, port }, port: written }: LiteralUrl,
  live: readonly OtherServer[],
): string | undefined {
  const products = PRODUCT_IDS.filter((id) => of?.flat().includes(id)).map(factsOf);
  const isShipped = ({ versions }: ProductFacts): boolean =>
    versions[0].ports.some(({ name, base }) => name === port && base === Number(written));
  if (of === undefined || !products.some(isShipped)) return undefined;
  const found = candidates(of, live);
  if (found.length === 0) return `no ${products.map(({ title }) => title).join(' or ')} of ours runs`;
  return found.length === 1
    ? undefined
    : `several run that it could mean (${found.map(({ name }) => name).join(', ')})`;
}

const placeOf = ({ source, key }: LiteralUrl): string => `${source} ${key.slice(key.lastIndexOf('.') + 1)}`;

/** `deployment.toml:45 ws_endpoint: ws://localhost:9099 → ws://localhost:9100` */
export const changeText = (url: StaleUrl): string =>
  `${placeOf(url)}: ${shownValue(url.key, url.value)} → ${shownValue(url.key, followingUrl(url))}`;

/** The URL as it should be. */
export const followingUrl = ({ value, shouldBe }: StaleUrl): string => value.replace(URL_PORT, `$1${shouldBe}`);

export const editsOf = (stale: readonly StaleUrl[]): Edit[] =>
  stale.map(({ start, port, shouldBe }) => ({ offset: start, length: port.length, content: String(shouldBe) }));
