import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * What a kernel's own configuration mapper says of files, by their names.
 * @param mapper `libraries`: folder with its jars; `resources`: folder with rules and templates; `java`: the command
 * @param setting `env` and `properties` of the server, and the `keys` whose values are wanted
 */
export async function theirVerdicts(files, { libraries, resources, java }, { env, properties, keys, folder }) {
  const [cases, output, verdicts] = ['cases', 'output', 'verdicts.txt'].map((name) => join(folder, name));
  for (const path of [cases, output]) mkdirSync(path);
  for (const { name, bytes } of files) writeFileSync(join(cases, name), bytes);
  const options = Object.entries({ ...properties, ...OF_THE_MAPPER }).map(([name, value]) => `-D${name}=${value}`);
  const judge = join(import.meta.dirname, 'Judge.java');
  const words = ['-XX:TieredStopAtLevel=1', ...options, '-cp', join(libraries, '*'), judge];
  await run(java, [...words, resources, cases, output, verdicts, ...keys], { env, cwd: folder, maxBuffer: 2 ** 30 });
  const found = readFileSync(verdicts, 'utf8').trimEnd().split('\n');
  return new Map(found.map((line) => JSON.parse(line)).map((verdict) => [verdict.name, verdict]));
}

/** Each file is rendered anew, without a word. */
const OF_THE_MAPPER = {
  forceConfigUpdate: 'true',
  'org.apache.commons.logging.LogFactory': 'org.apache.commons.logging.impl.LogFactoryImpl',
  'org.apache.commons.logging.Log': 'org.apache.commons.logging.impl.NoOpLog',
};

/** The ports of a server whose files were rendered so, by our names: `{ ports }`, or `{ refusal }` where one is none. */
export function portsRendered({ Offset, RMIRegistryPort, RMIServerPort, StartRMIServer, connectors, ...axis2 }) {
  const [http, https] = connectors;
  const shifted = {
    'servlet-https': https,
    'servlet-http': http,
    ...(StartRMIServer && { 'jmx-registry': RMIRegistryPort, 'jmx-server': RMIServerPort }),
  };
  const fixed = axis2.clustering ? { 'clustering.local_member_port': axis2.localMemberPort } : {};
  const atOffset = Object.entries(shifted).map(([name, base]) => [name, isPort(base) ? base + Offset : null]);
  const ports = { ...Object.fromEntries(atOffset), ...fixed };
  const none = Offset === null ? 'Offset' : Object.keys(ports).find((name) => !isPort(ports[name]));
  return none === undefined ? { ports } : { refusal: `no number for ${none}` };
}

const isPort = (number) => number !== null && number >= 1 && number <= 65_535;
