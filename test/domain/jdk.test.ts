import { expect, test } from '@jest/globals';
import { javaFeature, versionInOutput, versionInRelease } from '../../src/domain/jdk.js';

test.each([
  ['1.8.0_402', 8],
  ['1.7.0', 7],
  ['11.0.22', 11],
  ['17', 17],
  ['21.0.2', 21],
  ['25-ea', 25],
  ['1', 1],
])('Java %s is feature release %d', (version, feature) => {
  expect(javaFeature(version)).toBe(feature);
});

test.each(['', 'unknown', 'v17'])('"%s" is no Java version', (version) => {
  expect(javaFeature(version)).toBeUndefined();
});

test.each([
  ['IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="17.0.9"\nJAVA_VERSION_DATE="2023-10-17"\n', '17.0.9'],
  ['JAVA_VERSION="1.8.0_402"\r\nOS_NAME="Windows"\r\n', '1.8.0_402'],
  ['JAVA_VERSION=21.0.2\r\n', '21.0.2'],
])('the release file %j tells %s', (text, version) => {
  expect(versionInRelease(text)).toBe(version);
});

test.each(['', 'IMPLEMENTOR="x"\n', 'GRAAL_JAVA_VERSION="17"\n', 'JAVA_VERSION_DATE="2023-10-17"\n'])(
  'the release file %j tells no version',
  (text) => {
    expect(versionInRelease(text)).toBeUndefined();
  },
);

test.each([
  ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment\n', '17.0.15'],
  ['Picked up JAVA_TOOL_OPTIONS: -Dx=y\njava version "1.8.0_402"\n', '1.8.0_402'],
])('the output %j tells %s', (text, version) => {
  expect(versionInOutput(text)).toBe(version);
});

test('an output without a version tells none', () => {
  expect(versionInOutput('java: not found')).toBeUndefined();
});
