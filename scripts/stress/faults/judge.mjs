// What may be left of a round, which is nothing, and what may have been said in it, which is a table.

/** Resolves to what is wrong of processes, ports and files afterwards. */
export async function whatIsLeft(round) {
  const { sandbox, record, happenings } = round;
  const { leases, sockets } = sandbox.files();
  const left = {
    'processes are left': sandbox.left(),
    'ports are held': await sandbox.heldPorts(),
    'ps shows as running': await round.ps(),
    // One of a supervisor that was killed holds nothing where it wrote no record: the next launch removes it.
    'sockets are left': isWritten(record, happenings) ? sockets : [],
    'leases are left': isWritten(record, happenings) ? leases : [],
  };
  return Object.entries(left).flatMap(([what, found]) =>
    found.length > 0 ? [`${what}: ${JSON.stringify(found, null, 1)}`] : [],
  );
}

/** Whether `ps` could tell from its record what it has left. */
const isWritten = (record, happenings) =>
  record !== undefined && !happenings.some(({ what }) => / without |^few (files|length)/.test(what));

// ---------- Words ----------

const CRASH = ['5 exited-before-ready', '5 crashed', '5 server-failed'];
/** How Node itself ends where it can't even begin; it says so in its own words. */
const NODE_ITSELF = ['SIGABRT', 'SIGTRAP', 'SIGSEGV', 'SIGILL', '134', '133', '139', '132'];
const SHORT = ['1 shortage', '3 unusable-state-folder'];
/** A server has its launcher's limits, and dies of them in its own ways. */
const SHORT_OF_LIMITS = [
  ...SHORT,
  '1 not loaded',
  ...CRASH,
  '6 not-ready-in-time',
  '6 port-never-opened',
  ...NODE_ITSELF,
];

/**
 * How a launch may end, by what had happened to it before: its exit code, or the signal that ended it, and its failure
 * word. What is not named allows nothing that others don't: a guard, a stranger's file, a clock end no launch.
 */
const LAUNCH_MAY_END = {
  interrupted: ['130', 'SIGINT'],
  'stop asked': ['0'],
  'ready in the background': ['0'],
  'stopped in the background': ['5 stopped-meanwhile'],
  'launcher asked': ['143', 'SIGTERM'],
  'launcher killed': ['SIGKILL'],
  'supervisor asked': ['143'],
  'supervisor killed': ['1 internal'],
  'script asked': CRASH,
  'script killed': CRASH,
  // It shuts down as it does for its console.
  'JVM asked': [...CRASH, '0'],
  'JVM killed': CRASH,
  'few files': SHORT_OF_LIMITS,
  'few processes': SHORT_OF_LIMITS,
  'few memory': [...SHORT_OF_LIMITS, '1 internal'],
  'few length': [...SHORT, ...NODE_ITSELF],
  'few files later': SHORT_OF_LIMITS,
  'few processes later': SHORT_OF_LIMITS,
  'few memory later': [...SHORT_OF_LIMITS, '1 internal'],
  'few length later': SHORT_OF_LIMITS,
  'state without room': SHORT,
  'state without inodes': SHORT,
  'state without right': SHORT,
  'logs without room': SHORT,
  'logs without inodes': SHORT,
  'logs without right': SHORT,
};

/** The same for commands that ask a supervisor for something: whatever happened before they ended. */
const ASKING_MAY_END = {
  'supervisor suspended': ['1 does not answer', '1 came too late'],
  'launcher suspended': ['1 does not answer', '1 came too late'],
  'all asleep': ['1 does not answer', '1 came too late'],
};
const STOP_MAY_END = { ...ASKING_MAY_END, '': ['0'] };
const PS_MAY_END = { '': ['0'] };
/** A restart can also learn that the launch is over. */
const OVER = [
  '5 ended',
  '10 not running',
  '10 no instance',
  '5 failed to start',
  '1 being stopped',
  '2 lost its supervisor',
];
const RESTART_MAY_END = {
  ...ASKING_MAY_END,
  '': ['0'],
  ...Object.fromEntries([...Object.keys(LAUNCH_MAY_END), 'guard killed'].map((what) => [what, OVER])),
  'few files': [...OVER, '1 shortage'],
  'few processes': [...OVER, '1 shortage'],
  'few memory': [...OVER, '1 shortage'],
  'few files later': [...OVER, '1 shortage'],
  'few processes later': [...OVER, '1 shortage'],
  'few memory later': [...OVER, '1 shortage'],
};
const WORDS = {
  'does not answer': /does not answer/,
  'came too late': /came too late/,
  'not running': /is not running/,
  'no instance': /There is no instance/,
  'being stopped': /is being stopped/,
  'lost its supervisor': /has lost its supervisor/,
  shortage: /On this machine /,
  ended: /ended unasked|ended before it was ready/,
  'failed to start': /failed to start/,
};

/** What nobody may ever read. */
const NEVER = [
  /fault of wso2-launch/,
  /please report/,
  /^\s+at .*:\d+:\d+\)?$/m,
  /\bundefined\b|\bNaN\b|\[object /,
  /Unhandled|Uncaught/,
];

/** What is wrong of what was said: by the launch, by the record of it, and by other commands. */
export function whatIsWrongOfWords({ launcher, commands, happenings, plan, record }) {
  const happened = [...happenings, ...inBackground(launcher, happenings, plan)];
  const wasAsked = commands.some(({ args, stderr }) => args[0] === 'stop' && stderr !== '');
  const ofRecord = happened.filter(({ what }) => {
    return what !== 'ready in the background' && (wasAsked || what !== 'stop asked');
  });
  const wrong = [...wrongOfLaunch(launcher, happened), ...wrongOfRecord(record, ofRecord)];
  for (const command of commands) wrong.push(...wrongOfCommand(command, happened));
  for (const { args, stdout, stderr, exit } of [launcher, ...commands]) {
    if (NODE_ITSELF.includes(String(exit?.signal ?? exit?.code))) continue;
    const found = NEVER.filter((never) => never.test(stderr) || never.test(stdout));
    if (found.length > 0) wrong.push(`${args[0]} says ${found.join(', ')}: ${stdout}${stderr}`);
  }
  return wrong;
}

/** Two things that a launch in the background sees happen, rather than we do. */
function inBackground({ stdout }, happenings, { isDetached }) {
  if (!isDetached) return [];
  const isReady = eventsOf(stdout).some(({ event }) => event === 'ready');
  const stop = happenings.find(({ what }) => what === 'stop asked');
  return [
    ...(isReady ? [{ what: 'ready in the background', at: 0 }] : []),
    ...(stop && !isReady ? [{ ...stop, what: 'stopped in the background' }] : []),
  ];
}

function wrongOfLaunch({ exit, endedAt, stdout, stderr, args }, happened) {
  if (!exit) return ['the launcher has not ended'];
  const events = eventsOf(stdout);
  const failed = events.filter(({ event }) => event === 'failed');
  // Whatever could tell it as an event was not there either.
  const isLoaded = !/^wso2-launch: can't be loaded: /m.test(stderr);
  const said = isLoaded ? failed.map(({ failure }) => failure) : ['not loaded'];
  const end = [exit.signal ?? exit.code, ...said].join(' ');
  const isDetached = args.includes('--detach');
  const before = happened.filter(({ what, at }) => at <= endedAt && !(isDetached && what === 'stop asked'));
  const wrong = [];
  if (!mayEnd(end, before, LAUNCH_MAY_END)) {
    wrong.push(`the launch ends with ${end} after ${whats(before)}: ${stderr}`);
  }
  if (end === '1 internal' && !/supervisor in the background was ended by SIG(KILL|SEGV)/.test(stderr)) {
    wrong.push(`the launch has no words for its end: ${stderr}`);
  }
  if (isLoaded && exit.code >= 1 && exit.code <= 10 && failed.length !== 1)
    wrong.push(`${failed.length} failed events: ${stdout}`);
  if (failed.some(({ code }) => code !== exit.code))
    wrong.push(`code ${exit.code}, and the event says ${failed[0].code}`);
  for (const { event, durationMs } of events) {
    if (durationMs !== undefined && !(durationMs >= 0 && durationMs < 120_000))
      wrong.push(`${event} in ${durationMs} ms`);
  }
  return wrong;
}

/** What others read of its end: in the background nobody else tells it. */
function wrongOfRecord(record, happened) {
  if (!record?.exit) return [];
  const end = [record.exit.code, ...(record.exit.failure ? [record.exit.failure] : [])].join(' ');
  return mayEnd(end, happened, LAUNCH_MAY_END) ? [] : [`its record says ${end} after ${whats(happened)}`];
}

function wrongOfCommand({ args: [word], exit, stderr, endedAt }, happened) {
  const table = { stop: STOP_MAY_END, ps: PS_MAY_END, restart: RESTART_MAY_END }[word];
  const said = Object.keys(WORDS).find((words) => WORDS[words].test(stderr));
  const end = exit.code === 0 ? '0' : [exit.signal ?? exit.code, ...(said ? [said] : [])].join(' ');
  const before = happened.filter(({ at }) => at <= endedAt);
  return mayEnd(end, [{ what: '' }, ...before], table)
    ? []
    : [`${word} ends with ${end} after ${whats(before)}: ${stderr}`];
}

const mayEnd = (end, happened, table) => happened.some(({ what }) => table[what]?.includes(end));

const whats = (happened) =>
  happened.map(({ what, phase }) => (phase ? `${what} (${phase})` : what)).join(', ') || 'nothing';

function eventsOf(stdout) {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        return JSON.parse(line);
      } catch {
        return { event: 'no JSON', durationMs: Number.NaN, line };
      }
    });
}
