import { describe, expect, test } from '@jest/globals';
import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import {
  type HomeFiles,
  KNOWN_SCRIPTS,
  kernelVersion,
  recogniseProducts,
  rowFor,
  versionWords,
} from '../../src/domain/product.js';
import type { Version } from '../../src/domain/version.js';

/** In words, `apim 4.5.0`, the most likely first. */
const recognised = (files: HomeFiles): string[] =>
  recogniseProducts(files).map(({ id, version }) => `${id} ${version ?? '?'}`);

const SHARED = ['wso2server'];

describe('a home is recognised', () => {
  test.each<[string, HomeFiles, string[]]>([
    [
      'by the name in version.txt',
      { versionText: 'WSO2 API Manager v4.5.0\n', scripts: ['api-manager'] },
      ['apim 4.5.0'],
    ],
    ['by its name alone', { versionText: 'WSO2 Micro Integrator v4.4.0', scripts: [] }, ['mi 4.4.0']],
    ['with the line ends of Windows', { versionText: 'WSO2 API Manager v3.2.0\r\n', scripts: SHARED }, ['apim 3.2.0']],
    [
      'with a version that is not final',
      { versionText: 'WSO2 Micro Integrator v4.4.0-alpha\n', scripts: ['micro-integrator'] },
      ['mi 4.4.0-alpha'],
    ],
    ['as a gateway', { versionText: 'WSO2 Universal Gateway v4.7.0\n', scripts: ['gateway'] }, ['gateway 4.7.0']],
    [
      'as a traffic manager',
      { versionText: 'WSO2 Traffic Manager v4.5.0\n', scripts: ['traffic-manager'] },
      ['traffic-manager 4.5.0'],
    ],
    [
      'as a control plane, and as the key manager in it',
      { versionText: 'WSO2 API Control Plane v4.7.0\n', scripts: ['key-manager', 'api-cp'] },
      ['control-plane 4.7.0', 'key-manager 4.7.0'],
    ],
    [
      'as a control plane without that script',
      { versionText: 'WSO2 API Control Plane v4.7.0\n', scripts: ['api-cp'] },
      ['control-plane 4.7.0'],
    ],
    [
      'as a key manager without the other script',
      { versionText: 'WSO2 API Control Plane v4.7.0\n', scripts: ['key-manager'] },
      ['key-manager 4.7.0'],
    ],
    [
      'as a control plane without any script',
      { versionText: 'WSO2 API Control Plane v4.7.0\n', scripts: [] },
      ['control-plane 4.7.0'],
    ],
    ['as an identity server', { versionText: 'WSO2 Identity Server v7.1.0\n', scripts: SHARED }, ['is 7.1.0']],
    [
      'as any server where the placeholders of its build tell nothing',
      {
        versionText: '${product.name} v${product.version}\n',
        kernelText: 'WSO2 Carbon Framework v4.7.1\n',
        scripts: SHARED,
      },
      ['server ?'],
    ],
    [
      'by its script, whatever the placeholders of a build say',
      { versionText: '${product.name} v${product.version}\n', scripts: ['api-manager'] },
      ['apim ?'],
    ],
    ['by a start script of its own', { scripts: ['micro-integrator'] }, ['mi ?']],
    ['by several', { scripts: ['key-manager', 'api-cp'] }, ['control-plane ?', 'key-manager ?']],
    [
      'by its script, with the version that the kernel belongs to',
      { kernelText: 'WSO2 Carbon Framework v4.9.28\n', scripts: ['api-manager'] },
      ['apim 4.5'],
    ],
    [
      'by its script where the kernel is an unknown one',
      { kernelText: 'WSO2 Carbon Framework v9.9.9\n', scripts: ['api-manager'] },
      ['apim ?'],
    ],
    [
      'by its script under a name that nobody knows, with the version told there',
      { versionText: 'My API Manager v4.5.0', kernelText: 'WSO2 Carbon Framework v4.6.0', scripts: ['api-manager'] },
      ['apim 4.5.0'],
    ],
    [
      'by the kernel beside the script that many products share, with all products of that kernel',
      { kernelText: 'WSO2 Carbon Framework v4.6.0\n', scripts: SHARED },
      ['apim 3.2', 'is 5.10', 'server ?'],
    ],
    [
      'by the kernel of one product only',
      { kernelText: 'WSO2 Carbon Framework v4.10.42\n', scripts: SHARED },
      ['is 7.1', 'server ?'],
    ],
    ['as any server by the shared script', { scripts: SHARED }, ['server ?']],
    ['as any server where the kernel is unknown', { kernelText: 'WSO2 Carbon v9.9.9', scripts: SHARED }, ['server ?']],
    [
      'as an Enterprise Integrator, whose profiles have scripts beside its own',
      { versionText: 'WSO2 Enterprise Integrator v6.6.0\n', scripts: ['integrator'] },
      ['ei 6.6.0'],
    ],
    [
      'as a profile of it, which is any server too',
      { versionText: 'WSO2 Enterprise Integrator v6.1.1\n', scripts: SHARED },
      ['ei 6.1.1', 'server 6.1.1'],
    ],
    [
      'as its analytics',
      { versionText: 'WSO2 Enterprise Integrator v6.6.0\n', scripts: ['worker'] },
      ['analytics 6.6.0'],
    ],
    [
      'as its analytics by the name of what that is built on',
      { versionText: 'WSO2 Stream Processor v6.6.0\n', scripts: ['worker'] },
      ['analytics 6.6.0'],
    ],
    [
      'as a Stream Processor',
      { versionText: 'WSO2 Stream Processor v4.3.0\n', scripts: ['worker', 'editor'] },
      ['sp 4.3.0'],
    ],
    ['as a Stream Processor by its editor', { scripts: ['worker', 'editor'] }, ['sp ?', 'analytics ?']],
    [
      "as API Manager's analytics",
      { versionText: 'WSO2 API Manager Analytics Server v3.2.0\n', scripts: ['worker'] },
      ['analytics 3.2.0'],
    ],
    [
      "as API Manager's analytics of Carbon 4",
      { versionText: 'WSO2 API Manager Analytics Server v2.5.0\n', scripts: SHARED },
      ['server 2.5.0'],
    ],
    [
      'as an Enterprise Service Bus',
      {
        versionText: 'WSO2 Enterprise Service Bus v5.0.0',
        kernelText: 'WSO2 Carbon Framework v4.4.8',
        scripts: SHARED,
      },
      ['server 5.0.0'],
    ],
    ['as an IoT server', { versionText: 'WSO2 IoT Server v3.3.1', scripts: ['iot-server'] }, ['server 3.3.1']],
    [
      'as any server by another name, whatever its kernel',
      { versionText: 'WSO2 Storage Server v1.5.0', kernelText: 'WSO2 Carbon v4.6.0', scripts: SHARED },
      ['server 1.5.0'],
    ],
  ])('%s', (_how, files, products) => {
    expect(recognised(files)).toEqual(products);
  });

  test.each<[string, HomeFiles]>([
    ['an empty folder', { scripts: [] }],
    ['a kernel without any script', { kernelText: 'WSO2 Carbon v4.6.0', scripts: [] }],
    ['a name that only begins like ours', { versionText: 'WSO2 API Manager Analytics v2.6.0', scripts: [] }],
    ['a name without a version', { versionText: 'WSO2 API Manager', scripts: [] }],
  ])('but not in %s', (_what, files) => {
    expect(recogniseProducts(files)).toEqual([]);
  });
});

test('every start script of the catalogue is known once', () => {
  expect([...KNOWN_SCRIPTS].sort()).toEqual([
    'api-cp',
    'api-manager',
    'editor',
    'gateway',
    'integrator',
    'iot-server',
    'key-manager',
    'micro-integrator',
    'portal',
    'server',
    'traffic-manager',
    'worker',
    'wso2server',
  ]);
});

describe('a known version gets its row without a warning', () => {
  test.each<[ProductId, string, Version, string, readonly number[]]>([
    ['apim', '1.10.0', [1, 10], 'wso2server', [7, 8]],
    ['apim', '2.0.0', [2, 0], 'wso2server', [7, 8]],
    ['apim', '2.1.0', [2, 1], 'wso2server', [7, 8]],
    ['apim', '2.6.0', [2, 2], 'wso2server', [7, 8]],
    ['apim', '3.0.0', [3, 0], 'wso2server', [7, 11]],
    ['apim', '3.1.0', [3, 1], 'wso2server', [7, 11]],
    ['apim', '3.2.0', [3, 2], 'wso2server', [7, 11]],
    ['apim', '4.0.0', [4, 0], 'api-manager', [7, 11]],
    ['apim', '4.1.0', [4, 1], 'api-manager', [7, 11]],
    ['apim', '4.2.0', [4, 2], 'api-manager', [11, 17]],
    ['apim', '4.3.0', [4, 3], 'api-manager', [11, 21]],
    ['apim', '4.4.0-alpha', [4, 3], 'api-manager', [11, 21]],
    ['apim', '4.5.0', [4, 3], 'api-manager', [11, 21]],
    ['apim', '4.6.0', [4, 6], 'api-manager', [11, 21]],
    ['apim', '4.7.0', [4, 7], 'api-manager', [21, 25]],
    ['control-plane', '4.5.0', [4, 5], 'api-cp', [11, 21]],
    ['control-plane', '4.6.0', [4, 5], 'api-cp', [11, 21]],
    ['control-plane', '4.7.0', [4, 7], 'api-cp', [21, 25]],
    ['gateway', '4.5.0', [4, 5], 'gateway', [11, 21]],
    ['gateway', '4.6.0', [4, 6], 'gateway', [11, 21]],
    ['gateway', '4.7.0', [4, 7], 'gateway', [21, 25]],
    ['traffic-manager', '4.6.0', [4, 5], 'traffic-manager', [11, 21]],
    ['key-manager', '4.7.0', [4, 7], 'key-manager', [21, 25]],
    ['is', '5.3.0', [5, 3], 'wso2server', [7, 8]],
    ['is', '5.9.0', [5, 9], 'wso2server', [7, 11]],
    ['is', '5.10.0', [5, 10], 'wso2server', [7, 11]],
    ['is', '5.11.0', [5, 11], 'wso2server', [7, 11]],
    ['is', '6.1.0', [6, 0], 'wso2server', [11, 17]],
    ['is', '7.0.0', [6, 0], 'wso2server', [11, 17]],
    ['is', '7.2.0', [7, 1], 'wso2server', [11, 21]],
    ['is', '7.3.0', [7, 3], 'wso2server', [21]],
    ['mi', '1.2.0', [1, 2], 'micro-integrator', [7, 11]],
    ['mi', '4.0.0', [4, 0], 'micro-integrator', [7, 11]],
    ['mi', '4.1.0', [4, 1], 'micro-integrator', [7, 11]],
    ['mi', '4.3.0', [4, 2], 'micro-integrator', [11, 17]],
    ['mi', '4.4.0', [4, 4], 'micro-integrator', [11, 21]],
    ['mi', '4.6.0', [4, 6], 'micro-integrator', [21, 25]],
    ['ei', '6.0.0', [6, 0], 'integrator', [7, 8]],
    ['ei', '6.6.0', [6, 6], 'integrator', [7, 11]],
    ['sp', '4.2.0', [4, 0], 'editor', [8, 8]],
    ['sp', '4.4.0', [4, 4], 'editor', [8, 8]],
    // Of the kernel.
    ['server', '4.4.35', [0, 0], 'wso2server', [7]],
    ['server', '4.6.0', [0, 0], 'wso2server', [7]],
    ['server', '4.6.1', [4, 6, 1], 'wso2server', [7]],
    ['server', '4.9.1-m1', [4, 6, 1], 'wso2server', [7]],
    ['server', '4.10.2', [4, 6, 1], 'wso2server', [7]],
    ['server', '4.10.32', [4, 10, 3], 'wso2server', [7]],
    ['server', '99.0', [4, 10, 3], 'wso2server', [7]],
  ])('%s %s', (id, version, since, script, jdk) => {
    const { row, warning } = rowFor(factsOf(id), version, []);
    expect(row).toMatchObject({ since, script, jdk });
    expect(warning).toBeUndefined();
  });
});

test.each<[text: string | undefined, version: string | undefined]>([
  ['WSO2 Carbon Framework v4.10.32\n', '4.10.32'],
  ['WSO2 Carbon Framework v4.9.1-m1', '4.9.1-m1'],
  ['${product.name} v${product.version}', undefined],
  [undefined, undefined],
])('%j tells the kernel %j', (text, version) => {
  expect(kernelVersion(text)).toBe(version);
});

test.each([
  [{ version: '6.6.0', kernel: '4.4.35' }, 'server 6.6.0'],
  [{ version: null, kernel: '4.10.32' }, 'server, kernel 4.10.32'],
  [{ version: null }, 'server'],
])('%j reads like %s', (known, words) => {
  expect(`server${versionWords(known)}`).toBe(words);
});

describe('an unknown version gets the nearest older row, else the oldest, and a warning', () => {
  test.each<[ProductId, string, Version, string]>([
    ['apim', '4.8.0', [4, 7], '1.10 to 4.7'],
    ['apim', '4.10.0', [4, 7], '1.10 to 4.7'],
    ['apim', '11.0.0', [4, 7], '1.10 to 4.7'],
    ['apim', '1.9.1', [1, 10], '1.10 to 4.7'],
    ['gateway', '5.0.0', [4, 7], '4.5 to 4.7'],
    ['is', '5.2.0', [5, 3], '5.3 to 7.3'],
    ['is', '8.0.0', [7, 3], '5.3 to 7.3'],
    ['mi', '1.1.0', [1, 2], '1.2 to 4.6'],
  ])('%s %s', (id, version, since, known) => {
    const { row, warning } = rowFor(factsOf(id), version, []);
    expect(row.since).toEqual(since);
    expect(warning).toBe(
      `${factsOf(id).title} ${version} is not one of the known versions (${known}); the rules of ${since.join('.')} are used.`,
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

  test('and without one where versions say nothing', () => {
    expect(rowFor(factsOf('server'), null, [])).toEqual({ row: factsOf('server').versions[0] });
  });
});
