import { basename, join, resolve } from 'node:path';
import {
  fillPlaceholders,
  HTTP,
  hasPlaceholder,
  merge,
  OFFSET_PATH,
  offsetOf,
  overlayFor,
  type RuntimeSettings,
  runtimePorts,
} from '../domain/carbon5.js';
import type { ChangedFile } from '../domain/changed-settings.js';
import {
  type Environment,
  LISTENER_VARIABLE,
  OFFSET_VARIABLE,
  type ScriptArguments,
  serverEnvironment,
} from '../domain/command.js';
import type { ConfigurationChange } from '../domain/configuration-change.js';
import {
  type DeploymentYaml,
  parseDeploymentYaml,
  valueAt,
  type YamlMap,
  type YamlPath,
} from '../domain/deployment-yaml.js';
import type { Carbon5Facts, RuntimeFacts, VersionRow } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import { mention, mentioning } from '../domain/text.js';
import { isSince } from '../domain/version.js';
import { type MergedYaml, mergeYaml } from '../domain/yaml-merge.js';
import type { System } from '../system/index.js';
import { readConfigured } from './config-files.js';
import type { Configured } from './configuration.js';
import { optionPorts } from './option-ports.js';
import { withSiddhi } from './siddhi-files.js';
import { givenProperties, jvmOptions } from './surroundings.js';

/** The configuration of a Carbon 5 runtime, as far as it matters here. */
export interface ConfiguredRuntime extends Configured {
  /** `wso2.carbon.name`, by which the server speaks of itself in its log; undefined where it has none. */
  readonly name: string | undefined;
  /** The text that moves the server to an offset; undefined where this version can't be moved by one. */
  readonly overlayFor: ((offset: number) => string) | undefined;
  /** Present where something is laid over its deployment.yaml. */
  readonly changed?: ChangedFile;
}

export interface RuntimeRequest {
  readonly home: string;
  readonly row: VersionRow;
  readonly carbon5: Carbon5Facts;
  readonly runtime: RuntimeFacts;
  readonly script: ScriptArguments;
  /** The start script's path. */
  readonly startScript: string;
  /** Laid over its deployment.yaml. */
  readonly changes?: readonly ConfigurationChange[];
}

type RuntimeReader = Pick<System, 'files' | 'env'>;

/**
 * Reads a runtime's deployment.yaml, and what its user lays over it, the way its server would.
 * @throws LaunchError `unusable-configuration`, or `usage` for a port that `-Dconfig` says
 */
export function readRuntimeConfiguration(request: RuntimeRequest, system: RuntimeReader): ConfiguredRuntime {
  const { home, runtime, changes = [] } = request;
  const path = join(home, runtime.configFile);
  const text = readConfigured(path, system);
  if (text === undefined) {
    throw unusable(`${path} is missing.`, 'The server would not start without it; unpack that file again.');
  }
  const capabilities = capabilitiesOf(request, system);
  if (changes.length > 0 && !capabilities.takesOverlay) throw takesNothingOver(request, system);
  const merged = changes.length > 0 ? mergeYaml(text, changes, basename(path)) : undefined;
  const file = merged ? `${basename(path)} (changed)` : basename(path);
  const { tree: below, lineOf, warnings } = readRuntimeYaml(merged?.text ?? text, file, runtime);
  const properties = givenProperties(request, system);
  const config = properties.get('config')?.value;
  const theirs = capabilities.takesOverlay && config ? givenOverlay(request, config, system) : {};
  const given = merged ? merge(theirs, merged.over) : theirs;
  const environment = serverEnvironment(system.env);
  const isTheirs = (place: YamlPath): boolean =>
    valueAt(theirs, place) !== undefined && valueAt(merged?.over, place) === undefined;
  if (merged)
    checkVariables(merged, { tree: below, environment, placeOf: (place) => `${file}, line ${lineOf(place)}` });
  const settings: RuntimeSettings = {
    ...capabilities,
    tree: merge(below, given),
    hasThrift: properties.get('disable.receiver')?.value !== 'true',
    sourceOf: (place) => (isTheirs(place) ? '-Dconfig' : `${file}:${lineOf(place)}`),
    resolve: (value, place) => {
      if (typeof value !== 'string' || !hasPlaceholder(value)) return value;
      const property = (name: string): string | undefined => properties.get(name)?.value;
      const filled = fillPlaceholders(value, { property, variable: (name) => environment[name] });
      if (!hasPlaceholder(filled)) return filled;
      throw unusable(
        `${file}, line ${lineOf(place)}: nothing says what ${value} stands for.`,
        'The server would end with it; set that property or variable, or write a default behind a comma.',
      );
    },
  };
  const offset = offsetOf(settings, environment[OFFSET_VARIABLE]);
  const name = valueAt(settings.tree, ['wso2.carbon', 'name']);
  const meaningOf = (wanted: string): string | undefined => properties.get(wanted)?.value ?? environment[wanted];
  const { tree } = settings;
  const siddhi = withSiddhi(runtimePorts(settings, offset.value), { home, runtime, tree, meaningOf }, system);
  return {
    ports: [...siddhi.ports, ...optionPorts(request.script, jvmOptions(request, system))],
    urls: [],
    toml: undefined,
    offset,
    databases: [],
    warnings: [
      ...warnings,
      ...(merged ? [...merged.warnings, ...beatenOffset(merged, environment)] : []),
      ...strayVariables(system.env),
      ...siddhi.warnings,
    ],
    ...(merged && { changed: { path, format: 'yaml', before: text, after: merged.text } as const }),
    name: typeof name === 'string' ? name : undefined,
    overlayFor: capabilities.takesOverlay
      ? (wanted) => `${JSON.stringify(overlayFor(settings, offset.value, wanted, given), null, 2)}\n`
      : undefined,
  };
}

/** The file as its server has it: a flat one holds the listeners alone, and is put where other runtimes have them. */
function readRuntimeYaml(text: string, file: string, { isFlat }: RuntimeFacts): DeploymentYaml {
  const read = parseDeploymentYaml(text, file);
  if (!isFlat) return read;
  return { ...read, tree: { [HTTP]: read.tree }, lineOf: ([, ...path]) => read.lineOf(path) };
}

/** Variables that the start scripts set by themselves. */
const SET_BY_SCRIPTS = ['CARBON_HOME', 'JAVA_HOME', 'RUNTIME_HOME', 'RUNTIME'];

interface GivenValues {
  readonly tree: YamlMap;
  readonly environment: Environment;
  placeOf(path: YamlPath): string;
}

/** Refuses a given value that names a variable which is not set. @throws LaunchError `unusable-configuration` */
function checkVariables({ given }: Pick<MergedYaml, 'given'>, { tree, environment, placeOf }: GivenValues): void {
  for (const path of given) {
    for (const [reference, name] of JSON.stringify(valueAt(tree, path)).matchAll(/\$\{env:([^},]+)\}/g)) {
      if (environment[name as string] !== undefined || SET_BY_SCRIPTS.includes(name as string)) continue;
      throw unusable(
        `${placeOf(path)}: nothing says what ${reference} stands for.`,
        'The server would end with it; set that variable, or write a default behind a comma.',
      );
    }
  }
}

/** A warning of an offset that is given in vain. */
function beatenOffset({ over }: MergedYaml, environment: Environment): string[] {
  if (environment[OFFSET_VARIABLE] === undefined || valueAt(over, OFFSET_PATH) === undefined) return [];
  return [
    `${OFFSET_VARIABLE} of the environment beats the ${OFFSET_PATH.join('.')} that is laid over deployment.yaml.`,
  ];
}

/** Why nothing can be laid over the file of this version. */
function takesNothingOver({ home, runtime }: RuntimeRequest, { files }: Pick<RuntimeReader, 'files'>): LaunchError {
  const library = configLibrary(home, { files });
  const path = join(home, runtime.configFile);
  return new LaunchError({
    kind: 'unusable-configuration',
    what: mentioning`${mention.option('set')} needs a file laid over ${path}, which this server does not take: its carbon-config is ${library ?? 'of an older version'}, and reads -Dconfig= since ${TAKES_OVERLAY_SINCE}.`,
    hint: mentioning`Leave ${mention.option('set')} out, and change that file itself.`,
  });
}

const TAKES_OVERLAY_SINCE = '2.1.11';

/** The libraries in the home say what it can do, whatever its version is; the catalogue where they can't be seen. */
export function capabilitiesOf(
  { home, carbon5 }: Pick<RuntimeRequest, 'home' | 'carbon5'>,
  { files }: Pick<RuntimeReader, 'files'>,
): Pick<Carbon5Facts, 'movesHttp' | 'takesOverlay'> {
  const msf4j = libraryVersion(home, /^msf4j-core_([\d.]+)\.jar$/, files);
  const config = configLibrary(home, { files });
  return {
    movesHttp: msf4j === undefined ? carbon5.movesHttp : isSince(msf4j, '2.7.5'),
    takesOverlay: config === undefined ? carbon5.takesOverlay : isSince(config, TAKES_OVERLAY_SINCE),
  };
}

const configLibrary = (home: string, { files }: Pick<RuntimeReader, 'files'>): string | undefined =>
  libraryVersion(home, /^org\.wso2\.carbon\.config_([\d.]+)\.jar$/, files);

const libraryVersion = (home: string, library: RegExp, files: RuntimeReader['files']): string | undefined =>
  files
    .filesIn(join(home, 'wso2/lib/plugins'))
    .map((name) => library.exec(name)?.[1])
    .find((version) => version !== undefined);

/** The user's own overlay: a file, relative to the runtime's folder, or YAML text. */
function givenOverlay({ home, runtime }: RuntimeRequest, config: string, system: RuntimeReader): YamlMap {
  const path = resolve(home, runtime.folder, config);
  const said = `-Dconfig=${config}`;
  if (system.files.isFile(path)) {
    return parseDeploymentYaml(readConfigured(path, system) ?? '', `${basename(path)} (${said})`).tree;
  }
  if (/[:{]/.test(config)) return parseDeploymentYaml(config, said).tree;
  throw unusable(
    `${said} names no file: ${path} is missing, and the text itself is no YAML mapping.`,
    'The server would never be ready with it. Name a file by its absolute path.',
  );
}

/** A warning of variables that move listeners, for they beat every overlay. */
function strayVariables(env: Environment): string[] {
  const names = Object.keys(env).filter((name) => LISTENER_VARIABLE.test(name));
  if (names.length === 0) return [];
  return [`${names.join(', ')} would move listeners behind the configuration's back: not passed on to the server.`];
}

const unusable = (what: string, hint: string): LaunchError =>
  new LaunchError({ kind: 'unusable-configuration', what, hint });
