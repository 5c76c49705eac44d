import { closest, distance } from 'fastest-levenshtein';

/** ` Did you mean apim?`, for whoever mistyped one of these; empty where none is near. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const best = closest(word, candidates);
  return distance(word, best) <= Math.max(2, Math.floor(best.length / 3)) ? ` Did you mean ${best}?` : '';
}
