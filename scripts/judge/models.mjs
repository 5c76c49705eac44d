import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const RESOURCES = 'repository/resources/conf';
const RULES = ['key-mappings.json', 'infer.json', 'default.json', 'validator.json', 'unit-resolve.json'];

/** The templates that ports are rendered by; the rest of them only takes time. */
const TEMPLATES = ['carbon.xml', 'carbon.properties', 'etc/jmx.xml', 'tomcat/catalina-server.xml', 'axis2/axis2.xml'];

const SERVLET = ['transport.http.properties.port', 'transport.https.properties.port'];
const OFFSET = 'server.offset';

/**
 * The rules of a product, as far as they can be had: the kernel's are in the kernel; others only in a folder of samples,
 * whose `model` folder holds them, without their templates. Each is for the files of folders that begin with its name.
 */
export const MODELS = [
  {
    name: 'kernel',
    takes: /^(?:kernel|is)/,
    product: 'server',
    script: 'wso2server',
    conf: 'repository/conf',
    keys: [OFFSET, ...SERVLET],
  },
  {
    name: 'apim',
    takes: /^apim/,
    over: 'apim-',
    product: 'apim',
    version: 'WSO2 API Manager v4.5.0',
    script: 'api-manager',
    conf: 'repository/conf',
    keys: [
      OFFSET,
      ...SERVLET,
      'transport.passthru_http.listener.parameters.port',
      'transport.passthru_https.listener.parameters.port',
      'transport.passthru_http.listener.enable',
      'transport.passthru_https.listener.enable',
      'apim.ws.port',
      'apim.wss.port',
      'apim.webhooks.https.port',
      'broker.transport.amqp.enabled',
      'broker.transport.amqp.default_connection.port',
      'broker.transport.amqp.ssl_connection.port',
      'transport.binary.receiver.tcpPort',
      'transport.binary.receiver.sslPort',
      'transport.binary.receiver.enable',
      'monitoring.jmx.rmi_server_start',
      'monitoring.jmx.rmi_registry_port',
      'monitoring.jmx.rmi_server_port',
    ],
  },
  {
    name: 'mi',
    takes: /^mi/,
    over: 'mi-',
    isAlone: true,
    product: 'mi',
    version: 'WSO2 Micro Integrator v4.4.0',
    script: 'micro-integrator',
    conf: 'conf',
    keys: [
      OFFSET,
      'transport.http.listener.parameter.port',
      'transport.http.listener.enable',
      'transport.https.listener.parameter.port',
      'transport.http.listener.secured_enable',
      "synapse_properties.'internal.http.api.port'",
      "synapse_properties.'internal.http.api.enabled'",
      "synapse_properties.'internal.https.api.port'",
      "transport.tcp.listener.parameter.'transport.tcp.port'",
    ],
  },
];

/**
 * Makes what both judges need: for the mapper the rules with the few templates, for us a home.
 * @returns undefined where there is no such model in the folder of samples
 */
export function prepareModel(model, { kernel, samples, folder }) {
  const own = join(kernel, RESOURCES);
  const over = model.over === undefined ? [] : overlays(model, samples);
  if (model.over !== undefined && over.length === 0) return undefined;
  const rules = Object.fromEntries(
    RULES.map((name) => [name, merged([...(model.isAlone ? [] : [own]), ...over], name)]),
  );

  const resources = join(folder, 'resources');
  const home = join(folder, 'home');
  for (const place of [resources, join(home, RESOURCES)]) {
    mkdirSync(join(place, 'templates'), { recursive: true });
    for (const [name, rule] of Object.entries(rules)) writeFileSync(join(place, name), JSON.stringify(rule));
  }
  for (const name of model.isAlone ? [] : TEMPLATES) {
    const template = join('templates/repository/conf', `${name}.j2`);
    for (const place of [resources, join(home, RESOURCES)]) cpSync(join(own, template), join(place, template));
  }
  writeFileSync(
    join(resources, 'templates/judge.txt.j2'),
    model.keys.map((key) => `{{${expressionOf(key)}}}\u0001`).join(''),
  );
  const toml = join(home, model.conf, 'deployment.toml');
  for (const path of [toml, join(home, 'bin/version.txt')]) mkdirSync(dirname(path), { recursive: true });
  cpSync(join(kernel, 'bin/wso2server.sh'), join(home, 'bin', `${model.script}.sh`));
  for (const name of ['version.txt', 'wso2carbon-version.txt'])
    cpSync(join(kernel, 'bin', name), join(home, 'bin', name));
  if (model.version !== undefined) writeFileSync(join(home, 'bin/version.txt'), `${model.version}\n`);
  cpSync(join(kernel, 'lib'), join(home, 'lib'), {
    recursive: true,
    filter: (path) => !path.endsWith('.jar') || path.includes('config-mapper'),
  });
  return { ...model, resources, home, toml };
}

/** A key as templates write it: `a.b['c.d']`. */
const expressionOf = (key) => key.replaceAll(/\.('[^']*')/g, '[$1]');

const overlays = ({ over }, samples) => {
  const folder = samples === undefined ? '' : join(samples, 'model');
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.startsWith(over))
        .map((name) => join(folder, name))
    : [];
};

const merged = (folders, name) =>
  Object.assign(
    {},
    ...folders
      .map((folder) => join(folder, name))
      .filter(existsSync)
      .map((path) => JSON.parse(readFileSync(path, 'utf8'))),
  );
