import { isSecretName, MASK } from '../secrets.js';
import { maskedText } from './text.js';

/** What JSON holds of a value, without what is secret in it. */
export function maskedDocument(value: unknown, known: ReadonlySet<string>, name = ''): unknown {
  if (typeof value === 'string') return isSecretName(name) ? MASK : maskedText(value, known);
  if (Array.isArray(value)) return value.map((item) => maskedDocument(item, known, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskedDocument(inner, known, key)]));
}
