import { dirname, join, resolve } from 'node:path';
import { type DescribedJdk, vendorInRelease, versionInOutput, versionInRelease } from '../domain/jdk.js';
import { nodeSystem, type System } from '../system/index.js';
import { readIfPossible } from './config-files.js';

/** A JDK of this machine. */
export interface FoundJdk extends DescribedJdk {
  /** Where it was found first: a variable, PATH, a folder, or the tool that has put it there. */
  readonly foundBy: string;
}

type Searching = Pick<System, 'currentFolder' | 'env' | 'files' | 'host' | 'spawning' | 'userFolder'>;

/** A folder that may hold a JDK. */
interface Candidate {
  readonly path: string;
  readonly by: string;
}

/** Every JDK of this machine, each once, those first that the environment names. */
export async function findJdks(signal: AbortSignal, system: Searching = nodeSystem): Promise<FoundJdk[]> {
  const candidates = [
    ...inEnvironment(system),
    ...(await system.host.registeredJdks(system.spawning, signal)).map((path) => ({ path, by: 'the registry' })),
    ...inFolders(system),
  ];
  const found = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const home = homeIn(candidate.path, system);
    if (home !== undefined && !found.has(home)) found.set(home, candidate);
  }
  return Promise.all([...found].map(([home, { by }]) => describeJdk(home, by, signal, system)));
}

function inEnvironment({ currentFolder, env, files }: Searching): Candidate[] {
  const java = files.findProgram('java', env['PATH']);
  const others = Object.keys(env).filter((name) => name.startsWith('JAVA_HOME_'));
  const named = (name: string): Candidate[] =>
    env[name] ? [{ path: resolve(currentFolder() ?? '/', env[name]), by: name }] : [];
  return [
    ...named('JAVA_HOME'),
    ...(java === undefined ? [] : [{ path: dirname(dirname(files.realPath(java))), by: 'PATH' }]),
    ...others.sort().flatMap(named),
  ];
}

const inFolders = ({ env, files, host, userFolder }: Searching): Candidate[] =>
  host.jdkFolders(env, userFolder).flatMap(({ path, by, prefix = '' }) => {
    const names = files.filesIn(path).filter((name) => name.startsWith(prefix));
    return names.map((name) => ({ path: join(path, name), by }));
  });

/** The places of a JDK in the folder that a package or a bundle makes for it. */
const PLACES = ['.', 'Contents/Home', 'libexec', 'libexec/openjdk.jdk/Contents/Home'];

/** The JDK in a folder, by its own path: links to it mean the same one. Undefined where there is none. */
function homeIn(path: string, { files, host }: Searching): string | undefined {
  const home = PLACES.map((place) => join(path, place)).find((folder) =>
    files.isExecutable(join(folder, 'bin', host.javaProgram)),
  );
  if (home === undefined) return undefined;
  const real = files.realPath(home);
  // Whoever has made a link with a plain name has done so for the start scripts.
  return host.canCallJdkAt(real) ? real : home;
}

const VERSION_TIMEOUT_MS = 10_000;

async function describeJdk(
  home: string,
  foundBy: string,
  signal: AbortSignal,
  { files, host, spawning }: Searching,
): Promise<FoundJdk> {
  const release = readIfPossible(join(home, 'release'), { files }) ?? '';
  const program = join(home, 'bin', host.javaProgram);
  // A JVM costs 40 to 130 ms; the file beside it tells the same.
  const version =
    versionInRelease(release) ??
    versionInOutput((await spawning.outputOf(program, ['-version'], VERSION_TIMEOUT_MS, signal)) ?? '');
  return { home, version: version ?? null, vendor: vendorInRelease(release) ?? null, foundBy };
}
