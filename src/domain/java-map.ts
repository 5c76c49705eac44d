/**
 * The order in which Java walks its hash maps and sets: by bucket, and within one as things were put. The products take
 * their configuration through such maps, so that it decides which of two names of one setting holds.
 */

/** java.util.HashMap grows when it is fuller than that. */
const LOAD = 0.75;
const FIRST_CAPACITY = 16;

/** Items in the order of a set to which they were added one by one. */
export const inSetOrder = <T>(items: readonly T[], hashOf: (item: T) => number): T[] =>
  inBuckets(items, hashOf, grown(FIRST_CAPACITY, items.length));

/** A map of texts that is filled all at once, and may then be emptied and filled anew. */
export class JavaMap {
  #capacity = 0;

  /** @param isSince19 whether the map is one of JDK 19 or later, which are made smaller */
  constructor(private readonly isSince19: boolean) {}

  /** Replaces the keys, and returns them in the map's order. */
  fill(keys: readonly string[]): string[] {
    // HashMap.putMapEntries. Before JDK 19 an empty map was made for one more than it needs.
    const needed = this.isSince19 ? Math.ceil(keys.length / LOAD) : Math.floor(keys.length / LOAD) + 1;
    this.#capacity = grown(this.#capacity || powerOfTwo(Math.max(needed, 1)), keys.length);
    return inBuckets(keys, textHash, this.#capacity);
  }

  /** Puts more keys to the ones that fill it, one by one, and returns all in the map's order. */
  add(keys: readonly string[], more: readonly string[]): string[] {
    this.#capacity = grown(this.#capacity, keys.length + more.length);
    return inBuckets([...keys, ...more], textHash, this.#capacity);
  }
}

const powerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(least));

function grown(capacity: number, count: number): number {
  return count > capacity * LOAD ? grown(capacity * 2, count) : capacity;
}

function inBuckets<T>(items: readonly T[], hashOf: (item: T) => number, capacity: number): T[] {
  // HashMap.hash: the upper half of a hash counts as well.
  const bucketOf = (hash: number): number => (hash ^ (hash >>> 16)) & (capacity - 1);
  return items
    .map((item) => ({ item, bucket: bucketOf(hashOf(item)) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ item }) => item);
}

/** String.hashCode */
export function textHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  return hash;
}

/** List.hashCode of texts */
export const listHash = (texts: readonly string[]): number =>
  texts.reduce((hash, text) => (Math.imul(31, hash) + textHash(text)) | 0, 1);
