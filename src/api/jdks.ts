import { judgeJdks } from './internal/jdks.js';
import { checkHome, checkProduct, FORMS, placeOf } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { Jdk, JdksOptions } from './types.js';

/** Every JDK of this machine, and whether a product runs on it. @throws LaunchError */
export const jdks = async (options: JdksOptions = {}): Promise<Jdk[]> =>
  withPublicErrors(() => {
    const { product, ...place } = checkHome(options, { product: FORMS.text });
    const known = product === undefined ? undefined : checkProduct(product);
    return judgeJdks(placeOf(known, place), new AbortController().signal);
  });
