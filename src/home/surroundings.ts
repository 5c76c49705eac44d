import { basename, join } from 'node:path';
import type { ScriptArguments } from '../domain/command.js';
import type { Settings } from '../domain/configuration.js';
import type { VersionRow } from '../domain/facts.js';
import {
  JVM_ARGUMENTS,
  type JvmOptions,
  OPTION_VARIABLES,
  propertiesInAll,
  propertiesInFile,
  readLast,
  type SystemProperties,
} from '../domain/properties.js';
import { type Meaning, type Resolved, type Surroundings, UNKNOWN } from '../domain/references.js';
import type { StartScript } from '../domain/start-script/java-line.js';
import { isSince } from '../domain/version.js';
import { type Reading, RULES_FOLDER, readConfigured, readIfPossible } from './config-files.js';
import { mapperVersion } from './mapper-version.js';
import {
  optionsOf,
  ownJavaLine,
  propertiesAmong,
  readStartScript,
  type ScriptStart,
  scriptOptions,
  variablesOf,
} from './start-script.js';

/** The part of a launch that its server's properties and variables come from. */
export interface SurroundingsRequest {
  readonly home: string;
  readonly row: VersionRow;
  readonly script: ScriptArguments;
  /** The start script's path; it need not be there. */
  readonly startScript: string;
  readonly isOffsetPassed: boolean;
  readonly onlyLooks?: true;
}

/** JAVA_OPTS as far as the start scripts use it: with `--debug` they put options of their own in its place. */
const javaOptions = ({ script }: Pick<SurroundingsRequest, 'script'>, { env }: Pick<Reading, 'env'>): string =>
  script.debugPort === undefined ? (env['JAVA_OPTS'] ?? '') : '';

/** The JVM's options of the environment, the start script and the launch, in the order in which they overrule. */
export const jvmOptions = (request: ScriptStart, system: Reading): JvmOptions[] => [
  ...OPTION_VARIABLES.flatMap((source) => {
    const text = source === 'JAVA_OPTS' ? javaOptions(request, system) : (system.env[source] ?? '');
    const options = { source, words: text.split(/\s+/) };
    return source === 'JAVA_OPTS' ? scriptOptions(ownJavaLine(request, system), options) : [options];
  }),
  ...(request.script.jvm ? [{ source: JVM_ARGUMENTS, words: request.script.jvm.args }] : []),
];

/** The system properties that are set before the configuration is read, in the order in which they overrule. */
export function givenProperties(
  request: Pick<SurroundingsRequest, 'home' | 'row' | 'script' | 'startScript'>,
  system: Reading,
): SystemProperties {
  const { home, row, script } = request;
  const java = ownJavaLine(request, system);
  return new Map([
    ...propertiesInAll(jvmOptions(request, system)),
    ...(row.propertiesAreReadLast ? [] : readProperties(home, row, system)),
    ...propertiesAmong(java?.before ?? []),
    ...script.properties,
    ...readLast(propertiesAmong(java?.behind ?? [])),
  ]);
}

/** A configuration as far as it was read. */
interface ReadConfiguration {
  readonly settings: Settings;
  readonly setting: Resolved;
  readonly file: string;
  /** Whether there is a deployment.toml, from which a start renders its files. */
  readonly hasToml: boolean;
}

/** The properties that are read after the configuration and the arguments, where the product does that. */
export function lastProperties(
  { home, row }: SurroundingsRequest,
  { settings, setting, file, hasToml }: ReadConfiguration,
  system: Reading,
): SystemProperties {
  if (!row.propertiesFile || !row.propertiesAreReadLast) return new Map();
  const parameters = new Map(
    [...settings.keys()].flatMap((key) => {
      const name = /^system\.parameter\.'?(.+?)'?$/.exec(key)?.[1];
      const { value, leaf } = (name !== undefined && setting(key)) || {};
      if (name === undefined || value === undefined) return [];
      return [[name, { value: String(value), source: leaf ? `${file}:${leaf.line}` : 'default' }] as const];
    }),
  );
  return new Map([...propertiesOfHome({ home, row }, hasToml, system), ...readLast(parameters)]);
}

/** The properties that a home's own file sets; none where each start writes it anew before it is read. */
export function propertiesOfHome(
  { home, row }: Pick<SurroundingsRequest, 'home' | 'row'>,
  hasToml: boolean,
  system: Pick<Reading, 'files'>,
): SystemProperties {
  if (!row.propertiesAreReadLast) return readProperties(home, row, system);
  // A file that has a template is made from `[system.parameter]`.
  const isRendered = hasToml && system.files.exists(join(home, RULES_FOLDER, 'templates', `${row.propertiesFile}.j2`));
  return isRendered ? new Map() : readLast(readProperties(home, row, system));
}

function readProperties(
  home: string,
  { propertiesFile }: VersionRow,
  system: Pick<Reading, 'files'>,
): SystemProperties {
  const text = propertiesFile && readConfigured(join(home, propertiesFile), system, 'any');
  return text ? propertiesInFile(text, basename(propertiesFile)) : new Map();
}

const SET_BY_THE_JVM = /^(?:java|javax|jdk|sun|user|os|file|path|line|native|awt)\./;

/**
 * The values that references have for this server. Scripts set properties of their own, whose values only they know.
 */
export function surroundings(
  { home, script, startScript, isOffsetPassed }: SurroundingsRequest,
  properties: SystemProperties,
  system: Reading,
): Surroundings {
  const given = variablesOf({ home, script }, system);
  const read = (): StartScript => readStartScript({ home, script, startScript }, system);
  const text = (): string => readIfPossible(startScript, system) ?? '';
  const isSetByScript = (name: string): boolean =>
    [...text().matchAll(/-D([\w.-]+)/g)].some((match) => match[1] === name);
  const setByScript = (name: string): Meaning =>
    isSetByScript(name) ? (propertiesAmong(optionsOf(read())).get(name)?.value ?? UNKNOWN) : undefined;
  return {
    variable: (name) => {
      if (name === 'CARBON_HOME') return home;
      const value = given(name);
      if (name === 'JAVA_HOME' || !text().includes(name)) return value ?? (name === 'JAVA_HOME' ? UNKNOWN : undefined);
      const { exports } = read();
      return exports.get(name) ?? value ?? (exports.has(name) ? UNKNOWN : undefined);
    },
    property: (name) => {
      if (name === 'portOffset' && isOffsetPassed) return UNKNOWN;
      return properties.get(name)?.value ?? (SET_BY_THE_JVM.test(name) ? UNKNOWN : setByScript(name));
    },
    // Up to config-mapper 1.0.24 they are put in as they are.
    quotesVariables: () => isSince(mapperVersion(home, system) ?? '1.0.25', '1.0.25'),
  };
}
