import { isOfOthers, stripColours } from './log.js';
import { mention, mentioning, type Text } from './text.js';

/** The reason why a server has ended or never came, as far as its log tells, and what to do about it. */
export interface Cause {
  readonly what: string;
  readonly remedy: Text;
  /** The log's own words, without time, level and logger. */
  readonly evidence: string;
}

/** The findings about a server that has failed. */
export interface PostMortem {
  /** The likeliest cause that the log names. */
  readonly cause?: Cause;
  /** The lines that explain most, oldest first. */
  readonly lines: readonly string[];
}

interface Symptom {
  readonly text: RegExp;
  readonly what: string;
  readonly remedy: Text;
}

// The first symptom that fits a line is named. Each is what the line itself says: what is only probable is no cause.
const SYMPTOMS: readonly Symptom[] = [
  {
    text: /UnsupportedClassVersionError|Unrecognized VM option '\+?(?:MaxPermSize|PermSize|Use(?:ConcMarkSweep|ParNew)GC|CMS)|unsupported JDK/i,
    what: 'the JDK does not fit this version of the product',
    remedy: mentioning`Name another one with ${mention.option('javaHome')}.`,
  },
  {
    text: /Could not find or load main class org\.wso2\./,
    what: 'a jar of the product is missing',
    remedy: 'Compare bin and lib of the home with those of a fresh one.',
  },
  {
    text: /Unrecognized (?:VM )?option|Invalid maximum heap size|Invalid initial heap size|Could not find or load main class|Conflicting collector combinations|Improperly specified VM option/i,
    what: 'the JVM does not take an option that it is given',
    remedy: 'Look at JAVA_OPTS, JVM_MEM_OPTS and JAVA_TOOL_OPTIONS.',
  },
  {
    text: /OutOfMemoryError|Could not reserve enough space|insufficient memory|Cannot allocate memory|Too small maximum heap/i,
    what: 'memory ran out',
    remedy: 'Give the JVM more in JVM_MEM_OPTS, or free some.',
  },
  {
    text: /^(?:.*: line \d+: +\d+ )?Killed\b/,
    what: 'its JVM was killed',
    remedy: 'Somebody has done it, or the system for want of memory: dmesg tells.',
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
    text: /Database may be already in use|Locked by another process|lock file has been (?:changed|created)|file is locked/i,
    what: 'its H2 database is in use by somebody else',
    remedy: 'Another server or a database tool has opened a file of this home; close it there.',
  },
  {
    text: /File corrupted|\[90030[-\]]|MVStoreException: (?:Reading from file|Store header|Chunk|Unable to read)/i,
    what: 'a database file is damaged',
    remedy: 'Put back a copy of it, or have a fresh home make a new one.',
  },
  {
    text: /database is read only|\[90097[-\]]/i,
    what: 'a database file can only be read',
    remedy: 'Let the user that starts the server write to it.',
  },
  {
    text: /Wrong user name or password|Access denied for user|password authentication failed|ORA-01017/i,
    what: 'a database refuses its user or password',
    remedy: 'Check the user and the password of that database in deployment.toml.',
  },
  {
    text: /Communications link failure|Connection to \S+ refused|Connection is broken|The TCP\/IP connection to the host .* has failed/i,
    what: 'a database does not answer',
    remedy: 'Start it, or check its URL in deployment.toml.',
  },
  {
    text: /Unable to load class: \S*Driver|ClassNotFoundException: \S*Driver\b/,
    what: 'a database driver is missing',
    remedy: 'Put its jar into repository/components/lib (MI: lib).',
  },
  {
    text: /Add-Admin has been set to false/,
    what: 'its super admin is not in the user store, and may not be made',
    remedy: 'Say create_admin_account = true below [super_admin] in deployment.toml, or name a user that is there.',
  },
  {
    text: /javax\.naming\.CommunicationException/,
    what: 'a directory (LDAP) does not answer',
    remedy: 'Start it, or check its URL in deployment.toml.',
  },
  {
    text: /FatalTemplateErrorsException/,
    what: 'a template of the configuration is not accepted',
    remedy: 'Put back that of a fresh home, below repository/resources/conf/templates.',
  },
  {
    text: /keystore was tampered with|keystore password was incorrect|UnrecoverableKeyException|Keystore file .* not found|(?:keystore|truststore).* does not exist|\.(?:jks|p12|pfx|bcfks) \(No such file or directory\)|does not identify a key entry|while loading the internal keystore|Get Key failed/i,
    what: 'a keystore cannot be used',
    remedy:
      'Check its file name, alias and passwords in deployment.toml, and that the user who starts the server may read it: of one in a folder that he may not enter, too, it is said that it does not exist.',
  },
  {
    text: /(?:\(|IOException: )(?:Permission denied|Read-only file system)|AccessDeniedException|ReadOnlyFileSystemException/,
    what: 'it may not use a file that it needs',
    remedy: mentioning`Let the user that starts the server read and write it; ${mention.command('doctor', { isShort: true })} names what is not writable.`,
  },
  {
    // config-mapper's own words; its ConfigParserException also stands for files that can't be written.
    text: /Error parsing deployment configuration|eferences can't be (?:resolved|plain text)|Configuration with key \S+ doesn't exist|Error while retrieving \S+ system property|Environment variable \S+ not defined|Invalid value for configuration key/,
    what: 'deployment.toml is not accepted',
    remedy: 'That line, or one of those below, names the key or the place.',
  },
  {
    text: /Address already in use|Could not bind to|Port already in use/i,
    what: 'a port was taken',
    remedy: mentioning`${mention.command('ports')} shows who holds it; ${mention.option('autoOffset')} moves out of the way.`,
  },
];

/** An artifact may be said to be no XML as well, by a server that comes up. */
const XML_SYMPTOM: Symptom = {
  text: /SAXParseException|com\.ctc\.wstx\.exc\./,
  what: 'a file of the configuration is not well-formed XML',
  remedy: 'Put back that of a fresh home: its template lies below repository/resources/conf/templates.',
};

/** Servers that come up say this as well: it counts only where nothing else does. */
const LAST_SYMPTOM: Symptom = {
  text: /Could not resolve module/,
  what: 'a bundle is missing, or does not fit the others',
  remedy: 'Compare repository/components with that of a fresh home; what was added lies in dropins and lib.',
};

/**
 * The findings in the log of a failed server: the cause that the first telling line names, for what comes first
 * explains what comes after it, and the lines that explain most.
 * @param log oldest line first
 */
export function postMortem(log: readonly string[]): PostMortem {
  const lines = log.map((line) => stripColours(line).trimEnd()).filter((line) => line !== '');
  for (const symptoms of [SYMPTOMS, [XML_SYMPTOM], [LAST_SYMPTOM]]) {
    for (const [index, line] of lines.entries()) {
      const tellsNothing = isFrame(line) || isInformation(line) || isOfOthers(line);
      const symptom = tellsNothing ? undefined : symptoms.find(({ text }) => text.test(line));
      if (!symptom) continue;
      const { what, remedy } = symptom;
      return { cause: { what, remedy, evidence: evidenceIn(line) }, lines: relevantLines(lines, index) };
    }
  }
  return { lines: relevantLines(lines) };
}

const LONGEST_EVIDENCE = 200;

/** The message of a line, without `[2026-11-29 07:29:39,379] ERROR {logger} - ` and the like. */
function evidenceIn(line: string): string {
  const said = line
    .replace(/^TID: /, '')
    .replace(/^(?:\[[^\]]*\] *)+(?:[A-Z]+ )? *(?:\{[^}]*\} *-|-)? */, '')
    .replace(/^\s*Caused by: /, '')
    .trim();
  return said.length > LONGEST_EVIDENCE ? `${said.slice(0, LONGEST_EVIDENCE)}…` : said;
}

/** A line of these levels tells what went well. */
const isInformation = (line: string): boolean => /^[^{]{0,80}\b(?:INFO|DEBUG|TRACE)\b/.test(line);

const isFrame = (line: string): boolean => /^\s+at |^\s+\.\.\. \d+ (?:more|common)/.test(line);

/** Exceptions and errors by any name. */
const ERROR = /\b(?:ERROR|FATAL|SEVERE)\b|(?:Exception|Error)\b|^Caused by:|^Unrecognized /;
const WARNING = /\bWARN(?:ING)?\b/;
const MOST_LINES = 20;
const LAST_LINES = 10;

/**
 * The lines that best explain a failure, in their order: the one that decides, errors, the last lines, warnings. The
 * frames of stack traces come in only where there is room, the younger of equals before the older ones.
 */
function relevantLines(lines: readonly string[], decisive?: number): string[] {
  const last = new Set([...lines.keys()].filter((index) => !isFrame(lines[index] as string)).slice(-LAST_LINES));
  const worthOf = (line: string, index: number): number => {
    if (index === decisive) return 5;
    if (isFrame(line)) return index >= lines.length - LAST_LINES ? 1 : 0;
    if (ERROR.test(line)) return 4;
    return last.has(index) ? 3 : WARNING.test(line) ? 2 : 0;
  };
  return lines
    .map((line, index) => ({ line, index, worth: worthOf(line, index) }))
    .filter(({ worth }) => worth > 0)
    .sort((a, b) => b.worth - a.worth || b.index - a.index)
    .slice(0, MOST_LINES)
    .sort((a, b) => a.index - b.index)
    .map(({ line }) => line);
}
