import { basename, join, resolve } from 'node:path';
import { flattenCarbonXml } from './domain/carbon-xml.js';
import { serverEnvironment } from './domain/command.js';
import { type Contradiction, configure, type Rules, type Settings } from './domain/configuration.js';
import type { ProductFacts, VersionRow } from './domain/facts.js';
import { LaunchError } from './domain/failure.js';
import { inboundEndpoints, mergeEndpoints } from './domain/inbound.js';
import { JsonError, parseJson } from './domain/json.js';
import { type ConfiguredOffset, configuredOffset } from './domain/offsets.js';
import { type BasePort, basePorts, extraPorts, isOn, type PortSettings } from './domain/ports.js';
import {
  propertiesInFile,
  propertiesInOptions,
  readLast,
  type SystemProperties,
  variablesInFile,
} from './domain/properties.js';
import { type Resolved, resolveReferences, type Surroundings, UNKNOWN } from './domain/references.js';
import { type LiteralUrl, literalUrls } from './domain/stale-urls.js';
import { flatten, type Leaf } from './domain/toml.js';
import type { HomeRequest } from './request.js';
import type { System } from './system/index.js';

/** What a home's configuration says about its server. */
export interface Configured {
  readonly ports: readonly BasePort[];
  readonly urls: readonly LiteralUrl[];
  /** The offset that the server uses if nothing is passed, and where it comes from. */
  readonly offset: ConfiguredOffset;
  readonly warnings: readonly string[];
}

export interface ConfigurationRequest extends Pick<HomeRequest, 'script' | 'isOffsetPassed'> {
  readonly home: string;
  readonly facts: ProductFacts;
  readonly row: VersionRow;
  /** The start script's path; it need not be there. */
  readonly startScript: string;
}

type Reading = Pick<System, 'files' | 'env'>;

/**
 * Reads a home's configuration the way its server would, from the files to the ports.
 * @throws LaunchError `unusable-configuration`
 */
export function readConfiguration(request: ConfigurationRequest, system: Reading): Configured {
  const { home, facts, row, script } = request;
  const toml = resolve(home, script.configFile ?? facts.configFile);
  const isXml = row.carbonXml !== undefined && (row.knowsNoToml === true || !system.files.exists(toml));
  const path = isXml ? join(home, row.carbonXml) : toml;
  const { leaves, file, warnings } = readLeaves(path, isXml, system);

  const given = givenProperties(request, system);
  const rules = readRules(home, row.rules, system);
  // A home's own rules know nothing of the names in a carbon.xml.
  const { mappings } = isXml ? row.rules : rules;
  const { settings, contradictions } = configure(leaves, { ...rules, mappings });
  const setting = resolveReferences(leaves, settings, surroundings(request, given, system), file);
  const properties = new Map([...given, ...lastProperties(request, settings, setting, file, system)]);
  const sources = { setting, properties, file };
  const required = (script.hasProfile && facts.requiredInProfile) || facts.required;
  const configuredPorts = [
    ...basePorts(row.ports, required, sources),
    ...extraPorts(leaves, row.extras ?? [], sources),
    ...debugPort(script.debugPort),
  ];
  const inbound = withInbound(configuredPorts, request, sources, system);
  return {
    ports: inbound.ports,
    urls: literalUrls(leaves, file, facts.urlKeys),
    offset: configuredOffset(sources, facts.defaultOffset),
    warnings: [...warnings, ...contradictions.map((found) => contradictionText(found, file)), ...inbound.warnings],
  };
}

// ---------- The file ----------

interface Read {
  readonly leaves: readonly Leaf[];
  /** The file's name, for sources and messages. */
  readonly file: string;
  readonly warnings: readonly string[];
}

function readLeaves(path: string, isXml: boolean, system: Reading): Read {
  const file = basename(path);
  const text = readConfigured(path, system);
  if (text !== undefined) return { leaves: (isXml ? flattenCarbonXml : flatten)(text, file), file, warnings: [] };
  return {
    leaves: [],
    file,
    warnings: [
      `${path} is missing: ${isXml ? 'its offset is taken to be 0' : 'the server starts with what was rendered from it before'}.`,
    ],
  };
}

/** Undefined where it is missing. @throws LaunchError where it can't be read */
function readConfigured(path: string, { files }: Reading): string | undefined {
  try {
    return files.readUtf8(path);
  } catch (error) {
    throw new LaunchError(
      {
        kind: 'unusable-configuration',
        what: `${path} can't be read: ${error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message}.`,
        hint: 'The server would not start with it; mend the file or its access rights.',
      },
      [],
      { cause: error },
    );
  }
}

const contradictionText = ({ overruled, winner }: Contradiction, file: string): string =>
  `${file}, lines ${overruled.line} and ${winner.line}: ${overruled.key} and ${winner.key} are two names of one setting with different values. The one further down is taken to hold (${JSON.stringify(winner.value)}); keep only one of them.`;

// ---------- The rules ----------

const RULES_FOLDER = 'repository/resources/conf';

/** Each of the home's own rule files, or what the catalogue knows in its place. */
function readRules(home: string, known: Rules, system: Reading): Rules {
  const read = <T extends object>(name: string, otherwise: T): T =>
    readRuleFile(join(home, RULES_FOLDER, name), system) ?? otherwise;
  return {
    mappings: read('key-mappings.json', known.mappings),
    inference: read('infer.json', known.inference),
    defaults: read('default.json', known.defaults),
  };
}

function readRuleFile<T extends object>(path: string, system: Reading): T | undefined {
  const text = readConfigured(path, system);
  if (text === undefined) return undefined;
  const unusable = (problem: string): LaunchError =>
    new LaunchError({
      kind: 'unusable-configuration',
      what: `${path}${problem}.`,
      hint: 'It is a part of the product, which would end with it; unpack that file again.',
    });
  let rules: unknown;
  try {
    rules = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw unusable(`, line ${error.line}, column ${error.column} is not valid JSON: ${error.reason}`);
  }
  if (typeof rules === 'object' && rules !== null && !Array.isArray(rules)) return rules as T;
  throw unusable(' holds no JSON object');
}

// ---------- Properties and variables ----------

/** The system properties that are set before the configuration is read, in the order in which they overrule. */
function givenProperties({ home, row, script }: ConfigurationRequest, system: Reading): SystemProperties {
  // With `--debug` the scripts put options of their own in the place of these.
  const options = script.debugPort === undefined ? (system.env['JAVA_OPTS'] ?? '') : '';
  return new Map([
    ...propertiesInOptions(options.split(/\s+/), 'JAVA_OPTS'),
    ...(row.propertiesAreReadLast ? [] : readProperties(home, row, system)),
    ...script.properties,
  ]);
}

/** Those that are read after the configuration and the arguments, where the product does that. */
function lastProperties(
  { home, row }: ConfigurationRequest,
  settings: Settings,
  setting: Resolved,
  file: string,
  system: Reading,
): SystemProperties {
  if (!row.propertiesFile || !row.propertiesAreReadLast) return new Map();
  // With a template, each start writes the file anew from `[system.parameter]`.
  const isRendered = system.files.exists(join(home, RULES_FOLDER, 'templates', `${row.propertiesFile}.j2`));
  const parameters = new Map(
    [...settings.keys()].flatMap((key) => {
      const name = /^system\.parameter\.'?(.+?)'?$/.exec(key)?.[1];
      const { value, leaf } = (name !== undefined && setting(key)) || {};
      if (name === undefined || value === undefined) return [];
      return [[name, { value: String(value), source: leaf ? `${file}:${leaf.line}` : 'default' }] as const];
    }),
  );
  return readLast(new Map([...(isRendered ? [] : readProperties(home, row, system)), ...parameters]));
}

function readProperties(home: string, { propertiesFile }: VersionRow, system: Reading): SystemProperties {
  const text = propertiesFile && readIfPossible(join(home, propertiesFile), system);
  return text ? propertiesInFile(text, basename(propertiesFile)) : new Map();
}

function readIfPossible(path: string, { files }: Reading): string | undefined {
  try {
    return files.readText(path);
  } catch {
    return undefined; // what can't be read sets nothing
  }
}

const SET_BY_THE_JVM = /^(?:java|javax|jdk|sun|user|os|file|path|line|native|awt)\./;

/** What references can mean to this server. Scripts set properties of their own, whose values only they know. */
function surroundings(
  { home, script, startScript, isOffsetPassed }: ConfigurationRequest,
  given: SystemProperties,
  system: Reading,
): Surroundings {
  const environment = serverEnvironment(system.env);
  const text = script.variablesFile && readIfPossible(resolve(home, script.variablesFile), system);
  const variables = variablesInFile(text ?? '');
  const isSetByScript = (name: string): boolean => {
    const found = readIfPossible(startScript, system)?.matchAll(/-D([\w.-]+)/g) ?? [];
    return [...found].some((match) => match[1] === name);
  };
  return {
    variable: (name) => {
      if (name === 'CARBON_HOME') return home;
      const value = variables.get(name) ?? environment[name];
      return value === undefined && name === 'JAVA_HOME' ? UNKNOWN : value;
    },
    property: (name) => {
      if (name === 'portOffset' && isOffsetPassed) return UNKNOWN;
      const value = given.get(name)?.value;
      return value === undefined && (SET_BY_THE_JVM.test(name) || isSetByScript(name)) ? UNKNOWN : value;
    },
  };
}

// ---------- Listeners outside the configuration file ----------

const debugPort = (port: number | undefined): BasePort[] =>
  port === undefined
    ? []
    : [{ name: 'debug', base: port, scheme: 'tcp', shifted: false, required: false, source: '--debug' }];

const SYNAPSE_FOLDER = 'repository/deployment/server/synapse-configs/default';

/** `ports` together with those of the inbound endpoints that lie in the home as files. */
function withInbound(
  ports: readonly BasePort[],
  { home, row }: ConfigurationRequest,
  sources: PortSettings,
  system: Reading,
): Pick<Configured, 'ports' | 'warnings'> {
  if (!row.inbound) return { ports, warnings: [] };
  const { shiftedWhen, shipped } = row.inbound;
  const httpShifts = shiftedWhen !== undefined && isOn(shiftedWhen, sources);
  const folder = join(home, SYNAPSE_FOLDER);
  const files = [
    ...system.files.filesIn(join(folder, 'inbound-endpoints')).map((name) => join(folder, 'inbound-endpoints', name)),
    join(folder, 'synapse.xml'),
  ].filter((path) => path.endsWith('.xml'));
  const found = files.flatMap((path) => {
    const text = readIfPossible(path, system);
    return text === undefined ? [] : [inboundEndpoints(text, basename(path), httpShifts)];
  });
  const endpoints = found.flatMap((file) => file.endpoints);
  return {
    ports: mergeEndpoints(ports, endpoints, row.ports, shipped),
    warnings: found.flatMap((file) => file.warnings),
  };
}
