import { describe, expect, test } from '@jest/globals';
import { factsOf, PRODUCT_IDS } from '../../src/domain/catalogue.js';
import { deployersWith, lackingFrom, listDeployers, serverFactsIn } from '../../src/domain/deployer.js';
import { type AwaitedArtifact, batchesOf, type DeploymentAction, DeploymentLog } from '../../src/domain/deployment.js';
import type { DeployerFact, DeploymentFacts } from '../../src/domain/facts.js';

const deploymentOf = (product: 'server' | 'mi'): DeploymentFacts => factsOf(product).deployment as DeploymentFacts;

function awaited(
  file: string,
  names: readonly string[] = [],
  { product = 'server', root }: { product?: 'server' | 'mi'; root?: string } = {},
): AwaitedArtifact {
  const fits = ({ ending, root: own }: DeployerFact): boolean =>
    file.endsWith(ending) && (root === undefined || own === root);
  const { words } = deploymentOf(product).deployers.find(fits) as DeployerFact;
  if (!words) throw new Error(`nothing is said of ${file}`);
  return { file, names, words };
}

const judged = (artifact: AwaitedArtifact, lines: readonly string[], action: DeploymentAction = 'deploy'): unknown => {
  const log = new DeploymentLog([artifact], action);
  log.take(lines);
  return log.verdictOn(artifact)?.kind;
};

const AT = '[2026-11-29 17:13:04,550]';
const SERVER = '/opt/kernel/repository/deployment/server';
const INTERCEPTOR = '{org.wso2.carbon.core.deployment.DeploymentInterceptor}';
const MANAGER = '{org.wso2.carbon.application.deployer.internal.ApplicationManager}';
const WEBAPPS = '{org.wso2.carbon.webapp.mgt.TomcatGenericWebappsDeployer}';
const CONTEXT = 'StandardEngine[Catalina].StandardHost[localhost].StandardContext';

const car = awaited('my.car', ['MyApp_1.0.0']);
const war = awaited('hello.war');
const aar = awaited('hello.aar', ['hello1', 'hello2']);
const miCar = awaited('my.car', ['MyApp_1.0.0'], { product: 'mi' });
const api = awaited('Orders.xml', ['Orders'], { root: 'api' });

describe('a log says that it is done', () => {
  // Those of .car, .war and .aar were logged by kernel 4.10.32, the others stand in the sources that are named beside the words.
  test.each<[AwaitedArtifact, DeploymentAction, string]>([
    [car, 'deploy', `${AT}  INFO ${MANAGER} - Successfully Deployed Carbon Application : MyApp_1.0.0 {super-tenant}`],
    [
      car,
      'undeploy',
      `${AT}  INFO ${MANAGER} - Successfully Undeployed Carbon Application : MyApp_1.0.0 {super-tenant}`,
    ],
    [
      car,
      'undeploy',
      `${AT}  INFO {org.wso2.carbon.application.deployer.CappAxis2Deployer} - Undeploying Faulty Carbon Application On : ${SERVER}/carbonapps/my.car`,
    ],
    [war, 'deploy', `${AT}  INFO ${WEBAPPS} - Deployed webapp: ${CONTEXT}[/hello].File[${SERVER}/webapps/hello.war]`],
    [
      war,
      'undeploy',
      `${AT}  INFO ${WEBAPPS} - Undeployed webapp: ${CONTEXT}[/hello].File[${SERVER}/webapps/hello.war]`,
    ],
    [
      war,
      'undeploy',
      `${AT}  INFO ${WEBAPPS} - Undeployed webapp: StandardContext[hello.war].File[${SERVER}/webapps/hello.war]`,
    ],
    [
      war,
      'deploy',
      `${AT}  INFO ${WEBAPPS} - Deployed webapp: ${CONTEXT}[/hello].File[C:\\kernel\\webapps\\hello.war]`,
    ],
    [
      miCar,
      'deploy',
      `${AT}  INFO {CappDeployer} - Successfully Deployed Carbon Application : MyApp_1.0.0{super-tenant}`,
    ],
    [
      miCar,
      'undeploy',
      `${AT}  INFO {CappDeployer} - Successfully undeployed Carbon Application : MyApp_1.0.0 {super-tenant}`,
    ],
    [
      api,
      'deploy',
      `${AT}  INFO {APIDeployer} - API named 'Orders' has been deployed from file : ${SERVER}/api/Orders.xml`,
    ],
    [api, 'deploy', `${AT}  INFO {APIDeployer} - API: Orders has been updated from the file: ${SERVER}/api/Orders.xml`],
    [api, 'undeploy', `${AT}  INFO {APIDeployer} - API named 'Orders' has been undeployed`],
    [
      awaited('Echo.xml', ['Echo'], { root: 'proxy' }),
      'deploy',
      `${AT}  INFO {ProxyServiceDeployer} - ProxyService named 'Echo' has been update from file : ${SERVER}/proxy-services/Echo.xml`,
    ],
    [
      awaited('Every.xml', ['Every'], { root: 'task', product: 'mi' }),
      'deploy',
      `${AT}  INFO {TaskDeployer} - StartupTask named 'Every' has been deployed from file : ${SERVER}/tasks/Every.xml`,
    ],
    [
      awaited('shop.dbs', ['Shop']),
      'deploy',
      `${AT}  INFO ${INTERCEPTOR} - Deploying Axis2 service: Shop {super-tenant}`,
    ],
  ])('%#', (artifact, action, line) => {
    expect(judged(artifact, [line], action)).toBe('done');
    expect(judged(artifact, [line], action === 'deploy' ? 'undeploy' : 'deploy')).toBeUndefined();
  });

  test('of every service of an archive', () => {
    const first = `${AT}  INFO ${INTERCEPTOR} - Deploying Axis2 service: hello1 {super-tenant}`;
    expect(judged(aar, [first, first])).toBeUndefined();
    expect(judged(aar, [first, first.replace('hello1', 'hello2')])).toBe('done');
  });

  test.each<[AwaitedArtifact, string]>([
    [car, `${AT}  INFO ${MANAGER} - Successfully Deployed Carbon Application : MyApp_1.0.0.1 {super-tenant}`],
    [car, `${AT}  INFO ${MANAGER} - Successfully Deployed Carbon Application : MyApp_1x0.0 {super-tenant}`],
    [war, `${AT}  INFO ${WEBAPPS} - Deployed webapp: ${CONTEXT}[/othello].File[${SERVER}/webapps/othello.war]`],
    [war, `${AT}  INFO ${WEBAPPS} - Unloaded webapp: ${CONTEXT}[/hello]`],
    [api, `${AT}  INFO {APIDeployer} - API named 'Orders' has been deployed from file : ${SERVER}/api/Orders.xml.back`],
  ])('but not by a line about another one: %#', (artifact, line) => {
    expect(judged(artifact, [line])).toBeUndefined();
  });
});

describe('a log says that it is faulty', () => {
  test.each<[AwaitedArtifact, string]>([
    [
      car,
      `${AT} ERROR {CappAxis2Deployer} - Error while deploying carbon application ${SERVER}/carbonapps/my.car java.util.X`,
    ],
    [
      car,
      `${AT}  WARN ${MANAGER} - No artifacts found to be deployed in this server. Ignoring Carbon Application : my.car`,
    ],
    [car, `${AT} ERROR ${MANAGER} - Some dependencies in cApp : MyApp_1.0.0 were not satisfied. Check whether`],
    [
      car,
      `${AT} ERROR ${MANAGER} - Carbon Application : MyApp_1.0.0 already exists. Two applications can't have the same Id.`,
    ],
    [
      miCar,
      `${AT} ERROR {CappDeployer} - Error occurred while deploying the Carbon application: my.car. Reverting successfully`,
    ],
    [
      miCar,
      `${AT} ERROR {CappDeployer} - Error occurred while deploying the Carbon application: ${SERVER}/carbonapps/my.car`,
    ],
    [
      miCar,
      `${AT} ERROR {CappDeployer} - Some dependencies were not satisfied in cApp:MyApp_1.0.0Check whether all dependent artifacts are included in cApp file: ${SERVER}/carbonapps/my.car`,
    ],
    [
      war,
      `${AT} ERROR ${WEBAPPS} - Error while deploying webapp: StandardContext[hello.war].File[${SERVER}/webapps/hello.war] org.wso2`,
    ],
    [
      aar,
      `${AT} ERROR {org.apache.axis2.deployment.ServiceDeployer} - The hello.aar service, which is not valid, caused It`,
    ],
    [
      awaited('shop.dbs', ['Shop'], { product: 'mi' }),
      `${AT} ERROR {DBDeployer} - The shop.dbs service, which is not valid, caused {1}`,
    ],
    [
      api,
      `${AT} ERROR {APIDeployer} - Deployment of the Synapse Artifact from file : ${SERVER}/api/Orders.xml : Failed!`,
    ],
    [
      api,
      `${AT} ERROR {APIDeployer} - Deployment of synapse artifact failed. Error parsing ${SERVER}/api/Orders.xml : Unexpected`,
    ],
  ])('%#', (artifact, line) => {
    expect(judged(artifact, [line])).toBe('faulty');
    const log = new DeploymentLog([artifact], 'deploy');
    log.take([line]);
    expect(log.verdictOn(artifact)).toEqual({ kind: 'faulty', lines: [line] });
  });

  test('without its name, of the one whose deployment has begun', () => {
    const other = awaited('other.car', ['Other_1']);
    const log = new DeploymentLog([car, other], 'deploy');
    log.take([
      `${AT}  INFO ${MANAGER} - Deploying Carbon Application : other.car...`,
      `${AT} ERROR {org.apache.axis2.deployment.ServiceDeployer} - The x.aar service, which is not valid, caused It`,
      '\tat org.apache.axis2.Deployer.deploy(Deployer.java:1)',
      'Caused by: java.lang.ClassNotFoundException: org.nowhere.Class',
      `${AT} ERROR ${MANAGER} - Error occurred while deploying Carbon Application org.apache`,
      'Caused by: java.lang.ClassNotFoundException: org.nowhere.Class',
      `${AT}  INFO ${MANAGER} - Deploying Carbon Application : my.car...`,
      `${AT}  INFO ${MANAGER} - Successfully Deployed Carbon Application : MyApp_1.0.0 {super-tenant}`,
    ]);
    expect(log.verdictOn(car)).toEqual({ kind: 'done' });
    expect(log.verdictOn(other)).toEqual({
      kind: 'faulty',
      lines: [
        `${AT} ERROR {org.apache.axis2.deployment.ServiceDeployer} - The x.aar service, which is not valid, caused It`,
        'Caused by: java.lang.ClassNotFoundException: org.nowhere.Class',
        `${AT} ERROR ${MANAGER} - Error occurred while deploying Carbon Application org.apache`,
      ],
    });
  });

  test('with all that leads to it, however often it is said', () => {
    const lines = [
      `${AT} ERROR {org.apache.tomcat.util.descriptor.web.WebXmlParser} - Parse error in application web.xml file at [file:/x]`,
      `${AT} ERROR {org.apache.catalina.core.StandardContext} - Context [/hello] startup failed due to previous errors`,
      `${AT} ERROR ${WEBAPPS} - Error while deploying webapp: StandardContext[hello.war].File[${SERVER}/webapps/hello.war] org`,
      'Caused by: java.lang.Exception: Webapp failed to deploy, Lifecycle state is STOPPED',
    ];
    const log = new DeploymentLog([war], 'deploy');
    log.take([
      ...lines,
      `${AT} ERROR {AbstractWebappDeployer} - Error occurred while deploying webapp : ${SERVER}/webapps/hello.war org`,
    ]);
    expect(log.verdictOn(war)).toEqual({ kind: 'faulty', lines });
  });

  test('with the lines of its own alone', () => {
    const bad = awaited('bad.aar', ['bad']);
    const log = new DeploymentLog([aar, bad], 'deploy');
    const fault = (file: string): string =>
      `${AT} ERROR {org.apache.axis2.deployment.ServiceDeployer} - The ${file} service, which is not valid, caused It`;
    log.take(['Caused by: printed before any complaint', fault('hello.aar'), 'Caused by: one', fault('bad.aar')]);
    expect(log.verdictOn(aar)).toEqual({ kind: 'faulty', lines: [fault('hello.aar'), 'Caused by: one'] });
    expect(log.verdictOn(bad)).toEqual({ kind: 'faulty', lines: [fault('bad.aar')] });
  });
});

describe('what a server takes', () => {
  test('is what it has bundles for', () => {
    const bundles = [
      'org.wso2.carbon.application.deployer,4.10.32,../plugins/a.jar,4,true',
      'org.wso2.carbon.webapp.mgt.extra,4.12.20,../plugins/b.jar,4,true',
    ].join('\n');
    const endings = (list: string | undefined): string[] => [
      ...new Set(deployersWith(list, deploymentOf('server')).map(({ ending }) => ending)),
    ];
    expect(endings(bundles)).toEqual(['.car', '.aar']);
    expect(endings(undefined)).toEqual(['.car', '.war', '.aar', '.dbs', '.xml']);
    expect(endings(`${bundles}\norg.wso2.carbon.webapp.mgt,4.12.20,../plugins/c.jar,4,true`)).toContain('.war');
  });

  test('and is looked for while it runs by a bundle of its own', () => {
    const hot = (list: string): unknown[] =>
      deployersWith(list, deploymentOf('server')).flatMap(({ root, words }) => (root && words ? [root] : []));
    const engine = 'org.wso2.carbon.mediation.initializer,4.7.1,../plugins/m.jar,4,true';
    expect(hot(engine)).toEqual(['inboundEndpoint']);
    expect(hot(`${engine}\norg.wso2.carbon.rest.api,4.7.1,../plugins/r.jar,4,true`)).toEqual([
      'api',
      'inboundEndpoint',
    ]);
    const all = deployersWith(engine, deploymentOf('server'));
    expect(all.filter(({ ending }) => ending === '.xml')).toHaveLength(13);
    expect(lackingFrom(all, deploymentOf('server')).map(({ ending }) => ending)).toEqual(['.car', '.war', '.dbs']);
  });

  test('is listed', () => {
    expect(listDeployers(deploymentOf('mi').deployers)).toMatch(
      /^\.car, \.dbs, \.xml \(api, endpoint, .*task, template\)$/,
    );
  });

  test('differs between the profiles of a home', () => {
    expect(serverFactsIn('ei', '/opt/ei').title).toBe('WSO2 Enterprise Integrator');
    expect(serverFactsIn('ei', '/opt/ei/wso2/business-process').title).toBe('WSO2 EI Business Process');
    expect(serverFactsIn('ei', '/opt/ei/wso2/msf4j').deployment).toBeUndefined();
    expect(serverFactsIn('si', '/opt/si/wso2/server').deployment).toBeUndefined();
  });

  test.each(PRODUCT_IDS)('of %s is told by patterns that are none of others', (id) => {
    for (const { ending, root, folder, words } of factsOf(id).deployment?.deployers ?? []) {
      expect(folder).toMatch(/^repository\/deployment\/server\//);
      if (!words) continue;
      const artifact = { file: `a${ending}`, names: ['n'], words };
      expect(judged(artifact, ['', `${AT}  INFO {x.Y} - something else of a${ending}`])).toBeUndefined();
      expect(root === undefined || ['.xml', '.dbs'].includes(ending)).toBe(true);
    }
  });
});

test('a Micro Integrator reads most synapse artifacts when it starts', () => {
  const heard = deploymentOf('mi').deployers.flatMap(({ root, words }) => (words && root ? [root] : []));
  expect(heard).toEqual(['data', 'inboundEndpoint', 'task']);
});

test.each([
  ['<parameter name="hotdeployment" locked="false">false</parameter>', true],
  ['<parameter name="hotdeployment" locked="false">true</parameter>', false],
])('hot deployment is switched off by %s: %s', (line, isOff) => {
  expect(deploymentOf('mi').suspendedBy?.pattern.test(line)).toBe(isOff);
});

describe('files are changed all at once', () => {
  const isArchive = (file: string): boolean => file.endsWith('.aar');

  test.each<[files: readonly string[], batches: readonly (readonly string[])[]]>([
    [['a.car', 'b.war'], [['a.car', 'b.war']]],
    [
      ['a.aar', 'a.car', 'b.aar', 'b.war'],
      [['a.car', 'b.war'], ['a.aar'], ['b.aar']],
    ],
    [['a.aar'], [['a.aar']]],
  ])('but for those that have to be alone: %j', (files, batches) => {
    expect(batchesOf(files, isArchive)).toEqual(batches);
  });

  test('which are those whose removal may keep the server from others', () => {
    const alone = deploymentOf('server').deployers.filter(({ isRemovedAlone }) => isRemovedAlone);
    expect(alone.map(({ ending }) => ending)).toEqual(['.aar']);
  });
});
