import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseScriptArguments } from '../../src/domain/command.js';
import { mention } from '../../src/domain/text.js';
import { inspectHome } from '../../src/home/inspect.js';
import { checkWriting, lookAtWriting } from '../../src/home/writing.js';
import { nodeFiles } from '../../src/system/files.js';
import { nodeSystem } from '../../src/system/index.js';

// What was seen on kernels 4.5.1, 4.8.1 and 4.10.32, each path made unwritable alone.

const TOML = 'repository/conf/deployment.toml';
const OSGI = 'repository/components/default/configuration';
const DATABASE = 'repository/database/A.mv.db';
const MARKS = 'repository/resources/conf/.metadata';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  const toml = '[database.shared_db]\nurl = "jdbc:h2:./repository/database/A;X=Y"\n';
  put('bin/wso2server.sh', '#!/bin/sh\n');
  put('bin/wso2carbon-version.txt', 'WSO2 Carbon Framework v4.10.32\n');
  put('lib/config-mapper-1.0.22.jar');
  put(TOML, toml);
  put('repository/resources/conf/templates/repository/conf/carbon.xml.j2', '<Server/>');
  put('repository/resources/conf/templates/repository/conf/etc/jmx.xml.j2', '<JMX/>');
  put('repository/conf/carbon.xml', '<Server/>');
  for (const path of [`${OSGI}/config.ini`, DATABASE, 'repository/database/B.mv.db', 'tmp/x', 'repository/logs/x'])
    put(path);
});
afterEach(() => rmSync(home, { recursive: true }));

function put(path: string, text = ''): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
}

/** As a start leaves the home: everything rendered, its sums written down, and what was there before copied. */
function start(): void {
  put('repository/conf/etc/jmx.xml', '<JMX/>');
  put(`${OSGI}/org.eclipse.osgi/.manager/.fileTableLock`);
  put('backup/repository/conf/carbon.xml');
  put('wso2carbon.pid', '7\n');
  const sums = (paths: readonly string[]): string =>
    paths
      .map(
        (path) =>
          `${path}=${createHash('md5')
            .update(readFileSync(join(home, path)))
            .digest('hex')}\n`,
      )
      .join('');
  const templates = ['carbon.xml', 'etc/jmx.xml'].map(
    (file) => `repository/resources/conf/templates/repository/conf/${file}.j2`,
  );
  put(
    `${MARKS}/metadata_config.properties`,
    `#now\n${sums([TOML, 'repository/conf/carbon.xml', 'repository/conf/etc/jmx.xml'])}`,
  );
  put(`${MARKS}/metadata_template.properties`, sums(templates));
  put(`${MARKS}/references.properties`, '#now\nenv\\:PLACE=here\n');
}

interface Asked {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly followsOffset?: boolean;
}

/** Where these alone may not be written: the refused ones, `-` before what is lacking only. */
function look(
  unwritable: readonly string[],
  { args = [], env = { PLACE: 'here' }, followsOffset = false }: Asked = {},
) {
  const denied = new Set(unwritable.map((path) => join(home, path)));
  const files = { ...nodeFiles, whyUnwritable: (path: string) => (denied.has(path) ? 'EACCES' : undefined) };
  const system = { ...nodeSystem, env, files };
  const script = parseScriptArguments(args);
  const inspection = inspectHome(
    { named: { path: home, by: mention.option('home') }, script, isOffsetPassed: false },
    system,
  );
  const { refused, lacking } = lookAtWriting(inspection, { script, followsOffset }, system);
  const name = ({ path }: { path: string }): string => path.slice(home.length + 1) || '.';
  return [...new Set([...refused.map(name), ...lacking.map((one) => `-${name(one)}`)])];
}

test('where all can be written nothing is told', () => {
  expect(look([])).toEqual([]);
  start();
  expect(look([])).toEqual([]);
});

describe('in a home that was never started it ends without', () => {
  test.each([
    ['the home itself', ['']],
    ['a rendered file', ['repository/conf/carbon.xml']],
    ['the folder of one that is not there yet', ['repository/conf']],
    ["Equinox's folder", [OSGI]],
    ['a database that it uses', [DATABASE]],
  ])('%s', (_what, unwritable) => {
    expect(look(unwritable).filter((path) => !path.startsWith('-'))).toEqual(unwritable.map((path) => path || '.'));
  });
});

describe('in a home that was started before', () => {
  beforeEach(start);

  test.each<[what: string, unwritable: string[], refused: string[]]>([
    ['the home itself is needed, for the last configuration is copied at each start', [''], ['.']],
    ['a copy of it that can not be removed is in the way', ['backup/repository/conf'], ['backup/repository/conf']],
    [
      'a rendered file is not, as long as nothing has changed',
      ['repository/conf/carbon.xml'],
      ['-repository/conf/carbon.xml'],
    ],
    [
      'a lock of Equinox is',
      [`${OSGI}/org.eclipse.osgi/.manager/.fileTableLock`],
      [`${OSGI}/org.eclipse.osgi/.manager/.fileTableLock`],
    ],
    ['the folder round that is not', [`${OSGI}/org.eclipse.osgi`], []],
    ['a database that it does not use is not', ['repository/database/B.mv.db'], []],
    ['logs and tmp are wanted', ['repository/logs', 'tmp'], ['-tmp', '-repository/logs']],
    ['the pid file is wanted', ['wso2carbon.pid'], ['-wso2carbon.pid']],
  ])('%s', (_what, unwritable, expected) => {
    expect(look(unwritable)).toEqual(expected);
  });

  test.each<[what: string, change: () => unknown]>([
    ['its deployment.toml has changed', () => void put(TOML, '# other\n')],
    [
      'a template has changed',
      () => void put('repository/resources/conf/templates/repository/conf/carbon.xml.j2', '<Other/>'),
    ],
    ['there is a new template', () => void put('repository/resources/conf/templates/repository/conf/new.xml.j2')],
    ['somebody has edited what was rendered', () => void put('repository/conf/etc/jmx.xml', '<Mine/>')],
    ['a variable that it refers to has changed', () => ({ env: { PLACE: 'there' } })],
    ['its marks are gone', () => rmSync(join(home, MARKS), { recursive: true })],
    ['it is told to', () => ({ args: ['-DforceConfigUpdate=true'] })],
    [
      'its start script tells it to',
      () => void put('bin/wso2server.sh', '#!/bin/sh\njava -DavoidConfigHashRead=true\n'),
    ],
    ['it starts with a copy of its deployment.toml', () => ({ followsOffset: true })],
  ])('a rendered file is needed where %s', (_what, change) => {
    expect(look(['repository/conf/carbon.xml'], (change() ?? {}) as Asked)).toEqual(['repository/conf/carbon.xml']);
  });

  test.each<[what: string, change: () => unknown]>([
    ['it is told to render nothing', () => ({ args: ['-DavoidConfigUpdate=true'] })],
    ['there is no deployment.toml', () => rmSync(join(home, TOML))],
    [
      'an old config-mapper copies only what it renders',
      () => {
        rmSync(join(home, 'lib/config-mapper-1.0.22.jar'));
        put('lib/config-mapper-1.0.2.jar');
      },
    ],
  ])('the home itself is not needed where %s', (_what, change) => {
    expect(look([''], (change() ?? {}) as Asked).filter((path) => !path.startsWith('-'))).toEqual([]);
  });
});

test('a Micro Integrator renders at each start, and lacks no database', () => {
  rmSync(home, { recursive: true });
  put('bin/version.txt', 'WSO2 Micro Integrator v4.4.0\n');
  put('bin/micro-integrator.sh', '#!/bin/sh\njava -DavoidConfigHashRead=true\n');
  put('conf/deployment.toml');
  put('conf/carbon.xml', '<Server/>');
  put('repository/resources/conf/templates/conf/carbon.xml.j2', '<Server/>');
  put('wso2/components/default/configuration/config.ini');
  expect(look(['conf/carbon.xml', 'wso2/components/default/configuration', 'repository/database'])).toEqual([
    'conf/carbon.xml',
    'wso2/components/default/configuration',
  ]);
});

test('the refusal names home and paths, and the next step', () => {
  const files = { ...nodeFiles, whyUnwritable: () => 'EROFS' };
  const system = { ...nodeSystem, files };
  const script = parseScriptArguments([]);
  const inspection = inspectHome(
    { named: { path: home, by: mention.option('home') }, script, isOffsetPassed: false },
    system,
  );
  expect(() => checkWriting(inspection, { script, followsOffset: false }, system)).toThrow(
    `In ${home} this user may not write what the server has to: the home itself, repository/conf, ${OSGI}, ${DATABASE}.`,
  );
});
