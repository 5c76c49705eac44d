import { type Follower, followFile } from '../../system/follow.js';

/** Copies what a server writes to its log, at the pace of whoever takes it. */
export class LogCopy {
  readonly #followers = new Set<Follower>();

  /**
   * @param take gets a buffer that is used again once its promise resolves: to false where nobody reads any more
   * @param follow what {@link followFile} is told
   */
  constructor(
    private readonly take: (block: Buffer) => Promise<boolean>,
    private readonly options: Parameters<typeof followFile>[3] = {},
  ) {}

  /** Copies a log from its beginning; the one that was followed before has ended. */
  follow(logFile: string): void {
    for (const before of this.#followers) void before.caughtUp(Number.POSITIVE_INFINITY).then(() => this.#end(before));
    const take = async (block: Buffer): Promise<void> => {
      if (!(await this.take(block))) follower.close();
    };
    const follower = followFile(logFile, 0, take, this.options);
    this.#followers.add(follower);
  }

  /** Resolves once all of it is handed over, or nothing was taken for `patienceMs`. */
  async caughtUp(patienceMs: number): Promise<void> {
    await Promise.all([...this.#followers].map((follower) => follower.caughtUp(patienceMs)));
  }

  close(): void {
    for (const follower of this.#followers) this.#end(follower);
  }

  #end(follower: Follower): void {
    follower.close();
    this.#followers.delete(follower);
  }
}
