import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { factsOf } from '../../src/domain/catalogue.js';
import type { DeployerFact } from '../../src/domain/facts.js';
import { type DeployingServer, examineDeployable, findDeployed } from '../../src/home/deployables.js';
import { refusal } from '../support/refusal.js';
import { carbonApplication, listOf, zip } from '../support/zip.js';

const FOLDER = 'repository/deployment/server';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const serverOf = (product: 'server' | 'mi' | 'si', lacks: readonly string[] = []): DeployingServer => {
  const { title, deployment } = factsOf(product);
  const isLacking = ({ ending }: DeployerFact): boolean => lacks.includes(ending);
  const all = deployment?.deployers ?? [];
  return {
    title,
    home: join(folder, 'home'),
    deployers: all.filter((one) => !isLacking(one)),
    lacking: all.filter(isLacking),
    isSuspended: false,
  };
};

function file(name: string, content: string | Buffer = ''): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const services = (text: string): Buffer => zip({ 'META-INF/services.xml': text });

describe('a file is taken to the folder of its kind, with the names of what it holds', () => {
  test.each<[name: string, content: () => string | Buffer, target: string, names: readonly string[]]>([
    ['a.war', () => zip({ 'index.html': 'hello' }), 'webapps/a.war', []],
    ['my app#v1.war', () => zip({ 'WEB-INF/web.xml': '<web-app' }), 'webapps/my app#v1.war', []],
    ['a.car', () => carbonApplication([]), 'carbonapps/a.car', ['App_1.0.0']],
    ['a.car', () => zip({ 'artifacts.xml': '<artifacts/>' }), 'carbonapps/a.car', ['a']],
    ['a.car', () => zip({ 'metadata.xml': listOf([]), 'artifacts.xml': '<x/>' }), 'carbonapps/a.car', ['App_1.0.0']],
    ['a.car', () => zip({ 'artifacts.xml': '<broken' }), 'carbonapps/a.car', []],
    ['a.aar', () => services('<service name="one"/>'), 'axis2services/a.aar', ['one']],
    ['a.b.aar', () => services('<service/>'), 'axis2services/a.b.aar', ['a.b']],
    ['a.aar', () => zip({ 'meta-inf/services.xml': '<service name="one"/>' }), 'axis2services/a.aar', ['one']],
    [
      'a.aar',
      () => services('<serviceGroup name="g"><service name="one"/><service name="two"/></serviceGroup>'),
      'axis2services/a.aar',
      ['one', 'two'],
    ],
    ['a.dbs', () => '<data name="Shop"/>', 'dataservices/a.dbs', ['Shop']],
    [
      'a.xml',
      () => '<api xmlns="http://ws.apache.org/ns/synapse" name="A"/>',
      'synapse-configs/default/api/a.xml',
      ['A'],
    ],
    ['a.xml', () => '<syn:localEntry xmlns:syn="s" key="K"/>', 'synapse-configs/default/local-entries/a.xml', ['K']],
    ['a.xml', () => '<sequence/>', 'synapse-configs/default/sequences/a.xml', []],
  ])('%s', (name, content, target, names) => {
    const found = examineDeployable(file(name, content()), serverOf('server'));
    expect(found).toMatchObject({ file: name, target: join(folder, 'home', FOLDER, target), names });
    expect(found.size).toBe(content().length);
  });
});

describe('a file is refused', () => {
  const cut = (archive: Buffer): Buffer => archive.subarray(0, archive.length - 30);

  test.each<[name: string, content: () => string | Buffer, says: string]>([
    ['a.war', () => cut(zip({ 'index.html': 'hello' })), "can't be deployed: it is no zip archive."],
    ['a.war', () => '', "can't be deployed: it is no zip archive."],
    ['a.war', () => '<html>not found</html>', "can't be deployed: it is no zip archive."],
    ['a.car', () => zip({ 'index.html': 'hello' }), "can't be deployed: it has no artifacts.xml."],
    ['a.aar', () => zip({ 'index.html': 'hello' }), "can't be deployed: it has no META-INF/services.xml."],
    [
      'a.dbs',
      () => '<data name="Shop">',
      "can't be deployed: it is not well-formed (line 1, column 19: unclosed tag: data).",
    ],
    [
      'a.xml',
      () => '<api>\n<resource></api>',
      "can't be deployed: it is not well-formed (line 2, column 17: unexpected close tag).",
    ],
    [
      'a.xml',
      () => '',
      "can't be deployed: it is not well-formed (line 1, column 1: document must contain a root element).",
    ],
    ['a.dbs', () => '<api/>', "can't be deployed: its root is <api>, and not <data>."],
    ['a.xml', () => '<web-app/>', "can't be deployed: its root is <web-app>, and not <api> or <endpoint>"],
    ['a.WAR', () => zip({}), "WSO2 server can't deploy"],
    ['a.zip', () => zip({}), "WSO2 server can't deploy"],
    ['.war', () => zip({}), "WSO2 server can't deploy"],
  ])('%s: %#', (name, content, says) => {
    const path = file(name, content());
    const failure = refusal(() => examineDeployable(path, serverOf('server')));
    expect(failure.code).toBe(2);
    expect(failure.message).toContain(says);
  });

  test('where it is no file at all', () => {
    mkdirSync(join(folder, 'a.war'));
    symlinkSync('nowhere', join(folder, 'b.war'));
    const saidOf = (name: string): string =>
      refusal(() => examineDeployable(join(folder, name), serverOf('server'))).message;
    expect(saidOf('a.war')).toBe(`${join(folder, 'a.war')} is no file.`);
    expect(saidOf('b.war')).toBe(`${join(folder, 'b.war')} is not there.`);
    expect(saidOf('c.war')).toBe(`${join(folder, 'c.war')} is not there.`);
  });

  test('where the server has no bundle for it, or takes no such files', () => {
    const path = file('a.war', zip({}));
    expect(refusal(() => examineDeployable(path, serverOf('server', ['.war', '.xml', '.dbs'])))).toEqual({
      code: 2,
      message: `WSO2 server can't deploy ${path}: it has no bundle org.wso2.carbon.webapp.mgt.`,
      hint: 'This one takes .car, .aar.',
    });
    expect(refusal(() => examineDeployable(path, serverOf('mi')))).toMatchObject({
      message: `WSO2 Micro Integrator can't deploy ${path}.`,
      hint: expect.stringContaining('This one takes .car, .dbs, .xml (api, '),
    });
    expect(refusal(() => examineDeployable(path, serverOf('si'))).message).toBe(
      'WSO2 Streaming Integrator deploys nothing from such files.',
    );
  });
});

describe('what is deployed is found', () => {
  test('by its name, wherever the given path leads', () => {
    const target = file(`home/${FOLDER}/carbonapps/a.car`, carbonApplication([]));
    for (const given of ['a.car', '/elsewhere/a.car', target])
      expect(findDeployed(given, serverOf('mi'))).toMatchObject({ target, names: ['App_1.0.0'] });
  });

  test('also where it can no more be read', () => {
    file(`home/${FOLDER}/carbonapps/a.car`, 'nonsense');
    expect(findDeployed('a.car', serverOf('mi'))).toMatchObject({ names: [] });
  });

  test('and named where there are several', () => {
    const [api] = ['api', 'tasks'].map((one) => file(`home/${FOLDER}/synapse-configs/default/${one}/a.xml`, '<api/>'));
    expect(refusal(() => findDeployed('a.xml', serverOf('mi')))).toEqual({
      code: 2,
      message: expect.stringMatching(/^a\.xml is deployed more than once: \S+api\/a\.xml, \S+tasks\/a\.xml\.$/),
      hint: 'Give the path of the one that is meant.',
    });
    expect(findDeployed(api as string, serverOf('mi')).target).toBe(api);
  });

  test('and missed where there is none', () => {
    expect(refusal(() => findDeployed('/tmp/a.car', serverOf('mi'))).message).toBe(
      `a.car is not deployed: it is not in ${FOLDER}/carbonapps of ${join(folder, 'home')}.`,
    );
    expect(refusal(() => findDeployed('a.war', serverOf('mi'))).message).toBe(
      "WSO2 Micro Integrator can't deploy a.war.",
    );
  });
});
