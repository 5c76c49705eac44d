/**
 * The rule by which secrets are kept out of what is shown of commands, variables and settings: a value is left out where
 * its name says that it is secret, or where its form does; of a URL and the like, only the part that is. Whatever else
 * is there is shown exactly. README.md states it for users.
 */

export const MASK = '***';

/** A value as it may be shown. @param name of the variable, the property or the setting that has it */
export const shownValue = (name: string, value: string): string =>
  isSecretName(name) || isSecretForm(value) ? MASK : withoutParts(value);

/** A setting as it may be shown; a number is secret by the last part of its key alone. @param key dotted */
export function shownSetting(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => shownSetting(key, one));
  if (typeof value === 'number' || typeof value === 'bigint')
    return isSecretName(key.split('.').at(-1) as string) ? MASK : value;
  return typeof value === 'string' ? shownValue(key, value) : value;
}

/** An argument as it may be shown: `-Dname=value`, or a word. */
export function shownArgument(argument: string): string {
  const cut = argument.indexOf('=');
  if (cut <= 0 || isSecretForm(argument)) return shownValue('', argument);
  return `${argument.slice(0, cut)}=${shownValue(argument.slice(0, cut), argument.slice(cut + 1))}`;
}

/** Arguments as they may be shown: the word behind one like `--password` is masked as well. */
export const maskedArguments = (args: readonly string[]): string[] =>
  args.map((argument, index) => {
    const before = args[index - 1] ?? '';
    const isValue = /^--?[^=]+$/.test(before) && isSecretName(before) && !argument.startsWith('-');
    return isValue ? MASK : shownArgument(argument);
  });

interface ShownCommand {
  readonly args: readonly string[];
  readonly env: { readonly set: Readonly<Record<string, string>> };
}

/** A command as it may be shown, its environment too: there, a value may hold options of a JVM. */
export const maskedCommand = <Command extends ShownCommand>(command: Command): Command => ({
  ...command,
  args: maskedArguments(command.args),
  env: { ...command.env, set: maskedVariables(command.env.set) },
});

const maskedVariables = (set: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(set).map(([name, value]) => [
      name,
      isSecretName(name) ? MASK : value.split(' ').map(shownArgument).join(' '),
    ]),
  );

/** Whether the name of a variable, a property or a setting says that its value is secret. */
export function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1.$2')
    .toLowerCase()
    .split(/[^a-z\d]+/);
  const isSecret = (word: string): boolean =>
    /passwo?r?d|passphrase|passcode|secret|token|credential|apikey|(?:pass|pwd)$/.test(word);
  return words.some(isSecret) || words.at(-1) === 'key';
}

const SECRET_FORMS = [
  /^-----BEGIN /, // PEM
  /^eyJ[\w-]+\.[\w-]+/, // a JWT
  /^(?:bearer|basic)[\s:]/i,
  /^(?:AKIA|ASIA)[A-Z\d]{16}$/, // AWS
  /^(?:gh[opsru]_|github_pat_|glpat-|xox[abeprs]-|sk[_-]|AIza|npm_)[\w-]{10,}$/,
  /^[\da-f]{32,}$/i,
  /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i, // as OAuth tokens of the products are
  /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+][\w+/-]{19,}={0,2}$/, // long, and of all kinds of characters
];

/** Whether a value by itself has the form of a secret. */
export const isSecretForm = (value: string): boolean => SECRET_FORMS.some((form) => form.test(value));

/** A value without the password of a URL, and without what is given like `password=x` within it. */
const withoutParts = (value: string): string =>
  withoutUrlPasswords(value).replaceAll(/([\w.-]+)=([^;&,\s]+)/g, (found, name: string) =>
    isSecretName(name) ? `${name}=${MASK}` : found,
  );

/** A text without the passwords of the URLs in it. */
export const withoutUrlPasswords = (text: string): string =>
  text.replaceAll(/(:\/\/[^/\s:@]*:)[^/\s]*@/g, `$1${MASK}@`);
