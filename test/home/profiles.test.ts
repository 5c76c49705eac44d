import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { factsOf } from '../../src/domain/catalogue.js';
import { parseScriptArguments } from '../../src/domain/command.js';
import { isFolderOf } from '../../src/domain/product.js';
import { mention } from '../../src/domain/text.js';
import { type InspectedHome, inspectHome, inspectWithoutHome } from '../../src/home/inspect.js';
import { createStandInHome } from '../../src/standin/home.js';
import { nodeSystem } from '../../src/system/index.js';

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-')), 'wso2ei');
});
afterEach(() => rmSync(dirname(home), { recursive: true }));

function inspect(folder: string, profile?: string): InspectedHome {
  return inspectHome(
    {
      named: { path: join(home, folder), by: mention.option('home') },
      ...(profile !== undefined && { profile: { name: profile, by: mention.option('profile') } }),
      script: parseScriptArguments([]),
      isOffsetPassed: false,
    },
    { ...nodeSystem, env: {} },
  );
}

describe('a server of an Enterprise Integrator is meant', () => {
  test.each<[how: string, folder: string, profile: string | undefined, inner: string, title: string]>([
    ['by nothing: the integrator', '.', undefined, '.', 'WSO2 Enterprise Integrator'],
    ['by its profile', '.', 'broker', 'wso2/broker', 'WSO2 EI Broker'],
    ['by its folder', 'wso2/broker', undefined, 'wso2/broker', 'WSO2 EI Broker'],
    ['by the profile, whatever folder is named', 'wso2/broker', 'integrator', '.', 'WSO2 Enterprise Integrator'],
  ])('%s', (_how, folder, profile, inner, title) => {
    createStandInHome(home, { product: 'ei', version: '6.6.0', profile: 'integrator' });
    createStandInHome(home, { product: 'ei', version: '6.6.0', profile: 'broker' });
    rmSync(join(home, 'wso2/broker/bin/version.txt'));
    const found = inspect(folder, profile);
    expect(found).toMatchObject({ id: 'ei', version: '6.6.0', home: join(home, inner), facts: { title } });
    expect(found.configured.value).toBe(inner === '.' ? 0 : 3);
  });

  test('beside others in its folder, of which the version has only one', () => {
    createStandInHome(home, { product: 'ei', version: '6.1.1', profile: 'analytics' });
    expect(inspect('wso2/analytics')).toMatchObject({ id: 'ei', facts: { title: 'WSO2 EI Analytics' } });
    expect(inspect('wso2/analytics').configured).toEqual({ value: 1, source: 'carbon.xml:3' });
  });

  test('whose folder is empty is refused', () => {
    createStandInHome(home, { product: 'ei', version: '6.6.0' });
    expect(() => inspect('.', 'broker')).toThrow('lacks wso2/broker, the folder of the profile broker.');
    mkdirSync(join(home, 'wso2/broker'), { recursive: true });
    expect(inspect('.', 'broker').warnings).toEqual([
      `${join(home, 'wso2/broker/conf/carbon.xml')} is missing: its offset is taken to be 0.`,
    ]);
  });
});

test.each<[profile: string | undefined, offset: number, ports: string]>([
  [undefined, 0, '9443 9763 8280 8243 9999 11111'],
  ['business-process', 2, '9443 9763 9999 11111'],
  ['broker', 3, '9443 9763 5672 8672 1883 8883 9999 11111'],
  ['msf4j', 0, '9090'],
  ['analytics-worker', 0, '9091 9444 7070 7443 7612 7712 9611 9711'],
  ['analytics-dashboard', 2, '9641 7611 7711 9611 9711'],
])('without any home, the profile %s is as it is shipped', (profile, offset, ports) => {
  const asked = profile === undefined ? {} : { profile: { name: profile, by: mention.option('profile') } };
  const found = inspectWithoutHome('ei', asked);
  expect([found.configured.value, found.ports.map(({ base }) => base).join(' ')]).toEqual([offset, ports]);
});

test.each<[product: 'ei' | 'sp' | 'mi', profile: string, folder: string, isIt: boolean | undefined]>([
  ['ei', 'broker', '/opt/ei/wso2/broker', true],
  ['ei', 'broker', '/opt/ei', false],
  ['ei', 'integrator', '/opt/ei', true],
  ['ei', 'integrator', '/opt/ei/wso2/business-process', false],
  ['ei', 'analytics-worker', '/opt/ei/wso2/analytics/wso2/worker', true],
  ['ei', 'analytics-worker', '/opt/ei/wso2/analytics/wso2/dashboard', false],
  ['ei', 'msf4j', 'C:\\ei\\wso2\\msf4j', true],
  ['ei', 'worker', '/opt/ei/wso2/analytics/wso2/worker', undefined],
  ['sp', 'editor', '/opt/sp/wso2/editor', true],
  ['sp', 'editor', '/opt/sp/wso2/worker', false],
  ['mi', 'editor', '/opt/mi', undefined],
])('of %s, the profile %s runs in %s: %s', (product, profile, folder, isIt) => {
  expect(isFolderOf(profile, folder, factsOf(product))).toBe(isIt);
});
