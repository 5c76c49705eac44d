import { isSecretForm, isSecretName, MASK } from '../secrets.js';
import { isNameLike, maskedText } from './text.js';

/** A configuration without its secrets, and the secrets: they may stand in a log as well. */
export interface MaskedConfiguration {
  readonly text: string;
  readonly secrets: ReadonlySet<string>;
}

/** Collects the secrets of a configuration while its values are masked. */
export class SettingMask {
  readonly secrets = new Set<string>();

  /**
   * A value as it may be shown.
   * @param path of its setting: the names of what it lies in, and its own
   */
  shown(path: readonly string[], value: string): string {
    if (!isSecretSetting(path, value)) return maskedText(value);
    if (isKnownBy(path, value)) this.secrets.add(value);
    return MASK;
  }
}

function isSecretSetting(path: readonly string[], value: string): boolean {
  if (/^(?:true|false)$/i.test(value)) return false;
  if (path.some(holdsSecrets) || isSecretForm(value)) return true;
  // Of numbers, how long a token lives and the like.
  return isSecretName(path.at(-1) ?? '') && !/^-?\d+$/.test(value);
}

/** Whether a secret is to be looked for elsewhere: a key or a token is often but the name of one. */
function isKnownBy(path: readonly string[], value: string): boolean {
  if (REFERENCE.test(value)) return false;
  if (/^(?:key|token)s?$/i.test(lastWord(path.at(-1) ?? ''))) return value.length >= 12 && !isNameLike(value);
  return path.some(holdsSecrets);
}

const holdsSecrets = (name: string): boolean => isSecretName(lastWord(name));

/** The word that says what a name is of: whatever lies in `passwords` is secret, and not in `token_validation`. */
const lastWord = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1.$2')
    .split(/[^A-Za-z\d]+/)
    .at(-1) ?? '';

/** A value that only says where the secret is. */
const REFERENCE = /^\$\w*\{[^}]*\}$/;

/** The settings by which a list of them says what each is called: `name = "password"`, with its `value` beside it. */
export const NAMING = /^(?:name|key|id)$/i;
/** The settings beside them that hold what is called so. */
export const NAMED = /^(?:value|text|content)$/i;
