import { describeFailure, type LaunchError } from '../domain/failure.js';
import type { Text, Wording } from '../domain/text.js';

export type Level = 'error' | 'warning' | 'ok';

/** One thing that would go wrong, or that was looked at and is well. */
export interface Finding<Id extends string = string> {
  readonly id: Id;
  /** `error`: a launch would fail or do harm; `warning`: it would run, with a surprise. */
  readonly level: Level;
  readonly what: Text;
  readonly why: string;
  /** The next step; null where nothing is to be done. */
  readonly mend: Text | null;
}

/** A finding in a front end's words. */
export interface WordedFinding<Id extends string = string> extends Finding<Id> {
  readonly what: string;
  readonly mend: string | null;
}

export const wordFinding = <Id extends string>(finding: Finding<Id>, wording: Wording): WordedFinding<Id> => ({
  ...finding,
  what: wording(finding.what),
  mend: finding.mend === null ? null : wording(finding.mend),
});

/**
 * The makers of one kind of finding.
 * @param id interface: scripts go by it
 * @param why the reason why it matters, for findings that name none of their own
 */
export function kind<const Id extends string>(id: Id, why: string) {
  const at =
    (level: Level) =>
    (what: Text, mend: Text | null, reason = why): Finding<Id> => ({ id, level, what, why: reason, mend });
  const [error, warning, ok] = [at('error'), at('warning'), at('ok')];
  const fine = (what: string): Finding<Id> => ok(what, null);
  return {
    error,
    warning,
    fine,
    /** The error that a launch would end with, in its own words. */
    failed({ failure }: LaunchError): Finding<Id> {
      const { message, hint } = describeFailure(failure);
      return error(message, hint);
    },
    /** A warning for each text; `well` where there is none. */
    each: (texts: readonly Text[], well: string, mend: Text): Finding<Id>[] =>
      texts.length === 0 ? [fine(well)] : texts.map((text) => warning(text, mend)),
  };
}

export type Kind<Id extends string> = ReturnType<typeof kind<Id>>;

const UNCHECKED = kind('unchecked', 'What was not looked at may be well or not.');

/** A check that could not be made. */
export const unchecked = (about: string, reason: string, mend = 'Look at it yourself.'): Finding<'unchecked'> =>
  UNCHECKED.warning(`Not checked: ${about}. ${reason.replace(/\.?$/, '.')}`, mend);

/** A check that could not be made for want of a usable configuration. */
export const withoutConfiguration = (about: string): Finding<'unchecked'> =>
  unchecked(about, 'The configuration is unusable', 'Mend the configuration, and look again.');

export const hasErrors = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === 'error');
