import { join } from 'node:path';
import { parseScriptArguments } from '../../domain/command.js';
import { LaunchError } from '../../domain/failure.js';
import { parseDurationMs } from '../../domain/numbers.js';
import type { ProcessIdentity } from '../../domain/tree.js';
import { inWords } from '../../domain/words.js';
import { DEFAULTS, type LaunchRequest } from '../../launch/request.js';
import { createStandInHome, createStandInJdk } from '../../standin/home.js';
import { nodeSystem } from '../../system/index.js';
import { isOwnFolder, makeTemporaryFolder, removeFolder, temporaryPlace } from '../../system/temporary.js';
import type { Context } from '../main.js';
import { launchInForeground } from './launch.js';

/** The launch of a stand-in by the very code that launches a server, in a home that is gone afterwards. */
export async function runDemo(context: Context): Promise<number> {
  const { options, terminal } = context;
  const place = placeForHomes();
  removeAbandoned(place);
  const folder = makeTemporaryFolder(place, `${PREFIX}${ownName()}-`);
  try {
    const home = join(folder, 'wso2am-demo');
    createStandInHome(home, { product: 'apim', version: '4.5.0' });
    createStandInJdk(join(folder, 'jdk'), { version: '17.0.9' });
    if (!terminal.isQuiet) terminal.say(inWords`wso2-launch: demo of a stand-in for WSO2 API Manager, in ${home}`);
    const keeps = options.isOn('keep');
    return await launchInForeground(requestFor(home, join(folder, 'jdk')), context, {
      showsOutput: !options.isOn('json'),
      ...(!keeps && { whileReady: async () => 0 }),
    });
  } finally {
    removeFolder(folder);
  }
}

const PREFIX = 'wso2-launch-demo-';

/** The part of a folder's name that names its process. */
const nameOf = ({ pid, startTime }: ProcessIdentity): string => `${pid}-${startTime.replace(/\W/g, '')}`;

function ownName(): string {
  const self = nodeSystem.processes.find(nodeSystem.pid);
  return self ? nameOf(self) : String(nodeSystem.pid);
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

const requestFor = (home: string, jdk: string): LaunchRequest => ({
  named: { path: home, by: 'the demo' },
  javaHome: { path: jdk, by: 'the demo' },
  script: parseScriptArguments([]),
  offset: { kind: 'auto' },
  isOffsetPassed: true,
  baseName: 'demo',
  readyTimeoutMs: parseDurationMs(DEFAULTS.readyTimeout) as number,
  stopTimeoutMs: parseDurationMs(DEFAULTS.stopTimeout) as number,
  restart: DEFAULTS.restart,
  followsOffset: false,
  isDetached: false,
});
