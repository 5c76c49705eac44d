import { describe, expect, test } from '@jest/globals';
import { factsOf } from '../../src/domain/catalogue.js';
import {
  type HomeFiles,
  KNOWN_SCRIPTS,
  type RecognisedProduct,
  recogniseProduct,
  rowFor,
} from '../../src/domain/product.js';
import type { Version } from '../../src/domain/version.js';

describe('a product is recognised', () => {
  test.each<[string, HomeFiles, RecognisedProduct]>([
    [
      'by the name in version.txt',
      { versionText: 'WSO2 API Manager v4.5.0\n', scripts: ['api-manager'] },
      { id: 'apim', version: '4.5.0' },
    ],
    ['by its name alone', { versionText: 'WSO2 Micro Integrator v4.4.0', scripts: [] }, { id: 'mi', version: '4.4.0' }],
    [
      'with the line ends of Windows',
      { versionText: 'WSO2 API Manager v3.2.0\r\n', scripts: ['wso2server'] },
      { id: 'apim', version: '3.2.0' },
    ],
    [
      'with a version that is not final',
      { versionText: 'WSO2 Micro Integrator v4.4.0-alpha\n', scripts: ['micro-integrator'] },
      { id: 'mi', version: '4.4.0-alpha' },
    ],
    ['by a start script of its own', { scripts: ['micro-integrator'] }, { id: 'mi', version: null }],
    [
      'by its script, with the version that the kernel belongs to',
      { kernelText: 'WSO2 Carbon Framework v4.9.28\n', scripts: ['api-manager'] },
      { id: 'apim', version: '4.5' },
    ],
    [
      'by its script where the kernel is an unknown one',
      { kernelText: 'WSO2 Carbon Framework v9.9.9\n', scripts: ['api-manager'] },
      { id: 'apim', version: null },
    ],
    [
      'by the kernel beside the script that many products share',
      { kernelText: 'WSO2 Carbon Framework v4.6.0\n', scripts: ['wso2server'] },
      { id: 'apim', version: '3.2' },
    ],
  ])('%s', (_how, files, product) => {
    expect(recogniseProduct(files)).toEqual(product);
  });

  test.each<[string, HomeFiles]>([
    ['an empty folder', { scripts: [] }],
    ['the shared script alone', { scripts: ['wso2server'] }],
    ['the shared script with an unknown kernel', { kernelText: 'WSO2 Carbon v9.9.9', scripts: ['wso2server'] }],
    ['a kernel without any script', { kernelText: 'WSO2 Carbon v4.6.0', scripts: [] }],
    [
      'another product on the same kernel',
      { versionText: 'WSO2 Identity Server v5.10.0', kernelText: 'WSO2 Carbon v4.6.0', scripts: ['wso2server'] },
    ],
    ['a name that only begins like ours', { versionText: 'WSO2 API Manager Analytics v2.6.0', scripts: [] }],
  ])('but not in %s', (_what, files) => {
    expect(recogniseProduct(files)).toBeUndefined();
  });
});

test('every start script of the catalogue is known once', () => {
  expect([...KNOWN_SCRIPTS].sort()).toEqual(['api-manager', 'micro-integrator', 'wso2server']);
});

describe('a known version gets its row without a warning', () => {
  test.each<[string, Version, string, number, readonly [number, number]]>([
    ['3.2.0', [3, 2], 'wso2server', 13, [7, 11]],
    ['4.0.0', [4, 0], 'api-manager', 15, [7, 11]],
    ['4.1.0', [4, 0], 'api-manager', 15, [7, 11]],
    ['4.2.0', [4, 2], 'api-manager', 15, [11, 17]],
    ['4.3.0', [4, 3], 'api-manager', 15, [11, 21]],
    ['4.4.0', [4, 3], 'api-manager', 15, [11, 21]],
    ['4.4.0-alpha', [4, 3], 'api-manager', 15, [11, 21]],
    ['4.5.0', [4, 3], 'api-manager', 15, [11, 21]],
    ['4.6.0', [4, 3], 'api-manager', 15, [11, 21]],
    ['4.7.0', [4, 7], 'api-manager', 15, [21, 25]],
  ])('apim %s', (version, since, script, ports, jdk) => {
    const { row, warning } = rowFor(factsOf('apim'), version, []);
    expect(row).toMatchObject({ since, script, jdk });
    expect(row.ports).toHaveLength(ports);
    expect(warning).toBeUndefined();
  });

  test.each<[string, Version]>([
    ['1.2.0', [1, 2]],
    ['4.0.0', [1, 2]],
    ['4.1.0', [1, 2]],
    ['4.2.0', [4, 2]],
    ['4.3.0', [4, 2]],
    ['4.4.0', [4, 4]],
    ['4.6.0', [4, 6]],
  ])('mi %s', (version, since) => {
    const { row, warning } = rowFor(factsOf('mi'), version, []);
    expect(row).toMatchObject({ since, script: 'micro-integrator' });
    expect(row.ports).toHaveLength(4);
    expect(warning).toBeUndefined();
  });
});

describe('an unknown version gets the nearest older row, else the oldest, and a warning', () => {
  test.each<[string, Version]>([
    ['4.8.0', [4, 7]],
    ['4.10.0', [4, 7]],
    ['11.0.0', [4, 7]],
    ['3.1.0', [3, 2]],
    ['2.6.0', [3, 2]],
  ])('apim %s', (version, since) => {
    const { row, warning } = rowFor(factsOf('apim'), version, []);
    expect(row.since).toEqual(since);
    expect(warning).toBe(
      `WSO2 API Manager ${version} is not one of the known versions (3.2 to 4.7); the rules of ${since.join('.')} are used.`,
    );
  });
});

describe('without a version the newest row whose script is there holds, with a warning', () => {
  test.each<[string, string | null, readonly string[], Version]>([
    ['no version', null, ['api-manager'], [4, 7]],
    ['no version, the old script', null, ['wso2server'], [3, 2]],
    ['no version, no script', null, [], [4, 7]],
    ['a version that is no number', 'next', ['api-manager'], [4, 7]],
  ])('%s', (_what, version, scripts, since) => {
    const { row, warning } = rowFor(factsOf('apim'), version, scripts);
    expect(row.since).toEqual(since);
    expect(warning).toBe(
      `The version of this WSO2 API Manager can't be told; the rules of ${since.join('.')} are used.`,
    );
  });
});
