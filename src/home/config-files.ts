import { LaunchError } from '../domain/failure.js';
import type { System } from '../system/index.js';
import { rethrowShortage } from '../system/shortage.js';

/** The folder of a home with the rules and templates that its configuration is made by. */
export const RULES_FOLDER = 'repository/resources/conf';

export type Reading = Pick<System, 'files' | 'env'>;

const MEND = 'The server would not start with it; mend the file or its access rights.';

/**
 * The form in which a file is read: `utf-8` without the byte order mark that may stand at its beginning, `marked` with
 * it, both refused where they are none; `any`, of which all that matters to us is the same (XML, Java properties);
 * `exact`, of which a server reads whatever is no UTF-8 as a mark for that, see {@link decodeExact}.
 */
export type Encoding = 'utf-8' | 'marked' | 'any' | 'exact';

/**
 * The text of a file that the server must be able to read; undefined where it is missing.
 * @param hint what to do where it can't be read
 * @throws LaunchError `unusable-configuration`
 */
export function readConfigured(
  path: string,
  { files }: Pick<Reading, 'files'>,
  encoding: Encoding = 'utf-8',
  hint = MEND,
): string | undefined {
  try {
    if (encoding === 'any') return files.readText(path);
    if (encoding === 'utf-8') return files.readUtf8(path);
    const text = files.readExact(path);
    if (encoding === 'marked' && text !== undefined && /\p{Cs}/u.test(text)) throw new TypeError('a stray byte');
    return text;
  } catch (error) {
    rethrowShortage(error);
    throw new LaunchError(
      {
        kind: 'unusable-configuration',
        what: `${path} can't be read: ${error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message}.`,
        hint,
      },
      [],
      { cause: error },
    );
  }
}

/** The text of a file; undefined where it is missing, and where it can't be read. */
export function readIfPossible(path: string, { files }: Pick<Reading, 'files'>): string | undefined {
  try {
    return files.readText(path);
  } catch (error) {
    rethrowShortage(error);
    return undefined;
  }
}
