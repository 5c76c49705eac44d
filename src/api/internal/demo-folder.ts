import { join } from 'node:path';
import { LaunchError } from '../../domain/failure.js';
import type { ProcessIdentity } from '../../domain/tree.js';
import { nodeSystem } from '../../system/index.js';
import { isOwnFolder, makeTemporaryFolder, removeFolder, temporaryPlace } from '../../system/temporary.js';

const PREFIX = 'wso2-launch-demo-';

/**
 * Does some work in a temporary folder for homes and JDKs that nobody else could replace; it is gone afterwards, and so
 * are those of demos that were killed.
 * @throws LaunchError `usage` where there is no place for it
 */
export async function inDemoFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const place = placeForHomes();
  removeAbandoned(place);
  const folder = makeTemporaryFolder(place, `${PREFIX}${ownName()}-`);
  try {
    return await work(folder);
  } finally {
    removeFolder(folder);
  }
}

/**
 * A temporary folder in which nobody else may replace the stand-in or its JDK, for both are run.
 * @throws LaunchError `usage`
 */
function placeForHomes(): string {
  const usual = temporaryPlace();
  const isFit = (folder: string): boolean =>
    nodeSystem.host.canCallJdkAt(folder) && nodeSystem.files.openToOthers(join(folder, PREFIX)) === undefined;
  const found = [usual, '/tmp'].find(isFit);
  if (found !== undefined) return found;
  const what = `The demo finds no temporary folder in which nobody else could replace what it makes (${usual}, /tmp).`;
  throw new LaunchError({ kind: 'usage', what, hint: 'Name one in TMPDIR.' });
}

/** Removes the homes of demos that were killed. */
function removeAbandoned(place: string): void {
  const { files, processes } = nodeSystem;
  for (const name of files.filesIn(place)) {
    const [, owner = '', pid] =
      (name.startsWith(PREFIX) && /^((\d+)-\w+)-\w{6}$/.exec(name.slice(PREFIX.length))) || [];
    if (pid === undefined) continue;
    const found = processes.find(Number(pid));
    const isAlive = found !== undefined && !found.isZombie && nameOf(found) === owner;
    const folder = join(place, name);
    try {
      if (!isAlive && isOwnFolder(folder)) removeFolder(folder);
    } catch {
      // the home's server is still being stopped: another demo removes it
    }
  }
}

function ownName(): string {
  const self = nodeSystem.processes.find(nodeSystem.pid);
  return self ? nameOf(self) : String(nodeSystem.pid);
}

/** The part of a folder's name that names its process. */
const nameOf = ({ pid, startTime }: ProcessIdentity): string => `${pid}-${startTime.replace(/\W/g, '')}`;
