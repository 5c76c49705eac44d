// Kernels that are broken in one way each, so that they can't come up.
import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from './trial.mjs';

const LOOK_MS = 20;
const READY = 'WSO2 Carbon started in ';

/** The ways to break a home. */
export const BREAKAGES = [
  { name: 'the password of its database is wrong', how: toml(/^password = "wso2carbon"$/m, 'password = "wrong"') },
  { name: 'the name of its database user is wrong', how: toml(/^username = "wso2carbon"$/m, 'username = "nobody"') },
  { name: 'a database file is cut off', how: (home) => truncateSync(database(home, 'SHARED'), 5_000) },
  {
    name: 'a database file holds something else',
    how: (home) => writeFileSync(database(home, 'SHARED'), 'x'.repeat(9_000)),
  },
  { name: 'its other database is cut off', how: (home) => truncateSync(database(home, 'CARBON'), 5_000) },
  { name: 'its database listens nowhere', how: toml(/^url="jdbc:h2:[^"]*"$/m, 'url="jdbc:h2:tcp://127.0.0.1:1/none"') },
  { name: 'its database is of a kind without a driver', how: toml(/^url="jdbc:h2:/m, 'url="jdbc:none:') },
  {
    name: 'the password of its keystore is wrong',
    how: toml(
      /^password ="wso2carbon"\nalias ="wso2carbon"\nkey_password = "wso2carbon"$/m,
      'password ="wrong"\nalias ="wso2carbon"\nkey_password = "wrong"',
    ),
  },
  {
    name: 'the keystore is cut off',
    how: (home) => truncateSync(join(home, 'repository/resources/security/wso2carbon.p12'), 500),
  },
  {
    name: 'the keystore is missing',
    how: (home) => rmSync(join(home, 'repository/resources/security/wso2carbon.p12')),
  },
  {
    name: 'the trust store is cut off',
    how: (home) => truncateSync(join(home, 'repository/resources/security/client-truststore.p12'), 500),
  },
  { name: 'the bundle of the users is missing', how: without('org.wso2.carbon.user.core_') },
  { name: 'the bundle of the registry is missing', how: without('org.wso2.carbon.registry.core_') },
  { name: 'the bundle of the data sources is missing', how: without('org.wso2.carbon.ndatasource.core_') },
  { name: 'the bundle of the kernel is missing', how: without('org.wso2.carbon.core_') },
  { name: 'the bundle of Tomcat is missing', how: without('org.wso2.carbon.tomcat_') },
  { name: 'registry.xml is no XML', how: template('registry.xml.j2', /<\/wso2registry>/, '') },
  { name: 'user-mgt.xml is no XML', how: template('user-mgt.xml.j2', /<\/UserManager>/, '') },
  {
    name: 'master-datasources.xml is no XML',
    how: template('datasources/master-datasources.xml.j2', /<\/datasources-configuration>/, ''),
  },
  { name: 'catalina-server.xml is no XML', how: template('tomcat/catalina-server.xml.j2', /<\/Server>/, '') },
  {
    name: 'its super admin is missing and may not be made',
    how: toml(/^create_admin_account = true$/m, 'create_admin_account = false'),
  },
  {
    name: 'the class of its user store is missing',
    how: toml(/^type = "database_unique_id"$/m, 'type = "database_unique_id"\nclass = "org.example.None"'),
  },
];

const tomlOf = (home) => join(home, 'repository/conf/deployment.toml');
const database = (home, name) => join(home, `repository/database/WSO2${name}_DB.mv.db`);

function toml(what, by) {
  return (home) => change(tomlOf(home), what, by);
}

function template(name, what, by) {
  return (home) => change(join(home, 'repository/resources/conf/templates/repository/conf', name), what, by);
}

function without(bundle) {
  return (home) => {
    const plugins = join(home, 'repository/components/plugins');
    const names = readdirSync(plugins).filter((name) => name.startsWith(bundle));
    if (names.length === 0) throw new Error(`there is no ${bundle}`);
    for (const name of names) rmSync(join(plugins, name));
  };
}

function change(file, what, by) {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(what, by);
  if (after === before) throw new Error(`${file} has no ${what}`);
  writeFileSync(file, after);
}

/** How a broken kernel's launch ended, and how long after the line that told it. */
export async function breakAndBoot({ name, how }, place) {
  const home = join(place.folder, 'broken');
  cpSync(place.kernel, home, { recursive: true });
  how(home);
  const trial = launch(name.replaceAll(' ', '-'), ['server', '--home', home, '-a', '--ready-timeout', '4m'], place);
  void trial.event('ready').then((ready) => ready && trial.child.kill('SIGINT'));
  const fatal = await firstFatal(trial, place.kit);
  await trial.exited;
  rmSync(home, { recursive: true, force: true });
  const failed = trial.events.find(({ event }) => event === 'failed');
  return {
    code: trial.exit.code,
    failure: failed?.failure ?? 'it came up',
    line: fatal?.line.slice(0, 160),
    sinceLineMs: fatal && trial.exit.atMs - fatal.atMs,
    sinceStartMs: trial.exit.atMs - trial.startedAtMs,
  };
}

/** The first line of the log by which the launcher knows the boot to be lost, and when it was there to be read. */
async function firstFatal(trial, { classifyLine, stripColours }) {
  const starting = await trial.event('starting');
  if (!starting) return undefined;
  let at = 0;
  let rest = '';
  while (!trial.exit) {
    const size = existsSync(starting.logFile) ? statSync(starting.logFile).size : 0;
    if (size > at) {
      const atMs = performance.now();
      const [text, more] = [rest + readFrom(starting.logFile, at, size - at), size];
      const lines = text.split('\n');
      rest = lines.pop();
      at = more;
      const line = lines.map(stripColours).find((one) => classifyLine(one, READY) === 'fatal');
      if (line !== undefined) return { line, atMs };
    }
    await sleep(LOOK_MS);
  }
  return undefined;
}

function readFrom(file, from, length) {
  const block = Buffer.alloc(length);
  const fd = openSync(file, 'r');
  try {
    return block.toString('latin1', 0, readSync(fd, block, 0, length, from));
  } finally {
    closeSync(fd);
  }
}
