import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Folders with a JDK in each folder below; others in their place: `REAL_LANE_JDKS=/one:/other`. */
const USUAL_PLACES = [
  '/usr/lib/jvm',
  '/usr/java',
  '/opt/java',
  join(homedir(), '.sdkman/candidates/java'),
  join(homedir(), '.jdks'),
];

/**
 * The JDKs of this machine, the oldest first, and one of each feature release: `{ home, feature, lacks }`.
 * `lacks` names a module that the kernels want and a cut-down Java may not have; undefined where none is missing.
 */
export function findJdks(env = process.env) {
  const places = env.REAL_LANE_JDKS?.split(delimiter) ?? USUAL_PLACES;
  const homes = [...homesInVariables(env), ...homesOnPath(env), ...places.flatMap(homesIn)];
  const jdks = [...new Set(homes.flatMap(realPath))].flatMap(describe);
  const whole = jdks.filter(({ lacks }) => lacks === undefined);
  // What lacks nothing comes first, so that it is the one of its release.
  const byFeature = new Map([...whole, ...jdks].reverse().map((jdk) => [jdk.feature, jdk]));
  return [...byFeature.values()].sort((a, b) => a.feature - b.feature);
}

/** JAVA_HOME, and what continuous integration sets beside it: JAVA_HOME_17_X64. */
const homesInVariables = (env) =>
  Object.entries(env).flatMap(([name, value]) => (/^JAVA_HOME(_\d+_\w+)?$/.test(name) && value ? [value] : []));

const homesOnPath = ({ PATH = '' }) =>
  PATH.split(delimiter)
    .flatMap((folder) => realPath(join(folder, 'java')))
    .map((java) => dirname(dirname(java)));

const homesIn = (folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []);

const realPath = (path) => (existsSync(path) ? [realpathSync(path)] : []);

function describe(home) {
  const release = join(home, 'release');
  if (!existsSync(release) || !existsSync(join(home, 'bin/java'))) return [];
  const text = readFileSync(release, 'utf8');
  const [, first, second] = /^JAVA_VERSION="(\d+)(?:\.(\d+))?/m.exec(text) ?? [];
  if (first === undefined) return [];
  return [{ home, feature: Number(first === '1' ? second : first), lacks: missingModule(text) }];
}

// Without it a kernel's RMI server stays away, and with it port 11111.
const WANTED_MODULE = 'jdk.naming.rmi';

/** JDK 8 has no modules and says nothing of any. */
function missingModule(release) {
  const modules = /^MODULES="(.*)"/m.exec(release)?.[1];
  return modules === undefined || modules.split(' ').includes(WANTED_MODULE) ? undefined : WANTED_MODULE;
}
