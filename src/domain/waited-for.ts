/** `ready`: as its supervisor says; `healthy`: so, and a look at its ports and its health right now finds nothing. */
export const WAITED_FOR = ['ready', 'healthy', 'down'] as const;

/** The state of an instance that can be waited for. */
export type WaitedFor = (typeof WAITED_FOR)[number];
