import { closest, distance } from 'fastest-levenshtein';

/** ` Did you mean apim?`, for whoever mistyped one of these; empty where none is near. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const typed = word.toLowerCase();
  const lower = candidates.map((candidate) => candidate.toLowerCase());
  const best = closest(typed, lower);
  const isNear = distance(typed, best) <= Math.max(2, Math.floor(best.length / 3));
  return isNear && shareCharacter(typed, best) ? ` Did you mean ${candidates[lower.indexOf(best)]}?` : '';
}

/** Whether anything of what was typed is left: of a word of two characters, two mistakes leave none. */
const shareCharacter = (typed: string, best: string): boolean =>
  [...typed].some((character) => /[a-z\d]/.test(character) && best.includes(character));
