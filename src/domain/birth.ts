import type { BirthFacts } from './facts.js';
import { type BasePort, effectivePorts } from './ports.js';
import { mention, mentioning, type Text } from './text.js';
import { urlsOf } from './urls.js';
import { compareVersions, parseVersion } from './version.js';

/** The offset at which a home's database was first started. */
export interface Birth {
  readonly offset: number;
  /** A URL that stands in the database itself, where that is how the offset is known. */
  readonly url?: string;
}

/** A server as far as its database knows it. */
interface Born {
  readonly facts: { readonly birth?: BirthFacts };
  readonly version: string | null;
  readonly ports: readonly BasePort[];
}

/** What is wrong with a start at another offset: it names what was written into the database then. */
export function birthText({ offset, url }: Birth, launched: number, born: Born): string {
  const urls = url === undefined ? urlsThen(offset, born) : [`${url} stands there`];
  const names = urls.length === 0 ? '' : ` (${urls.join(', ')})`;
  return `The database of this home was first started at offset ${offset}, not ${launched}: what was written into it then keeps the ports of then${names}.`;
}

/** The advice on it. */
export const birthAdvice = ({ offset }: Birth): Text => mentioning`${mention.option('sticky')} takes offset ${offset}.`;

/** The warning that a launch at another offset gets. */
export const birthWarning = (birth: Birth, launched: number, born: Born): Text =>
  mentioning`${birthText(birth, launched, born)} ${birthAdvice(birth)}`;

/** The warning of a launch that was to take the offset of then, where nobody can tell it. */
export const unknownBirth = (): Text =>
  mentioning`Nothing tells at which offset the database of this home was first started: ${mention.option('sticky')} changes nothing.`;

/** `console https://localhost:9444/carbon`, as the server had them at that offset. */
function urlsThen(offset: number, { facts: { birth }, version, ports }: Born): string[] {
  const parsed = parseVersion(version ?? '');
  const written = (birth?.urls ?? []).filter(
    ({ since }) => since === undefined || parsed === undefined || compareVersions(parsed, since) >= 0,
  );
  return Object.entries(urlsOf(written, effectivePorts(ports, offset)))
    .filter(([name]) => written.some((fact) => fact.name === name))
    .map(([name, url]) => `${name} ${url}`);
}

/**
 * The offset that the URLs of a database name, each matched by the pattern of the product's facts.
 * Undefined where they name none, or several: nobody then knows which came first.
 */
export function birthIn(matches: readonly string[], { facts: { birth }, ports }: Born): Birth | undefined {
  const base = ports.find(({ name, shifted }) => name === birth?.urls[0]?.port && shifted)?.base;
  if (base === undefined) return undefined;
  const births = matches.flatMap((match): Birth[] => {
    const offset = Number(birth?.written?.exec(match)?.[1]) - base;
    return offset >= 0 ? [{ offset, url: match.replace(/^[^:]*\(/, '') }] : [];
  });
  const [first, ...others] = births;
  return others.every(({ offset }) => offset === first?.offset) ? first : undefined;
}

/** The beginning of a database in H2's own form. */
export interface DatabaseHead {
  /** When it was made, as a number in hexadecimal; each copy has it too. */
  readonly created: string;
  /** Grows with what is written. */
  readonly version: number;
}

/** Reads `H:2,block:3,…,created:194851127bf,format:3,version:2,…`; undefined for a file of another form. */
export function databaseHead(text: string): DatabaseHead | undefined {
  const [, created, version] = /^H:2,.*?\bcreated:([0-9a-f]+),.*?\bversion:([0-9a-f]+)/.exec(text) ?? [];
  return created === undefined ? undefined : { created, version: Number.parseInt(version as string, 16) };
}

/** Whether a database can have become another one by what was written to it: an older state was put in its place else. */
export const isLaterThan = (now: DatabaseHead | undefined, then: DatabaseHead | undefined): boolean =>
  now === undefined || then === undefined || (now.created === then.created && now.version >= then.version);
