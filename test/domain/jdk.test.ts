import { describe, expect, test } from '@jest/globals';
import {
  type JdkObjection,
  javaFeature,
  jdkObjection,
  newestJdk,
  vendorInRelease,
  versionInOutput,
  versionInRelease,
} from '../../src/domain/jdk.js';

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

describe('what a start script says of a JDK', () => {
  const shell = (lowest: string, highest: string, end = ''): string =>
    `args=$*\nif [ $java_version_formatted -lt ${lowest} ] || [ $java_version_formatted -gt ${highest} ]; then\n` +
    `   echo " In an unsupported JDK"\n   echo " [ERROR] CARBON wants ${lowest} to ${highest}"\n${end}fi\n\nexit $?\n`;
  const batch = (end: string, newest = ''): string =>
    `:checkJdk\r\nif %JAVA_VERSION% LSS 110 goto unknownJdk\r\n${newest}goto supported\r\n\r\n:unknownJdk\r\n` +
    `echo In an unsupported JDK %JAVA_VERSION%\r\necho [ERROR] MI wants JDK 11"\r\n${end}\r\n\r\n:supported\r\ngoto end\r\n`;
  const carbon = { said: 'CARBON wants 1100 to 2100', ends: false };

  test.each<[script: string, version: string, objection: JdkObjection | undefined]>([
    [shell('1100', '2100'), '25.0.1', carbon],
    [shell('1100', '2100'), '25', carbon],
    [shell('1100', '2100'), '25-ea', carbon],
    [shell('1100', '2100'), '1.8.0_402', carbon],
    [shell('1100', '2100'), '21.0.2', undefined],
    [shell('1100', '2100'), '11.0.22', undefined],
    // As the script reckons: 21.1 comes after 21.
    [shell('1100', '2100'), '21.1', carbon],
    [shell('0107', '1100'), '17.0.9', { said: 'CARBON wants 0107 to 1100', ends: false }],
    [shell('0107', '1100'), '1.7.0_80', undefined],
    [shell('0107', '1100'), '1.6.0', { said: 'CARBON wants 0107 to 1100', ends: false }],
    [shell('1100', '2100', '   exit 0\n'), '25.0.1', { ...carbon, ends: true }],
    [shell('1100', '2100').replaceAll('\n', '\r\n'), '25.0.1', carbon],
    [batch('goto end'), '1.8.0_402', { said: 'MI wants JDK 11', ends: true }],
    [batch('goto supported'), '1.8.0_402', { said: 'MI wants JDK 11', ends: false }],
    [batch('goto end'), '25.0.1', undefined],
    [
      batch('goto supported', 'if %JAVA_VERSION% GTR 210 goto unknownJdk\r\n'),
      '25.0.1',
      { said: 'MI wants JDK 11', ends: false },
    ],
    [batch('goto end', 'if %JAVA_VERSION% GTR 210 goto unknownJdk\r\n'), '21.0.2', undefined],
    ['#!/bin/sh\nexec java\n', '25.0.1', undefined],
    [shell('1100', '2100'), 'next', undefined],
  ])('%# %j', (script, version, objection) => {
    expect(jdkObjection(script, version)).toEqual(objection);
  });
});

test.each([
  ['IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="17.0.9"\n', 'Eclipse Adoptium'],
  ['JAVA_VERSION="1.8.0_402"\r\n', undefined],
])('the release file %j tells the vendor %s', (text, vendor) => {
  expect(vendorInRelease(text)).toBe(vendor);
});

describe('the newest of some JDKs', () => {
  test.each<[versions: readonly (string | null)[], newest: string | undefined]>([
    [['17.0.9', '17.0.10', '17.0.2+8'], '17.0.10'],
    [['1.8.0_402', '11.0.1'], '11.0.1'],
    [['1.8.0_402', '1.8.0_51'], '1.8.0_402'],
    [['17', '17.0.1', '17.0.1.1'], '17.0.1.1'],
    [[null, '17.0.9'], '17.0.9'],
    [[null], undefined],
    [[], undefined],
  ])('%j is %s', (versions, newest) => {
    const jdks = versions.map((version) => ({ home: `/${version}`, version, vendor: null }));
    expect(newestJdk(jdks, () => true)?.version).toBe(newest);
  });

  test('is one that passes', () => {
    const jdks = ['21.0.1', '17.0.9'].map((version) => ({ home: `/${version}`, version, vendor: null }));
    expect(newestJdk(jdks, (version) => javaFeature(version) === 17)).toBe(jdks[1]);
  });
});
