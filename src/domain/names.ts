/** Whether a text may name an instance. Files are named by it. */
export const isInstanceName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text);

/**
 * Whether a text is the id of a lease: a pid, a time and a random number, or a UUID, as the earliest launchers had it.
 * Files and sockets are named by it.
 */
export const isLeaseId = (text: string): boolean =>
  /^(\d{1,10}-[0-9a-z]{1,16}-[0-9a-z]{0,32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(text);
