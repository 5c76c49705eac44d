/** What the thread that boots a server is at, in words; undefined where a dump of its threads does not tell. */
export function bootingThread(dump: string): string | undefined {
  const threads = dump.split(/\n(?=")/).flatMap(threadIn);
  const found = BOOTING.flatMap((name) => threads.filter((thread) => thread.name.startsWith(name)));
  const busy = found.find(({ frames }) => frames.length > 0 && !frames.some((frame) => IDLE.test(frame)));
  return busy && describe(busy);
}

/** Equinox starts bundles in a thread of this name, which the main thread waits for. */
const BOOTING = ['Start Level', 'main'];

/** A thread of Equinox that waits for work. */
const IDLE = /EventThread\.getNextEvent/;

interface Thread {
  readonly name: string;
  /** The methods that it is in, the innermost first. */
  readonly frames: readonly string[];
}

function threadIn(text: string): Thread[] {
  const name = /^"([^"]*)"/.exec(text)?.[1];
  if (name === undefined) return [];
  return [
    { name, frames: [...text.matchAll(/^\s+at (?:[^\s(]*\/)?([^\s(/]+)\(/gm)].map((match) => match[1] as string) },
  ];
}

function describe({ name, frames }: Thread): string {
  const [innermost = ''] = frames;
  const callers = [frames.find((frame) => !OF_JAVA.test(frame)), frames.find((frame) => frame.startsWith('org.wso2.'))];
  const called = [...new Set(callers)].filter((caller) => caller !== undefined && caller !== innermost);
  const by = called.length > 0 ? `, called by ${called.join(' and ')}` : '';
  return `its thread "${name.replace(/:.*/, '')}" waits ${reasonOf(innermost)}in ${innermost}${by}`;
}

const OF_JAVA = /^(?:java|javax|jdk|sun|com\.sun)\./;

function reasonOf(innermost: string): string {
  if (/Socket|^sun\.nio\.ch\.Net\./.test(innermost)) return 'for somebody on the network, ';
  return /\.park$|^java\.lang\.Object\.wait/.test(innermost) ? 'for another thread, ' : '';
}
