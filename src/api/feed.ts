/** Tells the same to all who listen, each at its own pace. */
export class Feed<T> {
  readonly #listeners = new Set<Queue<T>>();
  #isOver = false;

  tell(value: T): void {
    for (const queue of this.#listeners) queue.push(value);
  }

  /** Nothing more comes. */
  end(): void {
    this.#isOver = true;
    for (const queue of this.#listeners) queue.end();
    this.#listeners.clear();
  }

  /** The values told from now on, until the end or until the listener has heard enough. */
  listen(): AsyncIterableIterator<T> {
    const queue: Queue<T> = new Queue(() => this.#listeners.delete(queue));
    if (this.#isOver) queue.end();
    else this.#listeners.add(queue);
    return queue;
  }
}

class Queue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  #waiting: ((result: IteratorResult<T>) => void)[] = [];
  #isOver = false;

  constructor(private readonly leave: () => void) {}

  push(value: T): void {
    const take = this.#waiting.shift();
    if (take) take({ done: false, value });
    else this.#values.push(value);
  }

  end(): void {
    this.#isOver = true;
    for (const take of this.#waiting.splice(0)) take({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) return Promise.resolve({ done: false, value: this.#values.shift() as T });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.leave();
    this.#values.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
