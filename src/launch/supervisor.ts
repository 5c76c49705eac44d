import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { SUPERVISOR_VARIABLE } from '../domain/command.js';
import { asLaunchError } from '../domain/failure.js';
import { exitCodeOf } from '../domain/launch-end.js';
import { type Over, overOf, type Said } from '../domain/protocol.js';
import { Sharing } from '../instance/sharing.js';
import { nodeSystem } from '../system/index.js';
import { type Interrupts, listenForInterrupts } from '../system/interrupts.js';
import { untilTaken } from '../system/output.js';
import { openSupervisorChannel } from '../system/supervisor-channel.js';
import { type Job, jobIn } from './background.js';
import { launch } from './launch.js';

/** The launch that this process was started for, which goes on when nobody listens any more: its exit code. */
export async function superviseInBackground(): Promise<number> {
  delete process.env[SUPERVISOR_VARIABLE]; // the variable was for us alone
  const channel = openSupervisorChannel();
  channel.on('error', () => {}); // the launcher has heard enough
  tell(channel, { up: true });
  const interrupts = listenForInterrupts();
  try {
    const job = await readJob(channel);
    const over = job ? await supervise(job, channel, interrupts) : { code: 0 };
    await sayLast(channel, { over });
    return over.code;
  } finally {
    interrupts.stop();
  }
}

/** The job from our launcher; undefined where it is gone before it has given us one. */
async function readJob(channel: Duplex): Promise<Job | undefined> {
  const lines = createInterface({ input: channel });
  const line = await new Promise<string | undefined>((resolve) => {
    const leave = (): void => resolve(undefined);
    lines.once('line', resolve).on('error', leave); // the channel's, told once more
    channel.once('end', leave).once('close', leave);
  });
  lines.close();
  channel.resume(); // the channel's end is to be heard as well
  return line === undefined ? undefined : jobIn(line);
}

async function supervise({ request, use, nodeOptions }: Job, channel: Duplex, interrupts: Interrupts): Promise<Over> {
  if (nodeOptions !== undefined) process.env['NODE_OPTIONS'] = nodeOptions;
  const say = (said: Said): void => tell(channel, said);
  const sharing = use && new Sharing(nodeSystem.clock);
  try {
    if (sharing) {
      const giveBack = sharing.hold(use.holder, use.lingerMs);
      const letGo = (): void => {
        giveBack();
        if (!sharing.unused.aborted) channel.end();
      };
      if (channel.readableEnded || channel.destroyed) letGo();
      else channel.once('end', letGo).once('close', letGo);
    }
    const end = await launch(request, {
      asked: interrupts.asked,
      insisted: interrupts.insisted,
      ...(sharing && { sharing }),
      warn: (warning) => say({ warning }),
      started: (name, logFile) => {
        say({ started: { name, logFile } });
        process.chdir('/'); // the user's folder is not ours to hold
      },
      report: (event) => say({ event }),
    });
    return { code: exitCodeOf(end) };
  } catch (error) {
    return overOf(asLaunchError(error));
  }
}

const tell = (channel: Duplex, said: Said): void => void channel.write(`${JSON.stringify(said)}\n`);

/** Resolves once it is taken, or once nobody has taken anything for long. */
function sayLast(channel: Duplex, said: Said): Promise<void> {
  const written = new Promise<void>((resolve) => {
    channel.once('error', () => resolve()).end(`${JSON.stringify(said)}\n`, () => resolve());
  });
  const rest = {
    get taken() {
      return -channel.writableLength;
    },
  };
  return untilTaken(written, [rest]);
}
