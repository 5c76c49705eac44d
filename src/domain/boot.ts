import type { BootFacts, BootPhase } from './facts.js';

/** The words for the phases of a boot, in the order in which a server goes through them. */
export const PHASE_WORDS: Readonly<Record<BootPhase, string>> = {
  jvm: 'JVM',
  bundles: 'OSGi bundles',
  artifacts: 'artifacts',
  listeners: 'listeners',
};

const ORDER = Object.keys(PHASE_WORDS) as readonly BootPhase[];

/** The later one of two phases: the lines of one may still come after the first of the next. */
export const laterPhase = (one: BootPhase, other: BootPhase): BootPhase =>
  ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one;

/** The phase that a text of a log begins, the last one where it begins several; undefined where it begins none. */
export const phaseBegunBy = (text: string, { phases }: BootFacts): BootPhase | undefined =>
  phases
    .filter((fact) => text.includes(fact.text))
    .map(({ phase }) => phase)
    .reduce<BootPhase | undefined>((last, phase) => (last ? laterPhase(last, phase) : phase), undefined);

/** A line of a log, and when it was written, in milliseconds since 1970; undefined: with the line above it. */
export interface DatedLine {
  readonly text: string;
  readonly atMs: number | undefined;
}

/** Where the time of a boot went. JSON holds it. */
export interface BootReport {
  readonly durationMs: number;
  /** In their order; without those that the log does not tell. */
  readonly phases: readonly { readonly phase: BootPhase; readonly durationMs: number }[];
  /** The longest times without a line, the longest first. */
  readonly gaps: readonly BootGap[];
  /** The artifacts that took longest, the slowest first. */
  readonly artifacts: readonly { readonly name: string; readonly durationMs: number }[];
}

export interface BootGap {
  readonly durationMs: number;
  /** The line before it, without time and level. */
  readonly after: string;
}

const MOST_GAPS = 3;
const MOST_ARTIFACTS = 5;
/** A shorter time explains nothing. */
const LEAST_MS = 200;
/** The log's times end with the millisecond, and its server may be a little late to write. */
const TOLERANCE_MS = 1_000;

/**
 * Where the time between a start and its readiness went, as the lines of its log tell.
 * Undefined where no line was written in that time: the log may go by another clock.
 */
export function bootReport(
  lines: readonly DatedLine[],
  { beganMs, readyMs }: { readonly beganMs: number; readonly readyMs: number },
  facts: BootFacts,
): BootReport | undefined {
  const dated = lines
    .flatMap(({ text, atMs }) => (atMs === undefined ? [] : [{ text, atMs }]))
    .filter(({ atMs }) => atMs >= beganMs - TOLERANCE_MS && atMs <= readyMs + TOLERANCE_MS)
    .sort((one, other) => one.atMs - other.atMs);
  if (dated.length === 0) return undefined;
  return {
    durationMs: readyMs - beganMs,
    phases: phasesOf(dated, { beganMs, readyMs }, facts),
    gaps: slowest(gapsOf(dated, readyMs), MOST_GAPS),
    artifacts: slowest(artifactsOf(dated, facts), MOST_ARTIFACTS),
  };
}

type Dated = DatedLine & { readonly atMs: number };

function phasesOf(
  lines: readonly Dated[],
  { beganMs, readyMs }: { readonly beganMs: number; readonly readyMs: number },
  facts: BootFacts,
): BootReport['phases'] {
  const begun: { phase: BootPhase; atMs: number }[] = [{ phase: 'jvm', atMs: beganMs }];
  for (const { text, atMs } of lines) {
    const before = (begun.at(-1) as { phase: BootPhase }).phase;
    const phase = laterPhase(before, phaseBegunBy(text, facts) ?? before);
    if (phase !== before) begun.push({ phase, atMs });
  }
  return begun.map(({ phase, atMs }, index) => ({
    phase,
    durationMs: Math.max(0, (begun[index + 1]?.atMs ?? readyMs) - atMs),
  }));
}

const gapsOf = (lines: readonly Dated[], readyMs: number): BootGap[] =>
  lines.map(({ text, atMs }, index) => ({
    durationMs: Math.max(0, (lines[index + 1]?.atMs ?? readyMs) - atMs),
    after: messageOf(text),
  }));

/** An artifact has taken the time since the line that says that its deployment begins, else since the line before. */
function artifactsOf(lines: readonly Dated[], { artifacts }: BootFacts): BootReport['artifacts'] {
  const begun = new Map<string, number>();
  return lines.flatMap(({ text, atMs }, index) => {
    const beginning = artifacts.find(({ begins }) => begins?.test(text))?.begins?.exec(text)?.[1];
    if (beginning !== undefined) begun.set(beginning, atMs);
    const name = artifacts.find(({ deployed }) => deployed.test(text))?.deployed.exec(text)?.[1];
    if (name === undefined) return [];
    const sinceMs = [...begun].find(([other]) => other.includes(name) || name.includes(other))?.[1];
    return [{ name, durationMs: atMs - (sinceMs ?? lines[index - 1]?.atMs ?? atMs) }];
  });
}

const slowest = <T extends { readonly durationMs: number }>(all: readonly T[], most: number): T[] =>
  all
    .filter(({ durationMs }) => durationMs >= LEAST_MS)
    .sort((one, other) => other.durationMs - one.durationMs)
    .slice(0, most);

const LONGEST_MESSAGE = 100;

/** A line without time, level and logger's packages. */
function messageOf(line: string): string {
  const said = line
    .replace(/^TID: /, '')
    .replace(/^(?:\[[^\]]*\] *)+/, '')
    .replace(/^[A-Z]+ +\{(?:[\w$-]+\.)*([\w$-]+)\}.*? - +/, '$1: ')
    .trim();
  return said.length > LONGEST_MESSAGE ? `${said.slice(0, LONGEST_MESSAGE)}…` : said;
}

/** The most boots of a home that are remembered. */
const REMEMBERED = 5;

/** The times of a home's last boots, in milliseconds, with one more. */
export const withBoot = (boots: readonly number[] = [], durationMs: number): readonly number[] =>
  [...boots, durationMs].slice(-REMEMBERED);

/** The time that is usual for a home: the one in the middle; undefined where none is known. */
export const usualBootMs = (boots: readonly number[] = []): number | undefined =>
  [...boots].sort((one, other) => one - other)[Math.floor(boots.length / 2)];
