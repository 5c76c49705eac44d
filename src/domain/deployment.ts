import type { DeploymentWords } from './facts.js';

export type DeploymentAction = 'deploy' | 'undeploy';

/** An artifact that a server's log is to say something of. */
export interface AwaitedArtifact {
  /** The name of its file. */
  readonly file: string;
  /** The server's own names for what it holds; none where they can't be told. */
  readonly names: readonly string[];
  readonly words: DeploymentWords;
}

/** The server's word about an artifact. */
export type DeploymentVerdict =
  | { readonly kind: 'done' }
  /** The server's lines about it, the oldest first. */
  | { readonly kind: 'faulty'; readonly lines: readonly string[] };

/** The rounds in which a server looks for files come each 15 s: CK and MI carbon.xml, DeploymentUpdateInterval. */
const ROUND_MS = 15_000;
/** After so long without a word, one has been made whole at the least. */
export const SILENCE_MS = 2 * ROUND_MS + 5_000;

/** The order in which files are changed: all at once, but for those that have to be alone in a round of the server's. */
export function batchesOf<File>(
  files: readonly File[],
  isAlone: (file: File) => boolean,
): readonly (readonly File[])[] {
  const together = files.filter((file) => !isAlone(file));
  return [...(together.length > 0 ? [together] : []), ...files.filter(isAlone).map((file) => [file])];
}

const MOST_LINES = 12;
const COMPLAINT = /(?:^|[\s\]])(?:WARN|ERROR|FATAL|SEVERE)\b/;
const CAUSE = 'Caused by: ';

/** Judges a server's log by what it says of some artifacts. */
export class DeploymentLog {
  readonly #pending: Map<AwaitedArtifact, Expectation>;
  readonly #verdicts = new Map<AwaitedArtifact, DeploymentVerdict>();
  #begun: AwaitedArtifact | undefined;
  /** The lines that complain, since the last word about one of them. */
  #complaints: string[] = [];
  #isTold = false;

  constructor(artifacts: readonly AwaitedArtifact[], action: DeploymentAction) {
    this.#pending = new Map(artifacts.map((artifact) => [artifact, new Expectation(artifact, action)]));
  }

  verdictOn = (artifact: AwaitedArtifact): DeploymentVerdict | undefined => this.#verdicts.get(artifact);

  /** @param lines whole records: the causes that follow on a fault belong to it */
  take(lines: readonly string[]): void {
    const faults = new Map<AwaitedArtifact, readonly string[]>();
    for (const line of lines) {
      this.#note(line);
      for (const [artifact, expectation] of this.#pending) {
        if (faults.has(artifact)) continue;
        const said = expectation.judge(line, this.#begun === artifact);
        if (said === 'begun') this.#begun = artifact;
        if (said === 'faulty') faults.set(artifact, this.#complaints);
        if (said === 'done') this.#settle(artifact, { kind: 'done' });
        if (said === 'faulty') this.#isTold = true;
        else if (said) this.#complaints = [];
      }
    }
    for (const [artifact, complaints] of faults)
      this.#settle(artifact, { kind: 'faulty', lines: [...new Set(complaints)].slice(0, MOST_LINES) });
  }

  #note(line: string): void {
    if (COMPLAINT.test(line)) {
      if (this.#isTold) this.#complaints = [];
      this.#isTold = false;
      this.#complaints.push(line);
    } else if (line.startsWith(CAUSE) && this.#complaints.length > 0) this.#complaints.push(line);
  }

  #settle(artifact: AwaitedArtifact, verdict: DeploymentVerdict): void {
    this.#verdicts.set(artifact, verdict);
    this.#pending.delete(artifact);
    if (this.#begun === artifact) this.#begun = undefined;
  }
}

/** What the lines about one artifact look like. */
class Expectation {
  /** By each name that is still to be told. */
  readonly #done: Map<string, readonly RegExp[]>;
  readonly #faulty: readonly RegExp[];
  readonly #begins: RegExp | undefined;
  readonly #faultyOnceBegun: RegExp | undefined;

  constructor({ file, names, words }: AwaitedArtifact, action: DeploymentAction) {
    const { begun } = words;
    const any = names.length > 0 ? names.map(escaped).join('|') : ANY_NAME;
    const compile = (pattern: string, name: string): RegExp =>
      new RegExp(
        pattern.replaceAll('{file}', escaped(file) + END_OF_NAME).replaceAll('{name}', `(?:${name})${END_OF_NAME}`),
      );
    const done = action === 'deploy' ? words.deployed : words.undeployed;
    this.#done = new Map(
      (names.length > 0 ? names.map(escaped) : [ANY_NAME]).map((name) => [
        name,
        done.map((pattern) => compile(pattern, name)),
      ]),
    );
    this.#faulty = words.faulty.map((pattern) => compile(pattern, any));
    this.#begins = begun && compile(begun.by, any);
    this.#faultyOnceBegun = begun && compile(begun.faulty, any);
  }

  judge(line: string, isBegun: boolean): 'begun' | 'faulty' | 'done' | undefined {
    const matches = (pattern: RegExp): boolean => pattern.test(line);
    if (this.#begins?.test(line)) return 'begun';
    if (this.#faulty.some(matches) || (isBegun && this.#faultyOnceBegun?.test(line))) return 'faulty';
    for (const [name, patterns] of this.#done) {
      if (!patterns.some(matches)) continue;
      this.#done.delete(name);
      // A pattern may be by the file: then all of its names are told at once.
      for (const [other, others] of this.#done) if (others.some(matches)) this.#done.delete(other);
      return this.#done.size === 0 ? 'done' : undefined;
    }
    return undefined;
  }
}

const ANY_NAME = "[^\\s{}']+";
/** A full stop, or three, may follow a name. */
const END_OF_NAME = '(?![\\w-]|\\.\\w)';

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
