import { parseScriptArguments } from '../domain/command.js';
import type { GivenNumber } from '../domain/offsets.js';
import { mention } from '../domain/text.js';
import type { HomeRequest } from '../home/request.js';
import { type OffsetReading, planOffset, readOffset, writeOffset } from '../offset/offset.js';
import { SCHEMA_VERSION } from './events.js';
import { checkForms, checkHome, checkProduct, FORMS, placeOf } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { OffsetChangeOptions, OffsetFile, OffsetOptions, OffsetReport } from './types.js';

/** The offset in a server's own configuration file. */
export const offset: OffsetFile = {
  get: async (options = {}) =>
    withPublicErrors(() => {
      checkHome(options, { product: FORMS.text });
      return documentOf(readOffset(requestOf(options)));
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
  const planned = await planOffset(requestOf(options), order);
  await writeOffset(planned);
  return documentOf(planned.reading);
}

const requestOf = (options: OffsetOptions): HomeRequest => ({
  ...placeOf(options.product === undefined ? undefined : checkProduct(options.product), options),
  script: parseScriptArguments([]),
  isOffsetPassed: false,
});

const documentOf = ({ product, home, offset: value, source }: OffsetReading): OffsetReport => ({
  schemaVersion: SCHEMA_VERSION,
  product,
  home,
  offset: value,
  source,
});
