import { describe, expect, test } from '@jest/globals';
import { inLibrary } from '../../src/api/wording.js';
import {
  asLaunchError,
  describeHolder,
  describeTaken,
  type Failure,
  type FailureKind,
  LaunchError,
  type PortHolder,
  type TakenPort,
} from '../../src/domain/failure.js';
import { mention, mentioning } from '../../src/domain/text.js';
import { type FailureWords, failureWords } from '../support/failure-words.js';

interface Case {
  readonly failure: Failure;
  readonly code: number;
  /** The words of the command line. */
  readonly message: string;
  readonly hint: string;
  /** The words of the library, where they are others. */
  readonly library?: Partial<FailureWords>;
}

const BY_JAVA: TakenPort = { name: 'servlet-https', number: 9443, by: { pid: 812, command: 'java' } };
const BY_RABBIT: TakenPort = { name: 'amqp', number: 5672, by: { pid: 77, command: 'beam.smp' } };
const BY_NOBODY: TakenPort = { name: 'amqp', number: 5672, by: null };
const SAID = { what: 'It is so.', hint: 'Do that.' };
const WORDED = { message: 'It is so.', hint: 'Do that.' };
const logFile = '/state/logs/apim.log';
const KEYSTORE = {
  what: 'a keystore cannot be used',
  remedy: 'Check its alias.',
  evidence: 'Alias name [foo] does not identify a key entry',
};
const TAKEN_BY_ANOTHER = {
  what: 'a port was taken',
  remedy: mentioning`${mention.command('ports')} shows who holds it.`,
  evidence: 'Address already in use',
};

const CASES: Readonly<Record<FailureKind, readonly Case[]>> = {
  internal: [
    {
      failure: { kind: 'internal', what: 'boom.' },
      code: 1,
      message: 'boom.',
      hint: 'This is a fault of wso2-launch; please report it with this message.',
    },
  ],
  shortage: [{ failure: { kind: 'shortage', ...SAID }, code: 1, ...WORDED }],
  'choosing-blocked': [
    {
      failure: { kind: 'choosing-blocked', waited: '30.0 s' },
      code: 1,
      message: 'Another wso2-launch has been choosing ports for 30.0 s without an end.',
      hint: 'It may be suspended: look for a stopped wso2-launch process (state T), and let it go on or end it.',
    },
    {
      failure: { kind: 'choosing-blocked', waited: '30.0 s', pid: 812 },
      code: 1,
      message: 'Another wso2-launch (process 812) has been choosing ports for 30.0 s without an end.',
      hint: 'It may be suspended: let it go on with kill -CONT 812, or end it.',
    },
  ],
  usage: [
    {
      failure: { kind: 'usage', what: 'It is so.' },
      code: 2,
      message: 'It is so.',
      hint: 'wso2-launch --help lists commands and options.',
      library: { hint: 'docs/library.md lists what there is.' },
    },
    { failure: { kind: 'usage', ...SAID }, code: 2, ...WORDED },
  ],
  'unusable-home': [{ failure: { kind: 'unusable-home', ...SAID }, code: 3, ...WORDED }],
  'unusable-script': [{ failure: { kind: 'unusable-script', ...SAID }, code: 3, ...WORDED }],
  'unusable-jdk': [
    { failure: { kind: 'unusable-jdk', ...SAID }, code: 3, ...WORDED },
    {
      failure: {
        kind: 'unusable-jdk',
        what: mentioning`/jdk (from ${mention.option('javaHome')}) is no JDK.`,
        hint: mentioning`Name another one with ${mention.option('javaHome')}.`,
      },
      code: 3,
      message: '/jdk (from --java-home) is no JDK.',
      hint: 'Name another one with --java-home.',
      library: { message: '/jdk (from javaHome) is no JDK.', hint: 'Name another one with javaHome.' },
    },
  ],
  'unusable-configuration': [{ failure: { kind: 'unusable-configuration', ...SAID }, code: 3, ...WORDED }],
  'unusable-state-folder': [
    {
      failure: { kind: 'unusable-state-folder', folder: '/state', reason: 'it belongs to another user' },
      code: 3,
      message: "The state folder /state can't be used: it belongs to another user.",
      hint: 'Make it yours and writable, or name another one in WSO2_LAUNCH_STATE_DIR.',
    },
    {
      failure: { kind: 'unusable-state-folder', folder: '/state', reason: 'others may', hint: 'Mend it.' },
      code: 3,
      message: "The state folder /state can't be used: others may.",
      hint: 'Mend it.',
    },
  ],
  'ports-taken': [
    {
      failure: { kind: 'ports-taken', offset: 0, taken: [BY_JAVA], free: 3, fixed: [] },
      code: 4,
      message: "Offset 0 can't be used: port 9443 (servlet-https), held by java, pid 812.",
      hint: 'The smallest free offset is 3: use --offset 3, or --auto-offset.',
      library: { hint: "The smallest free offset is 3: use offset: 3, or offset: 'auto'." },
    },
    {
      failure: { kind: 'ports-taken', offset: 0, taken: [BY_JAVA, BY_NOBODY], free: null, fixed: [] },
      code: 4,
      message:
        "Offset 0 can't be used: port 9443 (servlet-https), held by java, pid 812; port 5672 (amqp), in use, though no process was found on it.",
      hint: 'No other offset is free either.',
    },
    {
      failure: {
        kind: 'ports-taken',
        offset: 0,
        taken: [BY_JAVA],
        free: null,
        fixed: [{ name: 'debug', number: 5005 }],
      },
      code: 4,
      message: "Offset 0 can't be used: port 9443 (servlet-https), held by java, pid 812.",
      hint: 'debug 5005 is fixed, so that no offset helps: give the server another port there, or come back when it is free.',
    },
    {
      failure: { kind: 'ports-taken', offset: 1, taken: [BY_JAVA], free: 3, fixed: [], isStuck: true },
      code: 4,
      message: "Offset 1 can't be used: port 9443 (servlet-https), held by java, pid 812.",
      hint: 'It is the one at which the database of this home was first started: stop what holds these ports, or start without --sticky (the smallest free offset is 3).',
      library: {
        hint: 'It is the one at which the database of this home was first started: stop what holds these ports, or start without sticky (the smallest free offset is 3).',
      },
    },
    {
      failure: { kind: 'ports-taken', offset: 0, taken: [BY_RABBIT], free: 1, fixed: [] },
      code: 4,
      message: "Offset 0 can't be used: port 5672 (amqp), held by beam.smp, pid 77.",
      hint: 'The smallest free offset is 1: use --offset 1, or --auto-offset. Port 5672 (amqp) belongs to a message broker (beam.smp, pid 77): a server that wanted it too would end as soon as it failed to bind it.',
      library: {
        hint: "The smallest free offset is 1: use offset: 1, or offset: 'auto'. Port 5672 (amqp) belongs to a message broker (beam.smp, pid 77): a server that wanted it too would end as soon as it failed to bind it.",
      },
    },
  ],
  'no-free-offset': [
    {
      failure: { kind: 'no-free-offset', min: 0, max: 2, taken: [BY_JAVA], fixed: [] },
      code: 4,
      message:
        'No offset from 0 to 2 has all its ports free; last found: port 9443 (servlet-https), held by java, pid 812.',
      hint: 'Widen the range with --min-offset and --max-offset, or stop what holds these ports.',
      library: { hint: 'Widen the range with minOffset and maxOffset, or stop what holds these ports.' },
    },
  ],
  'exited-before-ready': [
    {
      failure: { kind: 'exited-before-ready', how: 'its script exited with code 0', logFile },
      code: 5,
      message: 'The server ended before it was ready (its script exited with code 0).',
      hint: 'Its last lines say why; the whole log is /state/logs/apim.log.',
    },
  ],
  'server-failed': [
    {
      failure: { kind: 'server-failed', line: 'FATAL - WSO2 Carbon initialization Failed', logFile },
      code: 5,
      message: 'The server failed to start and would not have recovered: FATAL - WSO2 Carbon initialization Failed',
      hint: 'It has been stopped; the whole log is /state/logs/apim.log.',
    },
    {
      failure: { kind: 'server-failed', line: 'Failed to start component [Connector["…"]]', logFile, cause: KEYSTORE },
      code: 5,
      message:
        'The server failed to start and would not have recovered: a keystore cannot be used (Alias name [foo] does not identify a key entry)',
      hint: 'Check its alias. It has been stopped; the whole log is /state/logs/apim.log.',
    },
  ],
  'password-asked': [
    {
      failure: { kind: 'password-asked', file: '/opt/apim/password-tmp', logFile },
      code: 5,
      message: 'The server asks for its keystore password on standard input, which is empty under wso2-launch.',
      hint: 'Put the password into /opt/apim/password-tmp; the server reads it from there and deletes the file.',
    },
  ],
  crashed: [
    {
      failure: { kind: 'crashed', how: 'its script was ended by SIGKILL', logFile },
      code: 5,
      message: 'The server ended unasked: its script was ended by SIGKILL.',
      hint: 'Its last lines may say why; the whole log is /state/logs/apim.log.',
    },
    {
      failure: { kind: 'crashed', how: 'it fell', logFile, cause: TAKEN_BY_ANOTHER },
      code: 5,
      message: 'The server ended unasked: it fell.',
      hint: 'Likely cause: a port was taken (Address already in use). wso2-launch ports shows who holds it. Its last lines may say why; the whole log is /state/logs/apim.log.',
      library: {
        hint: 'Likely cause: a port was taken (Address already in use). ports() shows who holds it. Its last lines may say why; the whole log is /state/logs/apim.log.',
      },
    },
  ],
  'not-ready-in-time': [
    {
      failure: { kind: 'not-ready-in-time', timeout: '30.0 s', pending: ['port 5672 (amqp)', 'the rest'], logFile },
      code: 6,
      message:
        'The server was not ready within 30.0 s; still waiting for port 5672 (amqp), the rest. It has been stopped.',
      hint: 'Read /state/logs/apim.log; allow more time with --ready-timeout.',
      library: { hint: 'Read /state/logs/apim.log; allow more time with readyTimeoutMs.' },
    },
    {
      failure: { kind: 'not-ready-in-time', timeout: '30.0 s', pending: ['the rest'], logFile, cause: KEYSTORE },
      code: 6,
      message: 'The server was not ready within 30.0 s; still waiting for the rest. It has been stopped.',
      hint: 'Likely cause: a keystore cannot be used (Alias name [foo] does not identify a key entry). Check its alias. Read /state/logs/apim.log; allow more time with --ready-timeout.',
      library: {
        hint: 'Likely cause: a keystore cannot be used (Alias name [foo] does not identify a key entry). Check its alias. Read /state/logs/apim.log; allow more time with readyTimeoutMs.',
      },
    },
  ],
  'not-ready': [
    {
      failure: { kind: 'not-ready', name: 'mi', status: 'unhealthy', timeout: '30.0 s', logFile },
      code: 6,
      message: 'mi is unhealthy, and was not ready within 30.0 s. It has been left alone.',
      hint: 'Read /state/logs/apim.log; allow more time with --ready-timeout.',
      library: { hint: 'Read /state/logs/apim.log; allow more time with readyTimeoutMs.' },
    },
  ],
  'not-ready-yet': [
    {
      failure: { kind: 'not-ready-yet', name: 'mi', status: 'starting' },
      code: 6,
      message: 'mi is starting: only a ready server can be asked for that.',
      hint: 'wso2-launch wait mi waits for it.',
      library: { hint: 'wait() waits for it.' },
    },
  ],
  'no-certificate': [
    {
      failure: { kind: 'no-certificate', name: 'mi', reason: 'it has no HTTPS port', hint: 'Ask it over HTTP.' },
      code: 3,
      message: 'mi shows no certificate: it has no HTTPS port.',
      hint: 'Ask it over HTTP.',
    },
  ],
  'port-never-opened': [
    {
      failure: { kind: 'port-never-opened', ports: [BY_JAVA, BY_NOBODY], logFile },
      code: 6,
      message:
        'The server says that it has started, but never opened servlet-https 9443, amqp 5672. It has been stopped.',
      hint: "Nobody else holds the port, and the log shows no failed bind: look for the listener's own error in /state/logs/apim.log.",
    },
    {
      failure: { kind: 'port-never-opened', ports: [BY_JAVA], logFile, cause: KEYSTORE },
      code: 6,
      message: 'The server says that it has started, but never opened servlet-https 9443. It has been stopped.',
      hint: "Likely cause: a keystore cannot be used (Alias name [foo] does not identify a key entry). Check its alias. Nobody else holds the port, and the log shows no failed bind: look for the listener's own error in /state/logs/apim.log.",
    },
  ],
  'stopped-meanwhile': [
    {
      failure: { kind: 'stopped-meanwhile', name: 'apim' },
      code: 5,
      message: 'apim was stopped from elsewhere before it was ready.',
      hint: 'Somebody has asked for it, with wso2-launch stop; start it again.',
    },
    {
      failure: { kind: 'stopped-meanwhile', name: 'apim', command: { name: 'jest', hasRun: false } },
      code: 5,
      message: 'apim was stopped from elsewhere before it was ready: jest never ran.',
      hint: 'Somebody has asked for it, with wso2-launch stop; start it again.',
    },
    {
      failure: { kind: 'stopped-meanwhile', name: null, command: { name: 'jest', hasRun: true } },
      code: 5,
      message: 'The server was stopped from elsewhere while jest was running, which was cut off.',
      hint: 'Somebody has asked for it, with wso2-launch stop; start it again.',
    },
    {
      failure: { kind: 'stopped-meanwhile', name: 'apim', byWhomever: true },
      code: 5,
      message: 'apim was stopped before it was ready.',
      hint: 'By stop(), by its signal, or with wso2-launch stop; launch it again.',
    },
  ],
  'survived-stop': [
    {
      failure: { kind: 'survived-stop', processes: [{ pid: 9, command: 'java' }], ports: [BY_JAVA] },
      code: 7,
      message: 'The stop is not complete: process 9 (java) survived; port 9443 (servlet-https), held by java, pid 812.',
      hint: 'Look at these processes; the next launch of this home or these ports needs them gone.',
    },
  ],
  'home-runs': [
    {
      failure: { kind: 'home-runs', home: '/opt/apim', by: 'instance apim, offset 1, pid 9', hint: 'Do that.' },
      code: 8,
      message: '/opt/apim already runs (instance apim, offset 1, pid 9).',
      hint: 'Do that.',
    },
  ],
  'name-taken': [
    {
      failure: { kind: 'name-taken', name: 'apim', by: 'apim', home: '/opt/apim' },
      code: 8,
      message: 'The name apim belongs to a running instance (/opt/apim).',
      hint: 'Give this one another name with --name, or leave the option out.',
      library: { hint: 'Give this one another name with name, or leave the option out.' },
    },
    {
      failure: { kind: 'name-taken', name: 'a.1', by: 'a-1', home: '/opt/apim' },
      code: 8,
      message: 'The name a.1 would give the same variables as a-1, which runs (/opt/apim).',
      hint: 'Give this one another name with --name, or leave the option out.',
      library: { hint: 'Give this one another name with name, or leave the option out.' },
    },
  ],
  'home-taken': [
    {
      failure: { kind: 'home-taken', name: 'mi', home: '/opt/.wso2-launch-homes/mi', installation: '/opt/mi-4.3.0' },
      code: 8,
      message: 'The name mi belongs to a private home that was made from /opt/mi-4.3.0 (/opt/.wso2-launch-homes/mi).',
      hint: 'Give this one another name with --name, or remove that home with wso2-launch homes rm mi.',
      library: {
        hint: 'Give this one another name with name, or remove that home with wso2-launch homes rm mi.',
      },
    },
  ],
  'unknown-home': [
    {
      failure: { kind: 'unknown-home', name: 'im', known: ['mi', 'mi-2'] },
      code: 10,
      message: 'There is no private home im.',
      hint: 'There are mi, mi-2.',
    },
    {
      failure: { kind: 'unknown-home', name: 'im', known: [] },
      code: 10,
      message: 'There is no private home im.',
      hint: 'There is none yet: a launch with --private makes one.',
      library: { hint: 'There is none yet: a launch with private makes one.' },
    },
  ],
  'ports-lost': [
    {
      failure: { kind: 'ports-lost', offset: 1, lost: [BY_JAVA], tries: 1 },
      code: 9,
      message:
        'Ports were lost to another program after offset 1 was chosen: port 9443 (servlet-https), held by java, pid 812. The server has been stopped.',
      hint: 'Start again, with --auto-offset to move on by itself; a program that keeps taking ports has to be found first.',
      library: {
        hint: "Start again, with offset: 'auto' to move on by itself; a program that keeps taking ports has to be found first.",
      },
    },
    {
      failure: { kind: 'ports-lost', offset: 4, lost: [BY_NOBODY], tries: 4 },
      code: 9,
      message:
        'Ports were lost to another program after offset 4 was chosen (4 tries): port 5672 (amqp), in use, though no process was found on it. The server has been stopped.',
      hint: 'Start again, with --auto-offset to move on by itself; a program that keeps taking ports has to be found first.',
      library: {
        hint: "Start again, with offset: 'auto' to move on by itself; a program that keeps taking ports has to be found first.",
      },
    },
  ],
  'no-such-instance': [
    {
      failure: { kind: 'no-such-instance', name: 'tomcat', products: ['apim', 'mi'] },
      code: 10,
      message: 'tomcat is neither a running instance nor a product.',
      hint: 'Products are apim, mi; an instance has the name that its launch gave it.',
    },
  ],
  'command-not-executable': [
    {
      failure: { kind: 'command-not-executable', command: './run', reason: 'it has no run bit' },
      code: 126,
      message: "./run can't be run: it has no run bit.",
      hint: 'Give it the run bit, or name its interpreter before it.',
    },
  ],
  'unknown-instance': [
    {
      failure: { kind: 'unknown-instance', name: 'apin', known: ['apim', 'mi'] },
      code: 10,
      message: 'There is no instance apin.',
      hint: 'Running: apim, mi.',
    },
    {
      failure: { kind: 'unknown-instance', name: 'apin', known: [] },
      code: 10,
      message: 'There is no instance apin.',
      hint: 'None is running; wso2-launch ps --all shows those that have ended.',
      library: { hint: 'None is running; instances({ all: true }) shows those that have ended.' },
    },
  ],
  'none-running': [
    {
      failure: { kind: 'none-running' },
      code: 10,
      message: 'No instance is running.',
      hint: 'wso2-launch ps --all shows those that have ended.',
      library: { hint: 'instances({ all: true }) shows those that have ended.' },
    },
  ],
  'several-running': [
    {
      failure: { kind: 'several-running', names: ['apim', 'mi'] },
      code: 2,
      message: 'It has to be said which instance is meant: apim, mi are running.',
      hint: 'Name one.',
    },
  ],
  orphaned: [
    {
      failure: { kind: 'orphaned', name: 'mi' },
      code: 10,
      message: 'mi has lost its supervisor, which alone can tell how it is.',
      hint: 'wso2-launch stop mi ends what is left of it; then launch it again.',
    },
  ],
  'wait-timed-out': [
    {
      failure: {
        ...{ kind: 'wait-timed-out', name: 'mi', wanted: 'ready', missing: 'it is starting', timeout: '2.0 s' },
        logFile,
      },
      code: 6,
      message: 'mi was not ready within 2.0 s: it is starting.',
      hint: `It has been left as it is; its log is ${logFile}.`,
    },
  ],
  'not-running': [
    {
      failure: { kind: 'not-running', name: 'apim', ended: '2026-11-22T07:00:00.000Z', logFile },
      code: 10,
      message: 'apim is not running; it ended at 2026-11-22T07:00:00.000Z.',
      hint: 'Its log is /state/logs/apim.log.',
    },
    {
      failure: { kind: 'not-running', name: 'apim', ended: null, logFile },
      code: 10,
      message: 'apim is not running.',
      hint: 'Its log is /state/logs/apim.log.',
    },
  ],
  'artifact-faulty': [
    {
      failure: {
        ...{ kind: 'artifact-faulty', name: 'mi', action: 'deploy', missing: [], logFile },
        artifacts: [{ file: 'a.car', path: '/mi/carbonapps/a.car', isThere: true }],
      },
      code: 5,
      message: 'mi could not deploy a.car.',
      hint: `It lies in /mi/carbonapps/a.car: deploy it again once it is mended, or undeploy it. The log is ${logFile}.`,
    },
    {
      failure: {
        ...{ kind: 'artifact-faulty', name: 'mi', action: 'deploy', missing: ['c.car', 'd.car', 'e.car'], logFile },
        artifacts: [
          { file: 'a.xml', path: '/mi/tasks/a.xml', isThere: false },
          { file: 'b.car', path: '/mi/carbonapps/b.car', isThere: true },
        ],
      },
      code: 5,
      message: 'mi could not deploy a.xml and b.car, and has said nothing of c.car, d.car and e.car.',
      hint: `The server has taken it away from /mi/tasks/a.xml. It lies in /mi/carbonapps/b.car: deploy it again once it is mended, or undeploy it. The log is ${logFile}.`,
    },
    {
      failure: {
        ...{ kind: 'artifact-faulty', name: 'mi', action: 'undeploy', missing: [], logFile },
        artifacts: [
          { file: 'a.xml', path: '/mi/tasks/a.xml', isThere: true },
          { file: 'b.car', path: '/mi/carbonapps/b.car', isThere: false },
        ],
      },
      code: 5,
      message: 'mi could not undeploy a.xml and b.car.',
      hint: `/mi/tasks/a.xml is there again. /mi/carbonapps/b.car is gone all the same. The log is ${logFile}.`,
    },
  ],
  'word-timed-out': [
    {
      failure: { kind: 'word-timed-out', name: 'mi', action: 'deploy', missing: ['a.car'], timeout: '2.0 s', logFile },
      code: 6,
      message: 'mi has not said within 2.0 s that it has deployed a.car.',
      hint: `What was changed stays so, and it may still say it: read ${logFile}, or allow more time.`,
    },
  ],
  'word-cut-off': [
    {
      failure: { kind: 'word-cut-off', name: 'mi', action: 'undeploy', missing: ['a.car', 'b.car'], logFile },
      code: 10,
      message: 'mi ended before it had said that it has undeployed a.car and b.car.',
      hint: `What was changed stays so, for its next start; its log is ${logFile}.`,
    },
  ],
  refused: [{ failure: { kind: 'refused', ...SAID }, code: 1, ...WORDED }],
  'unusable-log': [
    {
      failure: { kind: 'unusable-log', name: 'apim', file: logFile },
      code: 3,
      message: 'The log of apim, /state/logs/apim.log, is gone.',
      hint: 'Somebody has removed it; the next launch of that name writes a new one.',
    },
  ],
  'no-answer': [
    {
      failure: { kind: 'no-answer', name: 'apim', pid: 812, reason: 'nobody answers' },
      code: 1,
      message: 'The supervisor of apim (process 812) does not answer: nobody answers.',
      hint: 'It may be suspended: let it go on with kill -CONT 812, and ask again.',
    },
    {
      failure: { kind: 'no-answer', name: 'apim', pid: 812, reason: 'connect ENOENT /x.sock' },
      code: 1,
      message: 'The supervisor of apim (process 812) does not answer: connect ENOENT /x.sock.',
      hint: "It can't be asked any more: kill -TERM 812 has it stop its server gracefully.",
    },
  ],
  'command-not-found': [
    {
      failure: { kind: 'command-not-found', command: 'nmp' },
      code: 127,
      message: 'nmp: command not found. Nothing was started.',
      hint: 'Check the name and PATH.',
    },
  ],
};

describe('every failure has its exit code, its sentence and the next step', () => {
  const all = Object.values(CASES).flat();
  test.each(all.map((one) => [one.failure.kind, one] as const))('%s', (_kind, { failure, code, message, hint }) => {
    expect(failureWords(failure)).toEqual({ message, hint });
    expect(new LaunchError(failure).exitCode).toBe(code);
  });

  test.each(all.map((one) => [one.failure.kind, one] as const))(
    '%s is worded by the library without flags and commands',
    (_kind, { failure, message, hint, library }) => {
      expect(failureWords(failure, inLibrary)).toEqual({ message, hint, ...library });
    },
  );

  test.each(all.map((one) => [one.failure.kind, one] as const))(
    '%s is worded the same after a way as JSON',
    (_kind, { failure, message, hint }) => {
      expect(failureWords(JSON.parse(JSON.stringify(failure)))).toEqual({ message, hint });
    },
  );

  test.each(Object.keys(CASES))('%s is a stable kebab-case word', (kind) => {
    expect(kind).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(CASES[kind as FailureKind].map(({ failure }) => failure.kind)).toEqual(
      CASES[kind as FailureKind].map(() => kind),
    );
  });
});

describe('who holds a port', () => {
  test.each<[PortHolder | null, string]>([
    [{ pid: 812, command: 'java' }, 'held by java, pid 812'],
    [{ pid: 812, command: null }, 'held by a process, pid 812'],
    [{ pid: null, command: null }, "held by another user's process"],
    [{ pid: null, command: 'its own http' }, 'wanted by its own http'],
    [{ pid: 812, command: 'java', home: '/opt/am' }, 'held by java, pid 812, the server of /opt/am'],
    [{ pid: 812, command: 'java', instance: 'apim' }, 'of instance apim, pid 812'],
    [{ pid: null, command: null, instance: 'apim' }, 'of instance apim'],
    [null, 'in use, though no process was found on it'],
  ])('%j: %s', (by, text) => {
    expect(describeHolder(by)).toBe(text);
    expect(describeTaken({ name: 'ws', number: 9099, by })).toBe(`9099 (ws), ${text}`);
  });
});

test('the error carries its message, the last lines and its cause', () => {
  const cause = new Error('EACCES');
  const error = new LaunchError({ kind: 'unusable-home', ...SAID }, ['one', 'two'], { cause });
  expect(error).toMatchObject({ name: 'LaunchError', message: 'It is so.', lastLines: ['one', 'two'], cause });
  expect(new LaunchError({ kind: 'unusable-home', ...SAID }).lastLines).toEqual([]);
});

describe('an error that nothing expects', () => {
  const failing = (code: string, syscall = 'open'): Error =>
    Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

  test.each([
    ['EMFILE', 'open', 'On this machine no more files may be opened (open EMFILE).'],
    ['ENOSPC', 'write', 'On this machine the disk is full (write ENOSPC).'],
    ['EFBIG', 'write', 'On this machine no file may become so long (write EFBIG).'],
    ['ENOMEM', 'spawn', 'On this machine there is not enough memory (spawn ENOMEM).'],
    ['EAGAIN', 'spawn sh', 'On this machine no more processes may be started (spawn sh EAGAIN).'],
  ])('%s of %s is no fault of ours', (code, syscall, what) => {
    const { failure, exitCode } = asLaunchError(failing(code, syscall));
    expect(failure).toMatchObject({ kind: 'shortage', what });
    expect(exitCode).toBe(1);
    expect(failureWords(failure).hint).not.toContain('report');
  });

  test.each([[failing('EAGAIN', 'read')], [failing('EPROTO')], [new Error('boom')], ['boom'], [undefined]])(
    '%s is one',
    (error) => {
      expect(asLaunchError(error)).toMatchObject({ failure: { kind: 'internal' }, cause: error });
    },
  );
});
