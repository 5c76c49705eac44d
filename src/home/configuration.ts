import { basename, dirname, join, resolve } from 'node:path';
import { type CarbonXml, readCarbonXml } from '../domain/carbon-xml.js';
import type { ChangedFile } from '../domain/changed-settings.js';
import { CONFIGURATION_PROPERTY } from '../domain/command.js';
import { type Configuration, type Contradiction, configure, type Settings } from '../domain/configuration.js';
import type { ConfigurationChange } from '../domain/configuration-change.js';
import type { ProductFacts } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import { inHierarchy } from '../domain/hierarchy.js';
import { type ConfiguredOffset, configuredOffset } from '../domain/offsets.js';
import { type BasePort, basePorts, extraPorts, isOn, type PortSettings } from '../domain/ports.js';
import { checkPredictable, type SystemProperties } from '../domain/properties.js';
import {
  incomplete,
  referenceInVain,
  resolveReferences,
  type Surroundings,
  type UnsetReference,
  unsetNames,
  unsetReferences,
} from '../domain/references.js';
import { checkByRules } from '../domain/rule-checks.js';
import { shownValue } from '../domain/secrets.js';
import { type LiteralUrl, literalUrls } from '../domain/stale-urls.js';
import type { TemplateScope } from '../domain/template/expression.js';
import { scopeOf } from '../domain/template/scope.js';
import { mention, mentioning } from '../domain/text.js';
import { type Leaf, readToml, type TomlContent } from '../domain/toml.js';
import { legible } from '../domain/xml.js';
import { mergeXml } from '../domain/xml-merge.js';
import { withArtifacts } from './artifact-files.js';
import { readChanged } from './changed-configuration.js';
import { type Reading, readConfigured } from './config-files.js';
import { doubtfulSettings } from './doubtful-settings.js';
import { mapperVersion } from './mapper-version.js';
import { optionPorts } from './option-ports.js';
import { hasTemplates, missingTomlText } from './rendering.js';
import { readRules } from './rule-files.js';
import { openOptions, ownJavaLine } from './start-script.js';
import { givenProperties, jvmOptions, lastProperties, type SurroundingsRequest, surroundings } from './surroundings.js';
import { offsetInTemplate, type TemplateContext, withTemplates } from './templates.js';
import { type ReadXmlFiles, readXmlFiles, type XmlConfiguration } from './xml-files.js';

/** The facts that a home's configuration tells about its server. */
export interface Configured {
  readonly ports: readonly BasePort[];
  readonly urls: readonly LiteralUrl[];
  /** The deployment.toml that the server reads, whether or not it is there; undefined where it reads none. */
  readonly toml: string | undefined;
  /** The offset that the server uses if nothing is passed, and where it comes from. */
  readonly offset: ConfiguredOffset;
  /** JDBC URLs of the databases that the server keeps its own data in. */
  readonly databases: readonly string[];
  readonly warnings: readonly string[];
  /** Present where something is laid over a carbon.xml. */
  readonly overlaid?: ChangedFile;
}

export interface ConfigurationRequest extends SurroundingsRequest {
  readonly facts: ProductFacts;
  /** Laid over its deployment.toml or its carbon.xml. */
  readonly changes?: readonly ConfigurationChange[];
}

/**
 * Reads a home's configuration the way its server would, from the files to the ports.
 * @throws LaunchError `unusable-configuration`, or `usage` for what an argument says
 */
export function readConfiguration(request: ConfigurationRequest, system: Reading): Configured {
  const { facts, row, script } = request;
  const read = readSettings(request, system);
  const { leaves, strings, toml, sources, around, databases, warnings, xml, keys, isRendered, overlaid } = read;
  const { properties, file } = sources;
  checkPredictable(properties);

  const required = (properties.has('profile') && facts.requiredInProfile) || facts.required;
  const files = xml && readXmlFiles(xml, required, sources, system);
  const known = [
    ...withXmlPorts(basePorts(row.ports, required, sources), files),
    ...extraPorts(leaves, row.extras ?? [], sources),
  ];
  const context = isRendered ? templateContext(request, { keys, sources, required }) : undefined;
  const judged = context ? withTemplates(request.home, known, context, system) : { ports: known, warnings: [] };
  const isOffsetProperty = properties.has('portOffset');
  const ofTemplate =
    context && !isOffsetProperty ? offsetInTemplate(request.home, context, facts.defaultOffset, system) : undefined;
  const configuredPorts = [...judged.ports, ...optionPorts(script, jvmOptions(request, system))];
  const artifacts = withArtifacts(configuredPorts, { ...request, leaves, variable: around.variable }, sources, system);
  return {
    ports: artifacts.ports,
    urls: literalUrls(strings, file, facts.urlKeys),
    toml,
    offset: ofTemplate ?? configuredOffset(sources, facts.defaultOffset),
    databases,
    ...(overlaid && { overlaid }),
    warnings: [
      ...warnings,
      ...untoldNumbers(request, leaves, sources),
      ...(files?.warnings ?? []),
      ...judged.warnings,
      ...artifacts.warnings,
    ],
  };
}

/** The ports that the product ships, with those of the files that are there in the places of their names. */
function withXmlPorts(shipped: readonly BasePort[], files: ReadXmlFiles | undefined): readonly BasePort[] {
  if (!files) return shipped;
  const known = new Set(shipped.map(({ name }) => name));
  return [
    ...shipped.flatMap((port) =>
      files.decided.has(port.name) ? files.ports.filter(({ name }) => name === port.name) : [port],
    ),
    ...files.ports.filter(({ name }) => !known.has(name)),
  ];
}

function templateContext(
  { facts, row }: ConfigurationRequest,
  { keys, ...context }: Pick<TemplateContext, 'sources' | 'required'> & Pick<ReadSettings, 'keys'>,
): TemplateContext {
  const hasGateway = row.ports.some(({ name }) => name === 'gateway-http');
  let scope: TemplateScope | undefined;
  return {
    ...context,
    folder: dirname(facts.configFile),
    facts: row.ports,
    isOff: (key) => !isOn({ key, otherwise: false }, context.sources),
    scope: () => (scope ??= scopeOf(keys, context.sources.setting)),
    named: (port) => (hasGateway ? port : port.replace(/^gateway-/, '')),
  };
}

/** The file that a server is configured by, whether or not it is there. */
export interface ConfigurationFile {
  readonly path: string;
  /** A carbon.xml; else a deployment.toml. */
  readonly isXml: boolean;
}

const tomlOf = ({ home, facts }: Pick<ConfigurationRequest, 'home' | 'facts'>, given: SystemProperties): string =>
  resolve(home, given.get(CONFIGURATION_PROPERTY)?.value ?? facts.configFile);

export function configurationFile(
  { home, facts, row }: Pick<ConfigurationRequest, 'home' | 'facts' | 'row'>,
  given: SystemProperties,
  { files }: Pick<Reading, 'files'>,
): ConfigurationFile {
  const toml = tomlOf({ home, facts }, given);
  if (row.carbonXml === undefined || (!row.knowsNoToml && files.exists(toml))) return { path: toml, isXml: false };
  const places = [row.carbonXml, ...(row.carbonXmlOtherwise ?? [])].map((place) => join(home, place));
  return { path: places.find((place) => files.exists(place)) ?? (places[0] as string), isXml: true };
}

/** The settings of a home's server, before anything is concluded from them. */
export interface ReadSettings extends TomlContent {
  readonly toml: Configured['toml'];
  readonly sources: PortSettings;
  readonly around: Surroundings;
  /** The keys of all settings. */
  readonly keys: readonly string[];
  /** Whether a start renders the home's files from templates, by rules of its own. */
  readonly isRendered: boolean;
  readonly databases: Configured['databases'];
  readonly warnings: readonly string[];
  /** Present where files of XML are the configuration. */
  readonly xml?: XmlConfiguration;
  /** Present where something is laid over a carbon.xml. */
  readonly overlaid?: ChangedFile;
}

/**
 * Reads a home's settings by the server's own rules.
 * @throws LaunchError `unusable-configuration`
 */
export function readSettings(request: ConfigurationRequest, system: Reading): ReadSettings {
  const { home, row } = request;
  const given = givenProperties(request, system);
  const toml = tomlOf(request, given);
  const { path, isXml } = configurationFile(request, given, system);
  const { leaves, strings, file, warnings, carbon, xmlFolder, overlaid } = readContent(
    { path, isXml, toml, given },
    request,
    system,
  );

  const rules = readRules(home, row.rules, system);
  // A home's own rules know nothing of the names in a carbon.xml.
  const { mappings } = isXml ? row.rules : rules;
  // The JDK is only known later: of those that the version takes, the newest is the likeliest.
  const configuredOn = (isSince19: boolean): Configuration => configure(leaves, { ...rules, mappings }, isSince19);
  const [oldest, newest = Number.POSITIVE_INFINITY] = row.jdk;
  const { settings, contradictions } = configuredOn(newest >= 19);
  const others = contradictions.length > 0 && oldest < 19 ? configuredOn(false).settings : settings;
  const isSure = ({ key }: Contradiction): boolean => others.get(key)?.leaf === settings.get(key)?.leaf;
  const around = surroundings(request, given, system);
  const unset = request.onlyLooks ? unsetReferences(settings, around) : [];
  const resolved = resolveReferences(leaves, settings, request.onlyLooks ? incomplete(around) : around, file);
  const hasToml = !isXml && system.files.exists(path);
  if (hasToml) {
    checkRuleReferences(home, settings, file, system);
    if (rules.checks) checkByRules(settings, resolved, rules.checks, file);
  }
  const setting = inHierarchy(settings, resolved);
  const properties = new Map([...given, ...lastProperties(request, { settings, setting, file, hasToml }, system)]);
  return {
    leaves,
    strings,
    keys: [...settings.keys()],
    isRendered: hasToml && Object.keys(rules.defaults).length > 0,
    toml: row.knowsNoToml || (isXml && !hasTemplates(home, system)) ? undefined : toml,
    sources: {
      setting,
      properties,
      file,
      ...(unset.length > 0 && { isUnset: (value: unknown) => unsetNames(value, around).length > 0 }),
    },
    around,
    databases: [...settings].flatMap(([key, { value }]) =>
      /^database\.\w+\.url$/.test(key) && String(value).startsWith('jdbc:') ? [String(value)] : [],
    ),
    warnings: [
      ...warnings,
      ...(isXml ? [] : doubtfulSettings({ home, rules, path }, request.changes ?? [], system)),
      ...openOptions(ownJavaLine(request, system)),
      ...contradictions.map((found) => contradictionText(found, file, isSure(found))),
      ...(unset.length > 0 ? [unsetText(unset, file)] : []),
    ],
    ...(overlaid && { overlaid }),
    ...(xmlFolder !== undefined && { xml: { folder: xmlFolder, carbon, fill: filler(given) } }),
  };
}

/** Puts the values of system properties in the place of `${name}`, as Tomcat, Axis2 and the kernel do with their files. */
const filler =
  (given: SystemProperties) =>
  (text: string): string =>
    text.replace(/\$\{([^}]*)\}/g, (found, name: string) => given.get(name)?.value ?? found);

/**
 * Refuses a file that lacks what the home's own rules refer to, where the home has the mapper that goes by them.
 * @throws LaunchError `unusable-configuration`
 */
function checkRuleReferences(home: string, settings: Settings, file: string, system: Reading): void {
  const found = referenceInVain(settings);
  if (!found || mapperVersion(home, system) === undefined) return;
  const { key, wanted, isList } = found;
  throw new LaunchError({
    kind: 'unusable-configuration',
    what: isList
      ? `${file} sets ${wanted} to a list, to which ${key} refers in the midst of a text.`
      : `${file} does not set ${wanted}, to which ${key} of the product's own rules refers.`,
    hint: `The server would end with this file; set ${wanted} ${isList ? 'to a text' : 'in it'}.`,
  });
}

interface ReadFile extends TomlContent {
  /** The file's name, for sources and messages. */
  readonly file: string;
  readonly warnings: readonly string[];
  readonly carbon?: CarbonXml['root'];
  /** Present where something is laid over a carbon.xml. */
  readonly overlaid?: ChangedFile;
  /** The folder of the files of XML that say which ports open, where these are the configuration. */
  readonly xmlFolder?: string;
}

function readContent(
  { path, isXml, toml, given }: ConfigurationFile & { readonly toml: string; readonly given: SystemProperties },
  { home, facts, row, changes = [] }: ConfigurationRequest,
  system: Reading,
): ReadFile {
  const missing = (): string => missingTomlText({ home, row, facts, toml }, system);
  if (isXml) {
    const doubts = row.knowsNoToml || !hasTemplates(home, system) ? [] : [missing()];
    return readXml(path, { given, changes, warnings: doubts }, system);
  }
  const file = changes.length > 0 ? `${basename(path)} (changed)` : basename(path);
  const text = readChanged(path, basename(path), changes, system);
  if (text === undefined) {
    const folder = join(home, dirname(facts.configFile));
    const rendered = readRendered(folder, file, missing(), system);
    return facts.opensByXml ? { ...rendered, xmlFolder: folder } : rendered;
  }
  checkBeginning(text, file);
  return { ...readToml(text, file), file, warnings: [] };
}

interface XmlReading {
  readonly given: SystemProperties;
  readonly changes: readonly ConfigurationChange[];
  readonly warnings: readonly string[];
}

function readXml(path: string, { given, changes, warnings }: XmlReading, system: Reading): ReadFile {
  const file = basename(path);
  const read = { file, strings: [], xmlFolder: dirname(path) };
  const text = readConfigured(path, system, changes.length > 0 ? 'exact' : 'any');
  if (text === undefined && changes.length > 0) throw nothingToChange(path);
  if (text === undefined) {
    return { ...read, leaves: [], warnings: [...warnings, `${path} is missing: its offset is taken to be 0.`] };
  }
  const merged = changes.length > 0 ? mergeXml(text, changes, file) : undefined;
  const name = merged ? `${file} (changed)` : file;
  const { root, leaves, warnings: doubts } = readCarbonXml(merged ? legible(merged.text) : text, name, filler(given));
  return {
    ...read,
    file: name,
    leaves,
    warnings: [...warnings, ...(merged?.warnings ?? []), ...doubts],
    carbon: root,
    ...(merged && { overlaid: { path, format: 'xml', before: text, after: merged.text } as const }),
  };
}

const nothingToChange = (path: string): LaunchError =>
  new LaunchError({
    kind: 'unusable-configuration',
    what: mentioning`${mention.option('set')} changes a carbon.xml, and ${path} is missing.`,
    hint: 'Unpack that file again.',
  });

/** The offset of the last start's carbon.xml, for nothing is rendered anew without a deployment.toml. */
function readRendered(folder: string, toml: string, warning: string, system: Reading): ReadFile {
  const file = 'carbon.xml';
  const text = readConfigured(join(folder, file), system, 'any');
  if (text === undefined) return { leaves: [], strings: [], file: toml, warnings: [warning] };
  const { root, leaves, warnings } = readCarbonXml(text, file);
  const offset = leaves.filter(({ key }) => key === 'Ports.Offset').map((leaf) => ({ ...leaf, key: 'server.offset' }));
  return { leaves: offset, strings: [], file, warnings: [warning, ...warnings], carbon: root };
}

/** Refuses a byte order mark. @throws LaunchError `unusable-configuration` */
function checkBeginning(text: string, file: string): void {
  if (!text.startsWith('\ufeff')) return;
  throw new LaunchError({
    kind: 'unusable-configuration',
    what: `${file}, line 1: the file begins with a byte order mark, which the server's parser refuses.`,
    hint: 'Save it as UTF-8 without one (in Notepad: UTF-8, not UTF-8 with BOM).',
  });
}

const shownSetting = ({ key, value }: Leaf): string =>
  typeof value === 'string' ? JSON.stringify(shownValue(key, value)) : JSON.stringify(value);

const unsetText = (unset: readonly UnsetReference[], file: string): string =>
  `${file} refers to what is not set here: ${unset.map(({ what, line, key }) => `${what} (line ${line}, ${key})`).join(', ')}. A start without it would end.`;

/** The warnings of numbers that can't be told for want of what a configuration refers to. */
function untoldNumbers({ row, facts }: ConfigurationRequest, leaves: readonly Leaf[], sources: PortSettings): string[] {
  const { setting, isUnset, file } = sources;
  if (!isUnset) return [];
  const isUntold = (key: string | undefined): boolean => key !== undefined && isUnset(setting(key)?.value);
  const ports = row.ports.filter(({ key }) => isUntold(key)).map(({ name }) => name);
  const extras = leaves
    .filter(({ key }) => (row.extras ?? []).some((extra) => extra.key.test(key)))
    .map(({ key, element = key }) => element)
    .filter(isUntold);
  const left = [...ports, ...extras];
  return [
    ...(left.length > 0 ? [`${file} sets the port of ${left.join(', ')} by that: it is left out.`] : []),
    ...(isUntold('server.offset')
      ? [`${file} sets the offset by that: it is taken to be ${facts.defaultOffset}.`]
      : []),
  ];
}

const contradictionText = ({ overruled, winner }: Contradiction, file: string, isSure: boolean): string =>
  `${file}, lines ${overruled.line} and ${winner.line}: ${overruled.key} and ${winner.key} are two names of one setting with different values. The server takes that of line ${winner.line} (${shownSetting(winner)}), whichever comes first${isSure ? '' : ', but on a JDK before 19 the other'}; keep only one of them.`;
