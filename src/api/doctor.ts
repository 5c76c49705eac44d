import { mention } from '../domain/text.js';
import { SCHEMA_VERSION } from './events.js';
import { examineHome } from './internal/doctor.js';
import { checkHome, checkProduct, FORMS, jdkOf, placeOf } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { DoctorOptions, DoctorReport } from './types.js';
import { inLibrary } from './wording.js';

const JDK_FORMS = { java: FORMS.count, javaHome: FORMS.text };

/** Looks for whatever would go wrong with a launch of a home; nothing is started or changed. @throws LaunchError */
export const doctor = async (options: DoctorOptions = {}): Promise<DoctorReport> =>
  withPublicErrors(async () => {
    const given = checkHome(options, { product: FORMS.text, offset: FORMS.integer, ...JDK_FORMS });
    const { product, offset } = given;
    const request = {
      ...placeOf(product === undefined ? undefined : checkProduct(product), given),
      ...jdkOf(given),
      ...(offset !== undefined && { offset: { value: offset, by: mention.option('offset') } }),
    };
    return { schemaVersion: SCHEMA_VERSION, ...(await examineHome(request, inLibrary)) };
  });
