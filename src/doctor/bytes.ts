export const MEBIBYTE = 2 ** 20;

/** Whole mebibytes, rounded down: `255 MiB`. */
export const inMebibytes = (bytes: number): string => `${Math.floor(bytes / MEBIBYTE)} MiB`;
