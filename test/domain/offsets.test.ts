import { describe, expect, test } from '@jest/globals';
import { LaunchError } from '../../src/domain/failure.js';
import { type ConfiguredOffset, configuredOffset, type OffsetChoice, offsetRange } from '../../src/domain/offsets.js';
import { propertiesInFile, propertiesInOptions, readLast, type SystemProperties } from '../../src/domain/properties.js';
import { failureWords } from '../support/failure-words.js';
import { inspectedHome } from '../support/fake-home.js';

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof LaunchError) return `${error.exitCode} ${failureWords(error.failure).message}`;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('the offset of a server that is passed none', () => {
  const configured = (value: unknown, properties: SystemProperties = new Map()): ConfiguredOffset => {
    const leaf = { key: 'server.offset', value, line: 2 };
    const setting = (key: string) => (key === 'server.offset' && value !== undefined ? { value, leaf } : undefined);
    return configuredOffset({ setting, properties, file: 'deployment.toml' }, 10);
  };

  test.each<[unknown, number, string]>([
    [undefined, 10, 'default'],
    [3, 3, 'deployment.toml:2'],
    [0, 0, 'deployment.toml:2'],
    [-5, -5, 'deployment.toml:2'],
    ['3', 3, 'deployment.toml:2'],
    ['+3', 3, 'deployment.toml:2'],
    ['007', 7, 'deployment.toml:2'],
    ['-0', 0, 'deployment.toml:2'],
    // What is going to be passed.
    ['$sys{portOffset}', 10, 'default'],
  ])('with %j is %d', (value, offset, source) => {
    expect(configured(value)).toEqual({ value: offset, source });
  });

  test.each([1.5, true, '', ' 3 ', '3 ', '2147483648', '1e2', '0x10', 'three', '$sys{other}', [1]])(
    'is refused as %j',
    (value) => {
      expect(refusal(() => configured(value))).toBe(
        `3 deployment.toml, line 2 (server.offset): the offset is ${JSON.stringify(value)}, not an integer.`,
      );
    },
  );

  test('is a system property before anything else', () => {
    const options = propertiesInOptions(['-DportOffset=3', '-DportOffset=+4'], 'JAVA_OPTS');
    expect(configured(7, options)).toEqual({ value: 4, source: 'JAVA_OPTS' });
    expect(configured('x', options)).toEqual({ value: 4, source: 'JAVA_OPTS' });
    expect(configured(7, propertiesInOptions(['-DportOffsets=3', '-Dx.portOffset=3']))).toMatchObject({ value: 7 });
  });

  test('is one that no argument beats where that is read last', () => {
    const file = readLast(propertiesInFile('\nportOffset=-3\n', 'carbon.properties'));
    expect(configured(7, file)).toEqual({ value: -3, source: 'carbon.properties:2', beatsArguments: true });
  });

  test.each([
    ['portOffset=x', '"x"'],
    ['portOffset=', '""'],
    ['portOffset=1.5', '"1.5"'],
  ])('is refused as %s', (text, value) => {
    expect(refusal(() => configured(7, propertiesInFile(text, 'carbon.properties')))).toBe(
      `3 portOffset in carbon.properties:1: the offset is ${value}, not an integer.`,
    );
  });

  test('is refused in the name of the rules where they set it', () => {
    const settings = { setting: () => ({ value: 'x' }), properties: new Map(), file: 'deployment.toml' };
    expect(refusal(() => configuredOffset(settings, 0))).toBe(
      '3 The product\'s own rules (server.offset): the offset is "x", not an integer.',
    );
  });
});

describe('the offsets to try', () => {
  const { ports } = inspectedHome('apim');
  const configured: ConfiguredOffset = { value: 2, source: 'deployment.toml:2' };
  const given = (value: number, by: string) => ({ value, by });
  const RANGE = 'is out of range: its ports allow offsets from -5671 to 54424.';

  test.each<[OffsetChoice, number, number]>([
    [{ kind: 'configured' }, 2, 2],
    [{ kind: 'fixed', offset: given(0, '--offset') }, 0, 0],
    [{ kind: 'fixed', offset: given(54_424, '--offset') }, 54_424, 54_424],
    [{ kind: 'auto' }, 2, 54_424],
    [{ kind: 'auto', min: given(-5, '--min-offset') }, -5, 54_424],
    [{ kind: 'auto', max: given(2, '--max-offset') }, 2, 2],
    [{ kind: 'auto', min: given(0, '--min-offset'), max: given(9, '--max-offset') }, 0, 9],
  ])('for %j are %d to %d', (choice, min, max) => {
    expect(offsetRange(choice, configured, ports)).toEqual({ min, max });
  });

  test.each<[OffsetChoice, string]>([
    [{ kind: 'fixed', offset: given(54_425, '--offset') }, `2 The offset 54425 of --offset ${RANGE}`],
    [
      { kind: 'fixed', offset: given(-5672, 'WSO2_LAUNCH_OFFSET') },
      `2 The offset -5672 of WSO2_LAUNCH_OFFSET ${RANGE}`,
    ],
    [{ kind: 'auto', min: given(-5672, '--min-offset') }, `2 The offset -5672 of --min-offset ${RANGE}`],
    [{ kind: 'auto', max: given(60_000, '--max-offset') }, `2 The offset 60000 of --max-offset ${RANGE}`],
    [
      { kind: 'auto', max: given(1, '--max-offset') },
      '2 No offset lies between the smallest (2) and the largest allowed (1).',
    ],
  ])('for %j are refused', (choice, message) => {
    expect(refusal(() => offsetRange(choice, configured, ports))).toBe(message);
  });

  test.each<[OffsetChoice]>([[{ kind: 'configured' }], [{ kind: 'auto' }]])(
    'for %j do not begin at a configured one out of range',
    (choice) => {
      const beyond = { value: 60_000, source: 'deployment.toml:2' };
      expect(refusal(() => offsetRange(choice, beyond, ports))).toBe(
        `3 The configured offset 60000 (deployment.toml:2) ${RANGE}`,
      );
    },
  );

  test('given by hand make up for a configured one out of range', () => {
    const beyond = { value: 60_000, source: 'deployment.toml:2' };
    expect(offsetRange({ kind: 'fixed', offset: given(5, '--offset') }, beyond, ports)).toEqual({ min: 5, max: 5 });
    expect(offsetRange({ kind: 'auto', min: given(5, '--min-offset') }, beyond, ports)).toMatchObject({ min: 5 });
  });

  test('can not be given where the configuration beats what is passed', () => {
    const stronger: ConfiguredOffset = { value: 3, source: 'carbon.properties:1', beatsArguments: true };
    const message =
      '3 portOffset in carbon.properties:1 beats the offset that would be passed: the server would start at 3.';
    expect(refusal(() => offsetRange({ kind: 'auto' }, stronger, ports))).toBe(message);
    expect(refusal(() => offsetRange({ kind: 'fixed', offset: given(3, '--offset') }, stronger, ports))).toBe(message);
    expect(offsetRange({ kind: 'configured' }, stronger, ports)).toEqual({ min: 3, max: 3 });
  });
});
