import type { GivenNumber } from '../domain/offsets.js';
import { mention } from '../domain/text.js';
import { SCHEMA_VERSION } from './events.js';
import { changeOffset, type OffsetReading, offsetAt, offsetDocument } from './internal/offset.js';
import type { HomePlace } from './internal/request.js';
import { checkForms, checkHome, checkProduct, FORMS, placeOf } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { OffsetChangeOptions, OffsetFile, OffsetOptions, OffsetReport } from './types.js';

/** The offset in a server's own configuration file. */
export const offset: OffsetFile = {
  get: async (options = {}) =>
    withPublicErrors(() => {
      checkHome(options, { product: FORMS.text });
      return documentOf(offsetAt(placeIn(options)));
    }),

  set: async (options) =>
    withPublicErrors(() => {
      checkHome(options, { product: FORMS.text, force: FORMS.switch, offset: FORMS.integer });
      const { offset: wanted, ...others } = options;
      checkForms({ offset: wanted ?? null }, { offset: FORMS.integer });
      return change(others, { value: wanted, by: mention.option('offset') });
    }),

  unset: async (options = {}) =>
    withPublicErrors(() => {
      checkHome(options, { product: FORMS.text, force: FORMS.switch });
      return change(options, undefined);
    }),
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
