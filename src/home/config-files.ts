import { LaunchError } from '../domain/failure.js';
import type { System } from '../system/index.js';
import { rethrowShortage } from '../system/shortage.js';

/** The folder of a home with the rules and templates that its configuration is made by. */
export const RULES_FOLDER = 'repository/resources/conf';

export type Reading = Pick<System, 'files' | 'env'>;

const MEND = 'The server would not start with it; mend the file or its access rights.';

/**
 * The text of a file that the server must be able to read; undefined where it is missing.
 * @param encoding XML and Java properties may have another encoding, in which all that matters to us is the same;
 *   `exact` is UTF-8 with the byte order mark that may stand at its beginning
 * @param hint what to do where it can't be read
 * @throws LaunchError `unusable-configuration`
 */
export function readConfigured(
  path: string,
  { files }: Pick<Reading, 'files'>,
  encoding: 'utf-8' | 'any' | 'exact' = 'utf-8',
  hint = MEND,
): string | undefined {
  try {
    if (encoding === 'any') return files.readText(path);
    return encoding === 'exact' ? files.readExact(path) : files.readUtf8(path);
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
