import { join } from 'node:path';
import type { Instance } from '../../../instance/list.js';
import { adoptServer } from '../../../server/start.js';
import { noAnswer } from '../../../system/clock.js';
import type { System } from '../../../system/index.js';

/** What a server's JVM tells of itself. */
export interface ReportedJvm {
  /** Texts by their paths in the report. */
  readonly texts: Readonly<Record<string, string>>;
  /** Why some are missing; undefined where none is. */
  readonly missing: string | undefined;
  /** The arguments of its process, which may be secret. */
  readonly args: readonly string[];
}

type AskingJvm = Pick<System, 'clock' | 'files' | 'host' | 'processes' | 'spawning'>;

/**
 * What is asked, by the file that gets the answers. The histogram counts what is garbage as well: to tell that apart,
 * the JVM would have to collect it, and stop the server for that.
 */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  'threads.txt': ['Thread.print -l'],
  'heap.txt': ['GC.class_histogram -all'],
  'jvm.txt': ['VM.version', 'VM.uptime', 'VM.command_line', 'VM.flags', 'GC.heap_info'],
};

/** jcmd itself gives up a JVM that does not answer after 10.5 s, and then clears up behind itself. */
const PATIENCE_MS = 20_000;

/** Asks a server's JVM by the jcmd of its own JDK. */
export async function askJvm(instance: Instance, signal: AbortSignal, system: AskingJvm): Promise<ReportedJvm> {
  const found = findJvm(instance, system);
  if ('missing' in found) return { texts: {}, args: [], ...found };
  const { pid, jcmd } = found;
  const args = system.processes.argumentsOf(pid);
  const texts: Record<string, string> = {};
  for (const [file, questions] of Object.entries(QUESTIONS)) {
    // Each line is a question to jcmd.
    const answer = await system.spawning.outputOf(jcmd, [String(pid), questions.join('\n')], PATIENCE_MS, signal);
    const told = answer?.replaceAll(SAID_AT_ONCE, '') ?? '';
    const refusal = told === '' ? noAnswer(PATIENCE_MS) : refusalIn(told);
    if (refusal !== undefined) return { texts, args, missing: `process ${pid}, the JVM: ${refusal}` };
    texts[file] = `${told}\n`;
  }
  return { texts, args, missing: undefined };
}

/** Before jcmd waits for an answer it says the pid, and its own JVM what it was given. */
const SAID_AT_ONCE = /^(?:\d+:|Picked up \w+: .*)\s*$\n?/gm;

/** jcmd says by an exception that the JVM can't be asked at all; a heap may have such exceptions in it. */
const refusalIn = (answer: string): string | undefined =>
  /^(?:Exception in thread "\w+" )?(?:com\.sun\.tools\.attach\.|java\.io\.IOException).*$/m.exec(answer)?.[0].trim();

function findJvm(
  instance: Instance,
  system: AskingJvm,
): { readonly pid: number; readonly jcmd: string } | { readonly missing: string } {
  const { javaHome, status } = instance;
  if (status === 'exited') return { missing: 'it has ended' };
  if (instance.isElsewhere) return { missing: 'it runs in another container' };
  const pid = adoptServer(instance, system)?.jvm()?.pid;
  if (pid === undefined) return { missing: 'its JVM was not found' };
  if (javaHome === undefined) return { missing: 'its JDK is not known' };
  const jcmd = system.files.findProgram(join(javaHome, 'bin', 'jcmd'), undefined);
  if (jcmd === undefined) return { missing: `its JDK, ${javaHome}, has no bin/jcmd` };
  // A JVM is asked by SIGQUIT, by which a process ends that does not catch it, as with -Xrs.
  if (system.host.asksBySignal && !system.processes.catchesQuit(pid))
    return { missing: `process ${pid} is not known to survive the signal by which a JVM is asked` };
  return { pid, jcmd };
}
