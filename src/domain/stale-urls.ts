import type { EffectivePort } from './ports.js';
import type { Leaf } from './toml.js';

/** A URL of the configuration with a port written out: it stays where it is when the offset moves the port. */
export interface LiteralUrl {
  readonly key: string;
  readonly value: string;
  /** `deployment.toml:66` */
  readonly source: string;
  /** The name of the port that it means. */
  readonly port: string;
}

const URL_PORT = /^(\w+:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):)(\d{1,5})(?=\/|$)/;

/** @param urlKeys the last part of a key → the port that a URL there means */
export function literalUrls(
  leaves: readonly Leaf[],
  file: string,
  urlKeys: Readonly<Record<string, string>>,
): LiteralUrl[] {
  return leaves.flatMap(({ key, value, line }) => {
    const name = key.slice(key.lastIndexOf('.') + 1);
    const port = Object.hasOwn(urlKeys, name) ? urlKeys[name] : undefined;
    if (port === undefined || typeof value !== 'string' || !URL_PORT.test(value)) return [];
    return [{ key, value, source: `${file}:${line}`, port }];
  });
}

/** A URL that the offset leaves behind, and what it should say. */
export interface StaleUrl extends LiteralUrl {
  readonly shouldBe: string;
}

/**
 * The URLs that name this machine and a port's base where the server listens elsewhere.
 * A URL with any other port was written on purpose and is left alone.
 */
export function staleUrls(urls: readonly LiteralUrl[], ports: readonly EffectivePort[]): StaleUrl[] {
  return urls.flatMap((url) => {
    const port = ports.find((candidate) => candidate.name === url.port);
    const literal = Number(URL_PORT.exec(url.value)?.[2]);
    if (!port || literal !== port.base || port.number === port.base) return [];
    return [{ ...url, shouldBe: url.value.replace(URL_PORT, `$1${port.number}`) }];
  });
}
