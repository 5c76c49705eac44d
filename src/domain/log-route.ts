import { parse } from 'dot-properties';

/** A line of a server's log, as far as a logging configuration tells lines apart. */
export interface LogLine {
  /** The full name of the logger that writes it. */
  readonly logger: string;
  readonly level: LogLevel;
}

/** The place where a line ends up: on the console, only in a file, or nowhere. */
export type LogRoute =
  | { readonly kind: 'console' }
  | { readonly kind: 'file'; readonly path: string }
  /** `file` is where other lines of its logger go, where none of them goes to the console. */
  | { readonly kind: 'nowhere'; readonly file?: string };

export type LogLevel = keyof typeof LEVELS;

/** The higher the more is let through: org.apache.logging.log4j.spi.StandardLevel. */
const LEVELS = { OFF: 0, FATAL: 100, ERROR: 200, WARN: 300, INFO: 400, DEBUG: 500, TRACE: 600, ALL: 1000 } as const;

/** The values of `${sys:name}` and `${env:NAME}`; undefined where they are not known. */
export interface LogVariables {
  property(name: string): string | undefined;
  variable(name: string): string | undefined;
}

/**
 * The route of a line through a log4j2.properties (log4j's PropertiesConfigurationBuilder, LoggerConfig and filters). A
 * route that can't be told counts as the console, unless a file is sure to have the line: on the console it is looked
 * for in any case.
 */
export function routeOf(line: LogLine, text: string, variables: LogVariables): LogRoute {
  const level = LEVELS[line.level];
  const configuration = new Section(parse(text) as Readonly<Record<string, string>>, variables);
  if (verdictOf(configuration, level) === 'denied') return { kind: 'nowhere' };
  const { isEnabled, reached } = reach(line.logger, configuration, level);
  const taken = isEnabled ? reached : [];
  const reaches = (verdict: RouteVerdict): boolean =>
    taken.some((one) => one.kind === 'console' && one.verdict === verdict);
  if (reaches('passed')) return { kind: 'console' };
  const fileOf = (some: readonly Reached[]): string | undefined => some.flatMap(({ path }) => path ?? [])[0];
  const path = fileOf(taken.filter(({ verdict }) => verdict === 'passed'));
  if (path !== undefined) return { kind: 'file', path };
  if (reaches('unknown')) return { kind: 'console' };
  const other = reached.some(({ kind }) => kind === 'console') ? undefined : fileOf(reached);
  return { kind: 'nowhere', ...(other !== undefined && { file: other }) };
}

/** Keys with a common beginning, which is left out of them. */
class Section {
  constructor(
    readonly values: Readonly<Record<string, string>>,
    readonly variables: LogVariables,
    readonly root: Section | undefined = undefined,
  ) {}

  get(key: string): string | undefined {
    const value = this.values[key];
    return value === undefined ? undefined : this.#filled(value.trim());
  }

  section(prefix: string): Section {
    const start = `${prefix}.`;
    const entries = Object.entries(this.values).filter(([key]) => key.startsWith(start));
    const values = Object.fromEntries(entries.map(([key, value]) => [key.slice(start.length), value]));
    return new Section(values, this.variables, this.root ?? this);
  }

  /** The names that follow a prefix: as a list gives them (`loggers = a, b`), else as keys do. */
  names(prefix: string, list?: string): string[] {
    const listed = list === undefined ? undefined : this.get(list);
    if (listed !== undefined) return words(listed);
    const found = Object.keys(this.values).flatMap((key) => {
      const [first, name] = key.split('.', 2);
      return first === prefix && name !== undefined ? [name] : [];
    });
    return [...new Set(found)];
  }

  /** Undefined where something in it is not known. */
  #filled(value: string): string | undefined {
    let isKnown = true;
    const filled = value.replace(/\$\{(?:(sys|env):)?([^}:]+)(?::-([^}]*))?\}/g, (_, kind, name, otherwise) => {
      const { property, variable } = this.variables;
      const own = (this.root ?? this).values[`property.${name}`];
      const found = kind === 'env' ? variable(name) : ((kind === undefined ? own : undefined) ?? property(name));
      isKnown &&= (found ?? otherwise) !== undefined;
      return found ?? otherwise ?? '';
    });
    return isKnown && !filled.includes('${') ? filled : undefined;
  }
}

const words = (list: string): string[] =>
  list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

const levelIn = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : LEVELS[text.toUpperCase() as LogLevel];

// ---------- Loggers ----------

interface Logger {
  /** Empty for the root. */
  readonly name: string;
  readonly section: Section;
  /** `level, appender, appender`, as the short form has it. */
  readonly short: readonly string[];
}

interface Reached {
  readonly kind: 'console' | 'file' | 'other';
  readonly path?: string;
  readonly verdict: RouteVerdict;
}

/** The appenders that the loggers of a name lead to, and whether its level lets the line that far. */
function reach(name: string, configuration: Section, level: number): { isEnabled: boolean; reached: Reached[] } {
  const chain = loggersOf(name, configuration);
  const levels = chain.map(({ section, short }) => levelIn(section.get('level') ?? short[0]));
  const isEnabled = (levels.find((one) => one !== undefined) ?? LEVELS.ERROR) >= level;
  const reached: Reached[] = [];
  for (const { section, short } of chain) {
    if (verdictOf(section, level) === 'denied') break;
    const named = short.slice(1).map((ref) => ({ ref, verdict: 'passed' as const }));
    for (const { ref, verdict } of [...refsIn(section, level), ...named]) {
      reached.push(
        ...appendersOf(ref, configuration, level).map((one) => ({ ...one, verdict: both(verdict, one.verdict) })),
      );
    }
    if (section.get('additivity')?.toLowerCase() === 'false') break;
  }
  return { isEnabled, reached };
}

/** The loggers that a logger inherits from, itself first and the root last. */
function loggersOf(name: string, configuration: Section): Logger[] {
  const loggers = configuration.names('logger', 'loggers').map((key): Logger => {
    const section = configuration.section(`logger.${key}`);
    const short = words(configuration.get(`logger.${key}`) ?? '');
    return { name: section.get('name') ?? key, section, short };
  });
  const root = {
    name: '',
    section: configuration.section('rootLogger'),
    short: words(configuration.get('rootLogger') ?? ''),
  };
  const above = loggers.filter((logger) => name === logger.name || name.startsWith(`${logger.name}.`));
  return [...above.sort((a, b) => b.name.length - a.name.length), root];
}

function refsIn(section: Section, level: number): { readonly ref: string; readonly verdict: RouteVerdict }[] {
  return section.names('appenderRef').flatMap((key) => {
    const reference = section.section(`appenderRef.${key}`);
    const ref = reference.get('ref');
    const least = levelIn(reference.get('level'));
    const verdict = least !== undefined && least < level ? 'denied' : verdictOf(reference, level);
    return ref === undefined ? [] : [{ ref, verdict }];
  });
}

// ---------- Appenders ----------

const FILES = ['file', 'rollingfile', 'randomaccessfile', 'rollingrandomaccessfile', 'memorymappedfile'];

/** An appender of that name, or those that it hands on to (`Async` and its like). */
function appendersOf(name: string, configuration: Section, level: number): Reached[] {
  const sections = configuration.names('appender', 'appenders').map((key) => configuration.section(`appender.${key}`));
  return sections
    .filter((section) => section.get('name') === name)
    .flatMap((section): Reached[] => {
      const type = section.get('type')?.toLowerCase() ?? '';
      const verdict = hasMessage(section) ? verdictOf(section, level) : 'denied';
      if (type === 'console') return [{ kind: 'console', verdict }];
      const path = section.get('fileName');
      // A line in a buffer is not in the file when it is looked for.
      const isLate = section.get('immediateFlush')?.toLowerCase() === 'false';
      if (FILES.includes(type))
        return [{ kind: 'file', verdict: isLate ? 'denied' : verdict, ...(path !== undefined && { path }) }];
      const handedOn = refsIn(section, level).filter(({ ref }) => ref !== name);
      if (handedOn.length === 0) return [{ kind: 'other', verdict }];
      return handedOn.flatMap(({ ref, verdict: way }) =>
        appendersOf(ref, configuration, level).map((one) => ({
          ...one,
          verdict: both(both(verdict, way), one.verdict),
        })),
      );
    });
}

/** Whether the layout prints what the line says: a pattern without `%m` does not. */
const hasMessage = (appender: Section): boolean => /%[-.\d]*m/.test(appender.section('layout').get('pattern') ?? '%m');

// ---------- Filters ----------

type RouteVerdict = 'passed' | 'denied' | 'unknown';

const both = (one: RouteVerdict, other: RouteVerdict): RouteVerdict =>
  one === 'denied' || other === 'denied' ? 'denied' : one === 'passed' ? other : one;

/** The verdict of a logger's, an appender's or the whole configuration's filters on a level. */
function verdictOf(section: Section, level: number): RouteVerdict {
  let verdict: RouteVerdict = 'passed';
  for (const name of section.names('filter', 'filters')) {
    const filter = section.section(`filter.${name}`);
    const matches = isMatch(filter, level);
    if (matches === undefined) {
      verdict = 'unknown';
      continue;
    }
    const result = (
      matches ? (filter.get('onMatch') ?? 'NEUTRAL') : (filter.get('onMismatch') ?? 'DENY')
    ).toUpperCase();
    if (result === 'DENY') return 'denied';
    if (result === 'ACCEPT') return verdict;
  }
  return verdict;
}

/** Undefined for a filter that looks at more than the level. */
function isMatch(filter: Section, level: number): boolean | undefined {
  const levelOf = (key: string, otherwise: number): number => levelIn(filter.get(key)) ?? otherwise;
  switch (filter.get('type')?.toLowerCase()) {
    case 'thresholdfilter':
      return levelOf('level', LEVELS.ERROR) >= level;
    case 'levelrangefilter':
      return level >= levelOf('minLevel', LEVELS.OFF) && level <= levelOf('maxLevel', LEVELS.ALL);
    case 'levelmatchfilter':
      return levelOf('level', LEVELS.ERROR) === level;
    case 'denyallfilter':
      return false;
    default:
      return undefined;
  }
}
