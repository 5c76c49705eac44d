import type { ProductId } from '../../domain/catalogue.js';
import { parseScriptArguments } from '../../domain/command.js';
import { LaunchError } from '../../domain/failure.js';
import { parseInteger } from '../../domain/numbers.js';
import type { GivenNumber } from '../../domain/offsets.js';
import { unifiedDiff } from '../../domain/unified-diff.js';
import { inWords, printable } from '../../domain/words.js';
import type { HomeRequest } from '../../home/request.js';
import { planOffset, readOffset, writeOffset } from '../../offset/offset.js';
import { nodeSystem } from '../../system/index.js';
import type { Context } from '../main.js';
import { type Options, readPlace } from '../options.js';
import { readProduct } from '../product-word.js';
import { changeText, diffText, offsetDocument, offsetText, overruledText } from '../render-offset.js';

export async function runOffset(context: Context): Promise<number> {
  const asked = readWords([...context.words, ...(context.rest ?? [])]);
  const request = homeRequest(asked.product, context.options);
  if (asked.verb === 'get') await get(request, context);
  else await change(request, asked.offset, context);
  return 0;
}

async function get(request: HomeRequest, { options, reporter, output }: Context): Promise<void> {
  const reading = readOffset(request);
  reading.warnings.forEach(reporter.warn);
  await output.write(options.isOn('json') ? offsetDocument(reading) : offsetText(reading));
}

async function change(
  request: HomeRequest,
  offset: GivenNumber | undefined,
  { options, reporter, terminal, output }: Context,
): Promise<void> {
  const planned = await planOffset(request, { ...(offset && { offset }), isForced: options.isOn('force') });
  const { path, before, after, reading } = planned;
  const isDry = options.isOn('dry-run');
  if (!isDry) await writeOffset(planned);

  reading.warnings.forEach(reporter.warn);
  const overruled = offset && overruledText(reading);
  if (overruled !== undefined) reporter.warn(overruled);
  if (!terminal.isQuiet && (!isDry || before === after)) terminal.say(inWords`wso2-launch: ${changeText(planned)}`);
  if (options.isOn('json')) await output.write(offsetDocument(reading));
  else if (isDry) await output.write(diffText(unifiedDiff(printable(path), before, after)));
}

const homeRequest = (product: ProductId | undefined, options: Options): HomeRequest => ({
  ...readPlace(product, options, nodeSystem.env),
  script: parseScriptArguments([]),
  isOffsetPassed: false,
});

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
