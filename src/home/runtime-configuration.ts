import { basename, join, resolve } from 'node:path';
import {
  fillPlaceholders,
  HTTP,
  hasPlaceholder,
  merge,
  offsetOf,
  overlayFor,
  type RuntimeSettings,
  runtimePorts,
} from '../domain/carbon5.js';
import {
  type Environment,
  LISTENER_VARIABLE,
  OFFSET_VARIABLE,
  type ScriptArguments,
  serverEnvironment,
} from '../domain/command.js';
import { type DeploymentYaml, parseDeploymentYaml, valueAt, type YamlMap } from '../domain/deployment-yaml.js';
import type { Carbon5Facts, RuntimeFacts, VersionRow } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import { isSince } from '../domain/version.js';
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
}

export interface RuntimeRequest {
  readonly home: string;
  readonly row: VersionRow;
  readonly carbon5: Carbon5Facts;
  readonly runtime: RuntimeFacts;
  readonly script: ScriptArguments;
  /** The start script's path. */
  readonly startScript: string;
}

type RuntimeReader = Pick<System, 'files' | 'env'>;

/**
 * Reads a runtime's deployment.yaml, and what its user lays over it, the way its server would.
 * @throws LaunchError `unusable-configuration`, or `usage` for a port that `-Dconfig` says
 */
export function readRuntimeConfiguration(request: RuntimeRequest, system: RuntimeReader): ConfiguredRuntime {
  const { home, runtime } = request;
  const path = join(home, runtime.configFile);
  const file = basename(path);
  const text = readConfigured(path, system);
  if (text === undefined) {
    throw unusable(`${path} is missing.`, 'The server would not start without it; unpack that file again.');
  }
  const { tree: below, lineOf, warnings } = readRuntimeYaml(text, file, runtime);
  const capabilities = capabilitiesOf(request, system);
  const properties = givenProperties(request, system);
  const config = properties.get('config')?.value;
  const given = capabilities.takesOverlay && config ? givenOverlay(request, config, system) : {};
  const environment = serverEnvironment(system.env);
  const settings: RuntimeSettings = {
    ...capabilities,
    tree: merge(below, given),
    hasThrift: properties.get('disable.receiver')?.value !== 'true',
    sourceOf: (place) => (valueAt(given, place) === undefined ? `${file}:${lineOf(place)}` : '-Dconfig'),
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
    warnings: [...warnings, ...strayVariables(system.env), ...siddhi.warnings],
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

/** The libraries in the home say what it can do, whatever its version is; the catalogue where they can't be seen. */
export function capabilitiesOf(
  { home, carbon5 }: Pick<RuntimeRequest, 'home' | 'carbon5'>,
  { files }: Pick<RuntimeReader, 'files'>,
): Pick<Carbon5Facts, 'movesHttp' | 'takesOverlay'> {
  const libraries = files.filesIn(join(home, 'wso2/lib/plugins'));
  const has = (library: RegExp, since: string): boolean | undefined => {
    const found = libraries.map((name) => library.exec(name)?.[1]).find((version) => version !== undefined);
    return found === undefined ? undefined : isSince(found, since);
  };
  return {
    movesHttp: has(/^msf4j-core_([\d.]+)\.jar$/, '2.7.5') ?? carbon5.movesHttp,
    takesOverlay: has(/^org\.wso2\.carbon\.config_([\d.]+)\.jar$/, '2.1.11') ?? carbon5.takesOverlay,
  };
}

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
