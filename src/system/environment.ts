import { withUpperCaseNames } from './windows/environment.js';

/** The variables of this process. On Windows, where case does not matter, they are read by names in capitals. */
export const environment: Readonly<Record<string, string | undefined>> =
  process.platform === 'win32' ? withUpperCaseNames(process.env) : process.env;
