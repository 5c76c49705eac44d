import type { GivenNumber } from '../domain/offsets.js';
import { mention } from '../domain/text.js';
import { SCHEMA_VERSION } from './events.js';
import { changeOffset, type OffsetReading, offsetAt, offsetDocument } from './internal/offset.js';
import type { HomePlace } from './internal/request.js';
import { checkForm, checkHome, checkProduct, FORMS, placeOf } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { OffsetChangeOptions, OffsetFile, OffsetOptions, OffsetReport } from './types.js';

/** The offset in a server's own configuration file. */
export const offset: OffsetFile = {
  get: async (options = {}) =>
    withPublicErrors(() => documentOf(offsetAt(placeIn(checkHome(options, { product: FORMS.text }))))),

  set: async (options) =>
    withPublicErrors(() => {
      const forms = { product: FORMS.text, force: FORMS.switch, offset: FORMS.integer };
      const { offset: wanted, ...others } = checkHome(options, forms);
      checkForm('offset', wanted, FORMS.integer);
      return change(others, { value: wanted, by: mention.option('offset') });
    }),

  unset: async (options = {}) =>
    withPublicErrors(() => change(checkHome(options, { product: FORMS.text, force: FORMS.switch }), undefined)),
};

async function change(options: OffsetChangeOptions, wanted: GivenNumber | undefined): Promise<OffsetReport> {
  const order = { ...(wanted && { offset: wanted }), isForced: options.force ?? false };
  return documentOf((await changeOffset(placeIn(options), order)).reading);
}

const documentOf = (reading: OffsetReading): OffsetReport => ({
  schemaVersion: SCHEMA_VERSION,
  ...offsetDocument(reading),
});

const placeIn = (options: OffsetOptions): HomePlace =>
  placeOf(options.product === undefined ? undefined : checkProduct(options.product), options);
