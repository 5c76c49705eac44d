import { LaunchError, type PortHolder, type PortName } from './failure.js';
import { parseJavaInteger } from './numbers.js';
import { type BasePort, legalOffsets, type PortSettings } from './ports.js';
import { type Mention, mention, mentioning } from './text.js';

/** A number that was given, and by what: an option, or the name of a variable. */
export interface GivenNumber {
  readonly value: number;
  readonly by: Mention | string;
}

/** The way in which the offset of a launch is to be found. */
export type OffsetChoice =
  | { readonly kind: 'auto'; readonly min?: GivenNumber; readonly max?: GivenNumber }
  | { readonly kind: 'fixed'; readonly offset: GivenNumber }
  /** The offset that the server uses by itself: nothing is passed to the script. */
  | { readonly kind: 'configured' };

/** The offset that the server uses if nothing is passed. */
export interface ConfiguredOffset {
  readonly value: number;
  readonly source: string;
  /** Present where nothing that is passed would change it. */
  readonly beatsArguments?: true;
}

/** A reference to the offset that is passed: it stays unresolved where one is going to be, and is refused elsewhere. */
const THE_PASSED_ONE = '$sys{portOffset}';

/**
 * The offset of a server that is passed none: a system property beats the configuration, which beats the default.
 * @throws LaunchError `unusable-configuration` for what is no integer
 */
export function configuredOffset(
  { setting, properties, file, isUnset }: PortSettings,
  defaultOffset: number,
): ConfiguredOffset {
  const property = properties.get('portOffset');
  if (property) {
    const { source, beatsArguments } = property;
    const value = integerIn(
      property.value,
      `portOffset in ${source}`,
      'The server would start only by half; mend or remove it.',
    );
    return { value, source, ...(beatsArguments && { beatsArguments }) };
  }
  const { value, leaf } = setting('server.offset') ?? {};
  if (value === undefined || value === THE_PASSED_ONE || isUnset?.(value))
    return { value: defaultOffset, source: 'default' };
  const place = leaf ? `${file}, line ${leaf.line} (${leaf.key})` : "The product's own rules (server.offset)";
  const hint = 'The server would not start as configured; mend that line.';
  return { value: integerIn(value, place, hint), source: leaf ? `${file}:${leaf.line}` : 'default' };
}

/** Blanks round a number make it none to the products: a kernel with `offset = " 3 "` never gets ready. */
function integerIn(value: unknown, place: string, hint: string): number {
  const integer = typeof value === 'string' ? parseJavaInteger(value) : value;
  if (typeof integer === 'number' && Number.isSafeInteger(integer)) return integer;
  throw new LaunchError({
    kind: 'unusable-configuration',
    what: `${place}: the offset is ${JSON.stringify(value)}, not an integer.`,
    hint,
  });
}

/** An offset that was passed over, with the first of its ports that somebody has. */
export interface SkippedOffset {
  readonly offset: number;
  readonly port: PortName;
  readonly by: PortHolder | null;
}

/** The offsets to try, counting up, both ends included; a fixed one is a range of one. */
export interface OffsetRange {
  readonly min: number;
  readonly max: number;
}

/**
 * The range that a choice means for these ports.
 * @throws LaunchError `usage` or, where the configuration is at fault, `unusable-configuration`
 */
export function offsetRange(
  choice: OffsetChoice,
  configured: ConfiguredOffset,
  ports: readonly BasePort[],
): OffsetRange {
  if (configured.beatsArguments && choice.kind !== 'configured') {
    throw new LaunchError({
      kind: 'unusable-configuration',
      what: `portOffset in ${configured.source} beats the offset that would be passed: the server would start at ${configured.value}.`,
      hint: mentioning`Remove that line, or start without ${mention.option('autoOffset')} and ${mention.option('offset')}.`,
    });
  }
  const legal = legalOffsets(ports);
  const isLegal = (offset: number): boolean => offset >= legal.min && offset <= legal.max;
  const range = `its ports allow offsets from ${legal.min} to ${legal.max}`;

  const given = ({ value, by }: GivenNumber): number => {
    if (isLegal(value)) return value;
    throw new LaunchError({ kind: 'usage', what: mentioning`The offset ${value} of ${by} is out of range: ${range}.` });
  };
  const byItself = (): number => {
    if (isLegal(configured.value)) return configured.value;
    throw new LaunchError({
      kind: 'unusable-configuration',
      what: `The configured offset ${configured.value} (${configured.source}) is out of range: ${range}.`,
      hint: mentioning`Mend it in the configuration, or start with ${mention.option('offset')} or ${mention.option('minOffset')}.`,
    });
  };

  if (choice.kind === 'fixed') return only(given(choice.offset));
  if (choice.kind === 'configured') return only(byItself());
  const min = choice.min ? given(choice.min) : byItself();
  const max = choice.max ? given(choice.max) : legal.max;
  if (min <= max) return { min, max };
  throw new LaunchError({
    kind: 'usage',
    what: `No offset lies between the smallest (${min}) and the largest allowed (${max}).`,
  });
}

const only = (offset: number): OffsetRange => ({ min: offset, max: offset });
