import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ProductId } from '../../src/domain/catalogue.js';
import { parseScriptArguments } from '../../src/domain/command.js';
import type { ConfigurationChange } from '../../src/domain/configuration-change.js';
import { effectivePorts } from '../../src/domain/ports.js';
import { mention } from '../../src/domain/text.js';
import { type InspectedHome, inspectHome } from '../../src/home/inspect.js';
import { createStandInHome } from '../../src/standin/home.js';
import { nodeSystem } from '../../src/system/index.js';
import { refusal } from '../support/refusal.js';

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-')), 'home');
});
afterEach(() => rmSync(dirname(home), { recursive: true }));

interface Kind {
  readonly product: ProductId;
  readonly version: string;
  readonly profile?: string;
}

function changed(kind: Kind, ...changes: readonly ConfigurationChange[]): InspectedHome {
  const { product, profile } = kind;
  const request = {
    product,
    named: { path: home, by: mention.option('home') },
    ...(profile !== undefined && { profile: { name: profile, by: mention.option('profile') } }),
    script: parseScriptArguments([]),
    isOffsetPassed: false,
    changes,
  };
  return inspectHome(request, { ...nodeSystem, env: {} });
}

const offset = (number: number): ConfigurationChange => ({ by: '--set', key: 'Ports.Offset', text: String(number) });

test.each<[Kind, path: string]>([
  [{ product: 'apim', version: '2.6.0' }, 'repository/conf/carbon.xml'],
  [{ product: 'is', version: '5.7.0' }, 'repository/conf/carbon.xml'],
  [{ product: 'ei', version: '6.4.0', profile: 'integrator' }, 'conf/carbon.xml'],
  [{ product: 'ei', version: '6.6.0', profile: 'broker' }, 'wso2/broker/conf/carbon.xml'],
])('of %j the ports are those of the result', (kind, path) => {
  createStandInHome(home, kind);
  const found = changed(kind, offset(41));
  expect(found.configured).toEqual({ value: 41, source: 'carbon.xml (changed):3' });
  expect(effectivePorts(found.ports, 41).find(({ name }) => name === 'servlet-https')?.number).toBe(9443 + 41);
  expect(found.overlaid).toMatchObject({ path: join(home, path), format: 'xml' });
  expect(found.warnings).toEqual([]);
});

test('a file that is missing can not be changed', () => {
  const kind: Kind = { product: 'apim', version: '2.6.0' };
  createStandInHome(home, kind);
  const path = join(home, 'repository/conf/carbon.xml');
  rmSync(path);
  const { code, message } = refusal(() => changed(kind, offset(41)));
  expect([code, message]).toEqual([3, `--set changes a carbon.xml, and ${path} is missing.`]);
});

test('a file in another encoding keeps its bytes, and is read all the same', () => {
  const kind: Kind = { product: 'apim', version: '2.6.0' };
  createStandInHome(home, kind);
  const text =
    '<?xml version="1.0" encoding="ISO-8859-1"?><Server><Name>\xe4</Name><Ports><Offset>0</Offset></Ports></Server>';
  writeFileSync(join(home, 'repository/conf/carbon.xml'), Buffer.from(text, 'latin1'));
  const found = changed(kind, offset(41));
  expect(found.configured.value).toBe(41);
  expect(found.overlaid?.after).toBe(text.replace('\xe4', '\udce4').replace('>0<', '>41<'));
});
