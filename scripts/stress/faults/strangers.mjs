// Another user puts files, links, pipes, folders and forged leases wherever everybody may write, before the start or in
// the middle, and takes some of them away again. Nothing of that may stop a launch, be removed by it, or lead it astray.
import { spawn, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LEASES, MIN_OFFSET, portsAt } from './sandbox.mjs';
import { STRANGER } from './world.mjs';

const ID = '4194000-mfreigner-0strange';

/** In the shell of the stranger; `$1` a precious file of the launcher's user, `$2` a forged text, `$3` a name. */
const DEEDS = {
  'a torn lease': `printf '{"schemaVersion":1,"na' > ${LEASES}/$3.json`,
  'an empty lease': `: > ${LEASES}/$3.json`,
  'an endless lease': `head -c 300000 /dev/zero > ${LEASES}/$3.json`,
  'a pipe for a lease': `mkfifo ${LEASES}/$3.json`,
  'a pipe for a draft': `mkfifo ${LEASES}/$3.json.tmp`,
  'a link for a lease': `ln -s "$1" ${LEASES}/$3.json`,
  'a link for a draft': `ln -s "$1" ${LEASES}/$3.json.tmp`,
  'a folder for a lease': `mkdir -p ${LEASES}/$3.json/full`,
  'an old draft': `printf %s "$2" > ${LEASES}/$3.json.tmp; touch -d 2001-01-01 ${LEASES}/$3.json.tmp`,
  'a lease on the home': `printf %s "$2" > ${LEASES}/$3.json`,
  'a lease of others': `printf %s "$2" > ${LEASES}/$3.json`,
  "a folder in the sockets' place": `mkdir -m 777 /tmp/wso2-launch-$4`,
  "a link in the sockets' place": `ln -s "$(dirname "$1")" /tmp/wso2-launch-$4`,
  "a file in the sockets' place": `: > /tmp/wso2-launch-$4`,
  "folders in all the sockets' places": `mkdir -m 777 /tmp/wso2-launch-$4 && for n in 2 3 4 5 6 7 8 9; do mkdir -m 777 /tmp/wso2-launch-$4-$n; done`,
  'junk in /tmp': 'mkfifo /tmp/wso2-launch-junk; ln -s "$1" /tmp/wso2-launch-junk.log',
};

export const strangers = {
  word: 'strangers',
  whyNot: ({ hasUsers }) => (hasUsers ? undefined : 'only root can act as another user'),
  plan(draw, { phases }) {
    const deeds = draw.some(Object.keys(DEEDS), 2 + draw.below(4));
    const faults = deeds.map((deed, number) => {
      // The sockets' place is taken where the user has not been there yet.
      const phase = /place/.test(deed) ? 'before' : draw.pick(['before', ...phases]);
      const afterMs = draw.pick([50, 500, undefined, undefined]);
      return { kind: 'strangers', deed, name: `${ID}${number}`, afterMs, ...draw.moment(phase) };
    });
    return { faults };
  },
  strike(fault, scene) {
    const { deed, name, afterMs } = fault;
    const { sandbox, tell, undo } = scene;
    if (/place/.test(deed) && !freePlace(sandbox)) return [];
    const precious = guardPrecious(scene);
    const { text, end } = forge(deed, scene);
    const before = new Set(ownedByStranger());
    if (actAs(DEEDS[deed], [precious, text, name, String(sandbox.uid)]) !== 0) tell(`${deed}: not all of it`);
    const put = ownedByStranger().filter((path) => !before.has(path));
    tell(`another user puts ${deed}: ${put.join(' ')}`);
    undo(() => {
      const gone = put.filter((path) => !lstatSync(path, { throwIfNoEntry: false }));
      if (gone.length > 0) scene.wrong(`files of another user are gone: ${gone.join(' ')}`);
      actAs('rm -rf "$@"', put);
      tell(`another user takes ${deed} away`);
      end();
    }, afterMs);
    return ['strange files'];
  },
};

const actAs = (script, args) =>
  spawnSync('sh', ['-c', script, 'sh', ...args], { uid: STRANGER, gid: STRANGER, cwd: '/' }).status;

/** False where a socket or a private file of the user's is still there. */
function freePlace({ uid }) {
  try {
    const place = lstatSync(`/tmp/wso2-launch-${uid}`, { throwIfNoEntry: false });
    if (place?.uid === uid) rmdirSync(`/tmp/wso2-launch-${uid}`);
    return place === undefined || place.uid === uid;
  } catch {
    return false;
  }
}

const ownedByStranger = () =>
  ['/tmp', LEASES].flatMap((folder) => {
    try {
      const paths = readdirSync(folder).map((name) => join(folder, name));
      return paths.filter((path) => lstatSync(path, { throwIfNoEntry: false })?.uid === STRANGER);
    } catch {
      return [];
    }
  });

/** A file of the launcher's user that nobody has any business with. */
function guardPrecious({ sandbox, undo, wrong, told }) {
  const file = join(sandbox.folder, 'precious', 'precious.json');
  if (told.has(file)) return file;
  told.add(file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'precious\n', { mode: 0o600 });
  for (const path of [dirname(file), file]) sandbox.own(path);
  const looks = () => JSON.stringify([statSync(file).mode, statSync(file).mtimeMs, readFileSync(file, 'utf8')]);
  const before = looks();
  undo(() => {
    const names = readdirSync(dirname(file));
    if (looks() !== before || names.length !== 1) wrong(`a precious file was touched: ${looks()}, beside it ${names}`);
  });
  return file;
}

/** A lease as a launcher of that user could have written it: its supervisor lives, and is its own. */
function forge(deed, { sandbox, launcher, plan }) {
  if (!/lease on|lease of others|old draft/.test(deed)) return { text: '', end: () => {} };
  const isOwn = deed !== 'a lease of others';
  const sleeper = isOwn
    ? spawn('sleep', ['600'], { uid: STRANGER, gid: STRANGER, stdio: 'ignore', cwd: '/' })
    : undefined;
  const pid = sleeper?.pid ?? launcher?.pid ?? 1;
  const lease = {
    schemaVersion: 1,
    name: 'mi',
    product: 'mi',
    home: sandbox.home(plan.home),
    offset: MIN_OFFSET,
    ports: portsAt(MIN_OFFSET),
    boot: sandbox.processes.bootId(),
    networkNamespace: sandbox.processes.networkNamespace(),
    supervisor: { pid, startTime: sandbox.processes.find(pid)?.startTime ?? '1' },
    server: null,
    stateFolder: '/nonexistent',
  };
  return { text: JSON.stringify(lease), end: () => void sleeper?.kill('SIGKILL') };
}
