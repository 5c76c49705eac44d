import { type CommandMention, mention, type OptionMention } from '../domain/text.js';
import type { Patient } from './patient.js';

/** The home that is looked at, for commands to copy. */
export interface Subject {
  readonly id: string;
  readonly home: string;
  /** The name that was asked for; absent: the default profile. */
  readonly profile?: string;
}

export const subjectOf = ({ located, request }: Patient): Subject => ({
  id: located.id,
  home: located.home,
  ...(request.profile && { profile: request.profile.name }),
});

/** The command that launches the home with these options. */
export const launchOf = ({ id, home, profile }: Subject, ...options: readonly OptionMention[]): CommandMention =>
  mention.command('launch', {
    words: [id],
    options: [
      mention.option('home', home),
      ...(profile === undefined ? [] : [mention.option('profile', profile)]),
      ...options,
    ],
  });
