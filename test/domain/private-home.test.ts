import { describe, expect, test } from '@jest/globals';
import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import {
  type FilePlacing,
  type HomeMarker,
  isPatch,
  markerIn,
  markerText,
  type PlacedFile,
  placerFor,
  updateStep,
} from '../../src/domain/private-home.js';

const NOTHING = { rendered: new Set<string>(), isPatched: false };

type Row = readonly [product: ProductId, path: string, placing: FilePlacing | undefined];

describe('a file of an installation gets into a private home', () => {
  test.each<Row>([
    ['apim', 'repository/components/plugins/org.wso2.carbon.core_4.9.jar', 'link'],
    ['apim', 'repository/components/plugins/p2.publisher/ant_tasks/tasks.jar', 'link'],
    ['apim', 'repository/components/features/org.wso2.core/feature.xml', 'link'],
    ['apim', 'dbscripts/h2.sql', 'link'],
    ['apim', 'lib/guava.jar', 'link'],
    ['apim', 'lib/transactions.properties', 'copy'],
    ['apim', 'lib/tomcat/conf/x.jar', 'copy'],
    ['apim', 'bin/bootstrap.jar', 'link'],
    ['apim', 'bin/wso2server.sh', 'copy'],
    ['apim', 'repository/deployment/server/webapps/api.war', 'link'],
    ['apim', 'repository/deployment/server/webapps/console/site/logo.PNG', 'link'],
    ['apim', 'repository/deployment/server/webapps/console/site/public/dist/index.js', 'link'],
    ['apim', 'repository/deployment/server/webapps/console/site/public/theme/settings.js', 'copy'],
    ['apim', 'repository/deployment/server/webapps/console/WEB-INF/web.xml', 'copy'],
    ['apim', 'repository/deployment/server/webapps/console/META-INF/war-tracker', 'copy'],
    ['apim', 'repository/deployment/server/webapps/auth/login.jsp', 'copy'],
    ['apim', 'repository/deployment/server/carbonapps/one.car', 'copy'],
    ['apim', 'repository/components/dropins/ojdbc.jar', 'copy'],
    ['apim', 'repository/components/dropins/ojdbc_1.0.0.jar', 'made'],
    ['apim', 'repository/components/lib/ojdbc.jar', 'copy'],
    [
      'apim',
      'repository/components/default/configuration/org.eclipse.equinox.simpleconfigurator/bundles.info',
      'follow',
    ],
    ['apim', 'repository/resources/conf/.metadata/metadata_config.properties', 'made'],
    ['apim', 'repository/components/default/configuration/config.ini', 'copy'],
    ['apim', 'repository/components/default/configuration/org.eclipse.osgi/bundles/1/x.jar', undefined],
    ['apim', 'repository/conf/deployment.toml', 'copy'],
    ['apim', 'repository/resources/security/wso2carbon.jks', 'copy'],
    ['apim', 'repository/database/WSO2CARBON_DB.mv.db', 'data'],
    ['apim', 'repository/logs/wso2carbon.log', undefined],
    ['apim', 'tmp/work/x.jar', undefined],
    ['apim', 'wso2carbon.pid', undefined],
    ['apim', 'something-new/in-an-update.jar', 'copy'],
    ['mi', 'wso2/components/plugins/synapse.jar', 'link'],
    ['mi', 'wso2/lib/log4j.jar', 'link'],
    ['mi', 'conf/deployment.toml', 'copy'],
    ['mi', 'repository/deployment/server/carbonapps/a.car', 'copy'],
    ['mi', 'registry/config/a.xml', 'data'],
    ['mi', '.icp_runtime_id', undefined],
    ['si', 'wso2/lib/plugins/siddhi.jar', 'link'],
    ['si', 'lib/ojdbc.jar', 'copy'],
    ['si', 'wso2/server/configuration/org.eclipse.osgi/1/x.jar', undefined],
    ['si', 'wso2/server/logs/carbon.log', undefined],
    ['si', 'wso2/server/deployment/siddhi-files/a.siddhi', 'copy'],
    ['si', 'wso2/server/database/WSO2_CARBON.mv.db', 'data'],
    ['ei', 'wso2/components/plugins/synapse.jar', 'link'],
    ['ei', 'wso2/components/broker-default/configuration/org.eclipse.osgi/x.jar', undefined],
    ['ei', 'wso2/broker/repository/database/MB.h2.db', 'data'],
    ['ei', 'wso2/broker/repository/logs/x.log', undefined],
  ])('%s %s: %s', (product, path, placing) => {
    const placer = placerFor({ placings: factsOf(product).placings, ...NOTHING });
    expect(placer.isLeftOut(path) ? undefined : placer.fileAt(path)).toBe(placing);
  });

  test('as a copy where a start renders it, though it would be linked', () => {
    const rendered = new Set(['repository/deployment/server/webapps/auth/logo.png']);
    const placer = placerFor({ placings: factsOf('apim').placings, rendered, isPatched: false });
    expect(placer.fileAt('repository/deployment/server/webapps/auth/logo.png')).toBe('made');
    expect(placer.fileAt('repository/deployment/server/webapps/other/logo.png')).toBe('link');
  });

  test('as a copy where it is a jar that a patch may be written into', () => {
    const placer = placerFor({ placings: factsOf('apim').placings, rendered: new Set(), isPatched: true });
    expect(placer.fileAt('repository/components/plugins/a.jar')).toBe('copy');
    expect(placer.fileAt('dbscripts/h2.sql')).toBe('link');
  });

  test.each([
    ['patch0001', true],
    ['patch0000', false],
    ['.metadata', false],
    ['patches', false],
  ])('%s is a patch: %s', (name, is) => {
    expect(isPatch(name)).toBe(is);
  });

  test('the folder of what starts empty is there, and what is in it is not', () => {
    const { isLeftOut } = placerFor({ placings: factsOf('apim').placings, ...NOTHING });
    expect([isLeftOut('tmp'), isLeftOut('tmp/work'), isLeftOut('repository/logs'), isLeftOut('backup')]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});

const file = (placing: FilePlacing, inode: number, writtenAtMs = 1_000, size = 10): PlacedFile => ({
  placing,
  inode,
  writtenAtMs,
  size,
});

/** A file as the home has it. */
const own = (inode: number, writtenAtMs = 1_000, size = 10) => ({ inode, writtenAtMs, size });

describe('a file gets up to date', () => {
  test.each([
    ['a link that is as it was', file('link', 1), file('link', 1), own(1), 'none'],
    ['a link to a file that was replaced', file('link', 1), file('link', 2, 2_000), own(1), 'place'],
    ['a link to a file replaced by one of the same looks', file('link', 1), file('link', 2), own(1), 'place'],
    ['a link to a file that was written into', file('link', 1), file('link', 1, 2_000), own(1, 2_000), 'none'],
    ['a link that is there already', file('link', 1), file('link', 2, 2_000), own(2, 2_000), 'none'],
    ['a link in whose place the user has put a file', file('link', 1), file('link', 2, 2_000), own(7, 5_000), 'keep'],
    ['such a file, the installation as it was', file('link', 1), file('link', 1), own(7, 5_000), 'none'],
    ['a link that could only be copied', file('link', 1), file('link', 2, 2_000), own(0, 1_000.4), 'place'],
    ['a link that has to be a copy from now on', file('link', 1), file('copy', 1), own(1), 'place'],
    ['a copy that may be a link from now on', file('copy', 1), file('link', 1), own(7), 'none'],
    ['a copy of a file that was changed', file('copy', 1), file('copy', 1, 2_000), own(7), 'place'],
    ['a copy that was changed as well', file('copy', 1), file('copy', 1, 2_000), own(7, 3_000, 11), 'keep'],
    ['a copy that was changed alone', file('copy', 1), file('copy', 1), own(7, 3_000, 11), 'none'],
    ['a copy that is up to date already', file('copy', 1), file('copy', 1, 2_000), own(7, 2_000.3), 'none'],
    ['a copy that was removed in the home', file('copy', 1), file('copy', 1, 2_000), undefined, 'keep'],
    ['a new file', undefined, file('copy', 1), undefined, 'place'],
    ['a new file where the home has one', undefined, file('copy', 1), own(7, 3_000), 'keep'],
    ['a file that is gone', file('copy', 1), undefined, own(7), 'remove'],
    ['a file that is gone, and was changed', file('copy', 1), undefined, own(7, 3_000), 'keep'],
    ['a file that is gone from both', file('copy', 1), undefined, undefined, 'none'],
    ['what the server makes, changed in both', file('made', 1), file('made', 1, 2_000), own(7, 3_000), 'keep-made'],
    ['what the server makes, changed in one', file('made', 1), file('made', 1, 2_000), own(7), 'place'],
    ['what the server has made in both', undefined, file('made', 1), own(7, 3_000), 'keep-made'],
    ['what the server completes, changed in both', file('follow', 1), file('follow', 1, 2_000), own(7, 3_000), 'place'],
    ['what the server completes, changed in the home', file('follow', 1), file('follow', 1), own(7, 3_000), 'none'],
    ['a database', file('data', 1), file('data', 1, 2_000), own(7), 'none'],
    ['a new database', undefined, file('data', 1, 2_000), undefined, 'none'],
  ] as const)('%s', (_, placed, wanted, found, step) => {
    expect(updateStep({ placed, wanted, own: found })).toBe(step);
  });
});

const MARKER: HomeMarker = {
  schemaVersion: 1,
  name: 'mi',
  product: 'mi',
  version: '4.4.0',
  installation: '/opt/mi',
  madeAt: '2026-11-29T12:00:00.000Z',
  files: { 'lib/a.jar': file('link', 1), 'conf/deployment.toml': file('copy', 2) },
};

describe('a marker', () => {
  test('is read as it was written', () => {
    expect(markerIn(JSON.parse(markerText(MARKER)))).toEqual(MARKER);
  });

  test.each([
    ['of another version', { schemaVersion: 2 }],
    ['with a name that is a path', { name: '../mi' }],
    ['with an installation that is no absolute path', { installation: 'mi' }],
    ['with a file above the home', { files: { '../x': ['copy', 1, 1, 1] } }],
    ['with a file somewhere', { files: { '/etc/passwd': ['copy', 1, 1, 1] } }],
    ['with a file on the way', { files: { 'a/../../x': ['copy', 1, 1, 1] } }],
    ['with a file that is placed as nothing known', { files: { x: ['move', 1, 1, 1] } }],
    ['with a file without its time', { files: { x: ['copy', 1] } }],
    ['without its files', { files: null }],
  ])('%s is none', (_, wrong) => {
    expect(markerIn({ ...JSON.parse(markerText(MARKER)), ...wrong })).toBeUndefined();
  });

  test.each([[null], ['text'], [[]], [{}]])('%j is none', (value) => {
    expect(markerIn(value)).toBeUndefined();
  });
});
