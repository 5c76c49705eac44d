/** Why a server has ended, as far as its last lines tell, and what to do about it. */
export interface Cause {
  readonly what: string;
  readonly remedy: string;
}

interface Symptom extends Cause {
  readonly text: RegExp;
}

// The first that fits is named: what comes first explains what comes after it.
const SYMPTOMS: readonly Symptom[] = [
  {
    text: /UnsupportedClassVersionError|Unrecognized (?:VM )?option|MaxPermSize|unsupported JDK/i,
    what: 'the JDK does not fit this version of the product',
    remedy: 'Name another one with --java-home.',
  },
  {
    text: /OutOfMemoryError|Could not reserve enough space|insufficient memory|Cannot allocate memory/i,
    what: 'memory ran out',
    remedy: 'Give the JVM more in JVM_MEM_OPTS, or free some.',
  },
  {
    text: /No space left on device|Disk quota exceeded/i,
    what: 'the disk is full',
    remedy: 'Make room where the home and its logs lie.',
  },
  {
    text: /Too many open files/i,
    what: 'it may not open more files',
    remedy: 'Raise the limit with ulimit -n.',
  },
  {
    text: /Database may be already in use|Locked by another process|lock file has been (?:changed|created)/i,
    what: 'its H2 database is in use by somebody else',
    remedy: 'Another server or a database tool has opened a file of this home; close it there.',
  },
  {
    text: /keystore was tampered with|keystore password was incorrect|UnrecoverableKeyException|Keystore file .* not found/i,
    what: 'a keystore cannot be opened',
    remedy: 'Check its file name and passwords in deployment.toml.',
  },
  {
    text: /Error while performing configuration changes|Error parsing deployment configuration|References can't be resolved/i,
    what: 'deployment.toml is not accepted',
    remedy: 'The lines below name the key or the place.',
  },
  {
    text: /Address already in use|Could not bind to|Port already in use/i,
    what: 'a port was taken',
    remedy: 'wso2-launch ports shows who holds it; --auto-offset moves out of the way.',
  },
];

/** The likeliest cause that some lines of a log name; undefined where they name none. */
export function causeIn(lines: readonly string[]): Cause | undefined {
  for (const line of lines) {
    const found = SYMPTOMS.find(({ text }) => text.test(line));
    if (found) return { what: found.what, remedy: found.remedy };
  }
  return undefined;
}
