import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseScriptArguments } from '../../src/domain/command.js';
import { type Failure, LaunchError } from '../../src/domain/failure.js';
import type { BasePort } from '../../src/domain/ports.js';
import { mention } from '../../src/domain/text.js';
import { type InspectedHome, inspectHome } from '../../src/home/inspect.js';
import { nodeSystem } from '../../src/system/index.js';

/** What a home says of itself, as its product ships it: NAME in version.txt and the start script. */
const KINDS = {
  apim: { name: 'WSO2 API Manager', script: 'api-manager' },
  'control-plane': { name: 'WSO2 API Control Plane', script: 'api-cp' },
  gateway: { name: 'WSO2 Universal Gateway', script: 'gateway' },
  'traffic-manager': { name: 'WSO2 Traffic Manager', script: 'traffic-manager' },
  'key-manager': { name: 'WSO2 API Control Plane', script: 'key-manager' },
  mi: { name: 'WSO2 Micro Integrator', script: 'micro-integrator' },
  is: { name: 'WSO2 Identity Server', script: 'wso2server' },
  server: { name: 'WSO2 Storage Server', script: 'wso2server' },
  ei: { name: 'WSO2 Enterprise Integrator', script: 'integrator' },
} as const;

export type HomeKind = `${keyof typeof KINDS} ${string}`;

export interface ConfiguredHome {
  /** Product and version: `apim 4.7.0`. */
  readonly of: HomeKind;
  /** NAME in version.txt, where that is not the product's usual one. */
  readonly name?: string;
  /** The start script, likewise. */
  readonly script?: string;
  readonly profile?: string;
  readonly toml?: string;
  /** Rule files by their names without `.json`: objects, or text as it is. */
  readonly rules?: Readonly<Record<string, unknown>>;
  /** Further files by their paths in the home; null: a file that would else be there is not. */
  readonly files?: Readonly<Record<string, string | Buffer | null>>;
  /** Arguments of the start script; `HOME` in them stands for the home. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The launcher is going to pass an offset. */
  readonly isOffsetPassed?: boolean;
  readonly onlyLooks?: true;
}

/** Makes a home with real files in a folder of its own, looks at it, and removes it; `HOME` stands for it in words. */
export function inspectConfigured(home: ConfiguredHome): InspectedHome {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  try {
    writeHome(folder, home);
    const script = parseScriptArguments((home.args ?? []).map((argument) => argument.replace('HOME', folder)));
    const isOffsetPassed = home.isOffsetPassed ?? script.offset !== undefined;
    const product = home.of.split(' ')[0] as keyof typeof KINDS;
    const found = inspectHome(
      {
        product,
        named: { path: folder, by: mention.option('home') },
        ...(home.profile !== undefined && { profile: { name: home.profile, by: mention.option('profile') } }),
        script,
        isOffsetPassed,
        ...(home.onlyLooks && { onlyLooks: true }),
      },
      { ...nodeSystem, env: home.env ?? {} },
    );
    return { ...found, warnings: found.warnings.map((warning) => warning.replaceAll(folder, 'HOME')) };
  } catch (error) {
    throw error instanceof LaunchError ? new LaunchError(inHome(error.failure, folder)) : error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const inHome = (failure: Failure, folder: string): Failure =>
  JSON.parse(JSON.stringify(failure).replaceAll(folder, 'HOME'));

function writeHome(folder: string, home: ConfiguredHome): void {
  const { of, toml = '', rules = {}, files = {} } = home;
  const [product, version] = of.split(' ') as [keyof typeof KINDS, string];
  const { name, script } = { ...KINDS[product], ...home };
  const isOld = product === 'apim' && Number.parseFloat(version) < 4;
  const all: Record<string, string | Buffer | null> = {
    'bin/version.txt': `${name} v${version}\n`,
    [`bin/${isOld ? 'wso2server' : script}.sh`]: '#!/bin/sh\n',
    [tomlOf(of)]: isByXml(of) ? null : toml,
    ...Object.fromEntries(
      Object.entries(rules).map(([rule, value]) => [
        `repository/resources/conf/${rule}.json`,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    if (text === null) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Whether a home has no deployment.toml but files of XML. */
const isByXml = (of: HomeKind): boolean => /^(?:apim [12]\.|is 5\.[3-8]\.|ei )/.test(of);

export const tomlOf = (of: HomeKind): string =>
  of.startsWith('mi ') ? 'conf/deployment.toml' : 'repository/conf/deployment.toml';

/** An inbound endpoint as it lies in a home. */
export const inbound = (name: string, protocol: string, parameters: Record<string, string | number>): string =>
  `<inboundEndpoint xmlns="http://ws.apache.org/ns/synapse" name="${name}" protocol="${protocol}" suspend="false">\n` +
  `  <parameters>\n${Object.entries(parameters)
    .map(([parameter, value]) => `    <parameter name="${parameter}">${value}</parameter>\n`)
    .join('')}  </parameters>\n</inboundEndpoint>\n`;

export const INBOUND_FOLDER = 'repository/deployment/server/synapse-configs/default/inbound-endpoints';

export const carbonXml = (offset: string): string =>
  `<?xml version="1.0"?>\n<Server xmlns="http://wso2.org/projects/carbon/carbon.xml">\n  <Ports>\n    <Offset>${offset}</Offset>\n  </Ports>\n</Server>\n`;

/**
 * A port in one line, `gateway-http! 8281 :2`: an exclamation mark means required, an equals sign before the number
 * that no offset moves it, a tilde that the server moves on from it by itself, `:2` the line of deployment.toml, and no source the product's own default.
 */
export const inWords = ({ name, base, shifted, movesOn, required, source }: BasePort): string =>
  `${name}${required ? '!' : ''} ${movesOn ? '~' : shifted ? '' : '='}${base}${sourceInWords(source)}`;

export const sourceInWords = (source: string): string =>
  source === 'default' ? '' : ` ${source.replace(/^deployment\.toml(?=:)/, '')}`;
