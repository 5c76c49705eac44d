import { describe, expect, test } from '@jest/globals';
import { describeFailure, LaunchError } from '../../src/domain/failure.js';
import {
  type ConfiguredOffset,
  type OffsetChoice,
  offsetInJavaOptions,
  offsetInProperties,
  offsetRange,
} from '../../src/domain/offsets.js';
import { inspectedHome } from '../support/fake-home.js';

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof LaunchError) return `${error.exitCode} ${describeFailure(error.failure).message}`;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('a portOffset in carbon.properties', () => {
  test.each<[string, number, number]>([
    ['portOffset=3', 3, 1],
    ['portOffset = 3', 3, 1],
    ['  portOffset: -3  ', -3, 1],
    ['portOffset 3', 3, 1],
    ['a=b\r\nportOffset=3\r\nc=d\r\n', 3, 2],
    ['portOffset=3\n#portOffset=4\nportOffset=5\n', 5, 3],
  ])('in %j is %d', (text, value, line) => {
    const source = `carbon.properties:${line}`;
    expect(offsetInProperties(text, 'carbon.properties')).toEqual({ value, source, beatsArguments: true });
  });

  test.each(['', '#portOffset=3', '! portOffset=3', 'my.portOffset=3', 'portoffset=3'])('is none in %j', (text) => {
    expect(offsetInProperties(text, 'carbon.properties')).toBeUndefined();
  });

  test.each([
    ['portOffset=x', '"x"'],
    ['portOffset=', '""'],
    ['portOffset=1.5', '"1.5"'],
  ])('is refused as %s', (text, value) => {
    expect(refusal(() => offsetInProperties(text, 'carbon.properties'))).toBe(
      `3 portOffset in carbon.properties:1 is ${value}, not an integer.`,
    );
  });
});

describe('a -DportOffset in JAVA_OPTS', () => {
  test.each([
    ['-DportOffset=3', 3],
    ['-Xss1m -DportOffset=-3\t-Da=b', -3],
    ['-DportOffset=3 -DportOffset=4', 4],
  ])('in "%s" is %d', (options, value) => {
    expect(offsetInJavaOptions(options)).toEqual({ value, source: 'JAVA_OPTS' });
  });

  test.each(['', '-Xss1m', '-Dx.portOffset=3', '-DportOffsets=3'])('is none in "%s"', (options) => {
    expect(offsetInJavaOptions(options)).toBeUndefined();
  });

  test('is refused where it is no integer', () => {
    expect(refusal(() => offsetInJavaOptions('-DportOffset=x'))).toBe(
      '3 portOffset in JAVA_OPTS is "x", not an integer.',
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
