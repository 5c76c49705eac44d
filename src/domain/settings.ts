import { type AST, parseTOML } from 'toml-eslint-parser';
import type { PortFact, ProductFacts } from './catalogue.js';
import { LaunchError } from './failure.js';
import { parseInteger } from './numbers.js';
import { type EffectivePort, HIGHEST_PORT, type PortOverride } from './ports.js';

/** One leaf of deployment.toml: `transport.https.properties.port`, with the line it stands on. */
export interface Leaf {
  /** Dotted; a quoted part keeps single quotes: `synapse_properties.'internal.http.api.port'`. */
  readonly key: string;
  readonly value: unknown;
  readonly line: number;
}

/** What a launch uses of a deployment.toml. */
export interface Settings {
  /** `[server] offset`, and where it stands. */
  readonly offset?: { readonly value: number; readonly source: string };
  /** Bases that the file sets, by port name. */
  readonly overrides: ReadonlyMap<string, PortOverride>;
  /** Values that hold a URL with a literal port of the product. */
  readonly urls: readonly LiteralUrl[];
}

/** A URL with a port written out: it stays where it is when the offset moves the port. */
export interface LiteralUrl {
  readonly key: string;
  readonly value: string;
  /** `deployment.toml:66` */
  readonly source: string;
  readonly port: string;
}

export const NO_SETTINGS: Settings = { overrides: new Map(), urls: [] };

/**
 * Reads a deployment.toml.
 *
 * @param file its name for messages and sources
 * @throws LaunchError `unusable-configuration` where the file is malformed or holds no usable number
 */
export function readSettings(
  text: string,
  file: string,
  facts: Pick<ProductFacts, 'urlKeys'> & { readonly ports: readonly PortFact[] },
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  const leaves = flatten(text, file);
  const byKey = new Map(leaves.map((leaf) => [leaf.key, leaf]));
  const number = (leaf: Leaf, what: string): number => integerOf(leaf, what, file, env);

  const offset = byKey.get('server.offset');
  const overrides = facts.ports.flatMap((port) => {
    const leaf = port.keys?.map((key) => byKey.get(key)).find((found) => found !== undefined);
    if (!leaf) return [];
    const base = number(leaf, `the base port of ${port.name}`);
    if (base < 1 || base > HIGHEST_PORT) throw badPort(leaf, port, file);
    return [[port.name, { base, source: `${file}:${leaf.line}` }] as const];
  });
  return {
    ...(offset && { offset: { value: number(offset, 'the offset'), source: `${file}:${offset.line}` } }),
    overrides: new Map(overrides),
    urls: leaves.flatMap((leaf) => literalUrl(leaf, file, facts.urlKeys)),
  };
}

/** The leaves of a TOML text, in its order. @throws LaunchError `unusable-configuration` */
export function flatten(text: string, file: string): Leaf[] {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text, { tomlVersion: '1.0.0' });
  } catch (error) {
    throw malformed(error, file);
  }
  return program.body[0].body.flatMap((node) =>
    node.type === 'TOMLTable'
      ? node.body.flatMap((pair) =>
          leavesOf(
            pair,
            node.resolvedKey.filter((part) => typeof part === 'string'),
          ),
        )
      : leavesOf(node, []),
  );
}

function leavesOf({ key, value }: AST.TOMLKeyValue, table: readonly string[]): Leaf[] {
  const path = [...table, ...key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))];
  if (value.type === 'TOMLInlineTable') return value.body.flatMap((pair) => leavesOf(pair, path));
  const leaf: Leaf = {
    key: path.map(quotePart).join('.'),
    value: value.type === 'TOMLValue' ? plain(value.value) : undefined,
    line: value.loc.start.line,
  };
  return [leaf];
}

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

// The products' own flattening keeps the quotes of a part that had to be quoted.
const quotePart = (part: string): string => (/^[A-Za-z0-9_-]+$/.test(part) ? part : `'${part}'`);

function malformed(error: unknown, file: string): LaunchError {
  const { message, lineNumber, column } = error as { message: string; lineNumber?: number; column?: number };
  const place = lineNumber === undefined ? '' : `, line ${lineNumber}, column ${(column ?? 0) + 1}`;
  return new LaunchError(
    {
      kind: 'unusable-configuration',
      what: `${file}${place} is not valid TOML: ${message.replace(/\.$/, '')}.`,
      hint: 'The server would end with this file; mend that line.',
    },
    [],
    { cause: error },
  );
}

/** An integer, also as text, also `$env{NAME}`: the products accept all three. */
function integerOf(leaf: Leaf, what: string, file: string, env: Readonly<Record<string, string | undefined>>): number {
  const variable = typeof leaf.value === 'string' ? /^\$env\{([^}]*)\}$/.exec(leaf.value)?.[1] : undefined;
  const value = variable === undefined ? leaf.value : env[variable];
  if (variable !== undefined && value === undefined) {
    throw unusable(leaf, file, `${what} refers to the environment variable ${variable}, which is not set`);
  }
  const integer = typeof value === 'string' ? parseInteger(value.trim()) : value;
  if (typeof integer !== 'number' || !Number.isSafeInteger(integer)) {
    throw unusable(leaf, file, `${what} is ${value === undefined ? 'a list' : JSON.stringify(value)}, not an integer`);
  }
  return integer;
}

const badPort = (leaf: Leaf, port: PortFact, file: string): LaunchError =>
  unusable(
    leaf,
    file,
    `the base port of ${port.name} is ${String(leaf.value)}, not a number from 1 to ${HIGHEST_PORT}`,
  );

const unusable = (leaf: Leaf, file: string, what: string): LaunchError =>
  new LaunchError({
    kind: 'unusable-configuration',
    what: `${file}, line ${leaf.line} (${leaf.key}): ${what}.`,
    hint: 'The server would not start as configured; mend that line.',
  });

function literalUrl(leaf: Leaf, file: string, urlKeys: Readonly<Record<string, string>>): LiteralUrl[] {
  const name = leaf.key.slice(leaf.key.lastIndexOf('.') + 1);
  const port = Object.hasOwn(urlKeys, name) ? urlKeys[name] : undefined;
  if (port === undefined || typeof leaf.value !== 'string' || !URL_PORT.test(leaf.value)) return [];
  return [{ key: leaf.key, value: leaf.value, source: `${file}:${leaf.line}`, port }];
}

const URL_PORT = /^(\w+:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):)(\d{1,5})(?=\/|$)/;

/** A URL of the configuration that the offset leaves behind, and what it should say. */
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
