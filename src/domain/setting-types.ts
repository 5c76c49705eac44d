/** What is compared: the value that is given to a key, and the one that is there. */
export interface TypedSetting {
  readonly by: string;
  /** Dotted. */
  readonly key: string;
  readonly before: unknown;
  readonly value: unknown;
  readonly file: string;
}

/** The warning of a value of another type than the one that is there; of a text, which may be anything, only for a list. */
export function typeDoubt({ by, key, before, value, file }: TypedSetting): string[] {
  const [was, is] = [typeOf(before), typeOf(value)];
  if (was === undefined || is === undefined || was === is || (was === 'a text' && is !== 'a list')) return [];
  return [`${by} gives ${key} ${is}, and ${file} has ${was} there: the server may refuse it.`];
}

/** Undefined for what may stand for anything: nothing, and a reference. */
function typeOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return 'a list';
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  const text = String(value);
  if (text === '' || /\$\w*\{/.test(text)) return undefined;
  if (/^(?:true|false)$/i.test(text)) return 'true or false';
  return /^[-+]?\d[\d_]*(?:\.\d+)?$/.test(text) ? 'a number' : 'a text';
}
