/** The end of a server that is a job, and ends by itself. */
export interface JobEnd {
  /** The exit code of its JVM, as far as it can be known. */
  readonly code: number;
  /** How the code is known, in words for people. */
  readonly by: string;
}
