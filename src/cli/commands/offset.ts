import { changeOffset, offsetAt, offsetDocument } from '../../api/internal/offset.js';
import type { HomePlace } from '../../api/internal/request.js';
import type { ProductId } from '../../domain/catalogue.js';
import { LaunchError } from '../../domain/failure.js';
import { parseInteger } from '../../domain/numbers.js';
import type { GivenNumber } from '../../domain/offsets.js';
import { unifiedDiff } from '../../domain/unified-diff.js';
import { inWords, printable } from '../../domain/words.js';
import type { Context } from '../main.js';
import { readPlace } from '../options.js';
import { readProduct } from '../product-word.js';
import { diffText } from '../render-diff.js';
import { changeText, offsetText, overruledText } from '../render-offset.js';
import type { View } from '../view.js';

export async function runOffset(context: Context): Promise<View> {
  const asked = readWords([...context.words, ...(context.rest ?? [])]);
  const place = readPlace(asked.product, context.options);
  return asked.verb === 'get' ? get(place, context) : change(place, asked.offset, context);
}

function get(place: HomePlace, { reporter }: Context): View {
  const reading = offsetAt(place);
  reading.warnings.forEach(reporter.warn);
  return { data: offsetDocument(reading), text: () => offsetText(reading) };
}

async function change(
  place: HomePlace,
  offset: GivenNumber | undefined,
  { options, reporter, terminal }: Context,
): Promise<View> {
  const isDry = options.isOn('dry-run');
  const order = { ...(offset && { offset }), isForced: options.isOn('force'), isDry };
  const changed = await changeOffset(place, order);
  const { path, before, after, reading } = changed;

  reading.warnings.forEach(reporter.warn);
  const overruled = offset && overruledText(reading);
  if (overruled !== undefined) reporter.warn(overruled);
  if (!terminal.isQuiet && (!isDry || before === after)) terminal.say(inWords`wso2-launch: ${changeText(changed)}`);
  const text = isDry ? () => diffText(unifiedDiff(printable(path), before, after)) : () => inWords``;
  return { data: offsetDocument(reading), text };
}

interface OffsetWords {
  readonly verb: 'get' | 'set' | 'unset';
  /** The offset that `set` was given. */
  readonly offset: GivenNumber | undefined;
  readonly product: ProductId | undefined;
}

/** @throws LaunchError `usage` */
function readWords([verb, ...words]: readonly string[]): OffsetWords {
  if (verb !== 'get' && verb !== 'set' && verb !== 'unset') {
    throw usage(verb === undefined ? 'offset lacks what to do.' : `offset can't ${JSON.stringify(verb)}.`);
  }
  const offset = verb === 'set' ? readNumber(words[0]) : undefined;
  const [word, ...more] = offset ? words.slice(1) : words;
  if (more.length > 0) throw usage(`offset ${verb} takes no argument ${JSON.stringify(more[0])}.`);
  return { verb, offset, product: word === undefined ? undefined : readProduct(word, USAGE) };
}

function readNumber(word: string | undefined): GivenNumber {
  if (word === undefined) throw usage('offset set lacks the offset.');
  const value = parseInteger(word);
  if (value === undefined) throw usage(`offset set takes a plain integer first, not ${JSON.stringify(word)}.`);
  return { value, by: 'offset set' };
}

const USAGE =
  'It is wso2-launch offset get, offset set N, or offset unset; the product may follow (offset set 3 apim).';

const usage = (what: string): LaunchError => new LaunchError({ kind: 'usage', what, hint: USAGE });
