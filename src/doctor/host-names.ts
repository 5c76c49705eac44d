import { quoted } from '../domain/command.js';
import type { System } from '../system/index.js';
import type { Check } from './check.js';
import { type Finding, type Kind, kind, unchecked, withoutConfiguration } from './finding.js';

export const SERVER_HOSTNAME = kind(
  'server-hostname',
  'The server builds the URLs of its consoles and redirects with it.',
);
export const MACHINE_HOSTNAME = kind(
  'machine-hostname',
  'A JVM looks up the name of its machine: without an answer a start takes long, or fails.',
);

export const serverHostname: Check<'server-hostname'> = {
  about: 'the host name of the configuration',
  look: async ({ located, settings, system }) => {
    if (located.runtime) return []; // each listener of Carbon 5 has a host of its own
    const { about } = serverHostname;
    if (!settings) return [withoutConfiguration(about)];
    const { value, leaf } = settings.setting('server.hostname') ?? {};
    if (typeof value !== 'string' || value.trim() === '')
      return [SERVER_HOSTNAME.fine('The configuration names no host.')];
    const name = value.trim();
    if (name.includes('{')) return [unchecked(about, `Only the running server knows what ${name} is`)];
    const described = `hostname = "${name}"${leaf ? ` (${settings.file}:${leaf.line})` : ''}`;
    return [judgeHostname(SERVER_HOSTNAME, { described, name, reason: await lookUp(name, system) })];
  },
};

export const machineHostname: Check<'machine-hostname'> = {
  about: 'the name of this machine',
  look: async ({ system }) => {
    const name = system.machine.hostname();
    const described = `${name}, the name of this machine,`;
    return [judgeHostname(MACHINE_HOSTNAME, { described, name, reason: await lookUp(name, system) })];
  },
};

/** A name server that is away would keep all other checks waiting. */
const LOOK_UP_MS = 2_000;

const lookUp = async (name: string, { machine }: Pick<System, 'machine'>): Promise<string | undefined> =>
  isLoopback(name) ? undefined : machine.whyUnresolved(name, LOOK_UP_MS);

/** Names of this machine that need no look-up: RFC 6761 and the usual hosts file. */
export const isLoopback = (name: string): boolean =>
  /^(?:localhost|localhost\.localdomain|ip6-localhost|.*\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[?::1?\]?)\.?$/i.test(
    name,
  );

export interface LookedUp {
  readonly name: string;
  /** The name as it is to be shown, with where it comes from. */
  readonly described: string;
  /** The reason why it does not resolve; undefined where it does. */
  readonly reason: string | undefined;
}

export function judgeHostname<Id extends string>(
  finding: Kind<Id>,
  { name, described, reason }: LookedUp,
): Finding<Id> {
  if (reason === undefined) return finding.fine(`${described} resolves.`);
  return finding.warning(
    `${described} does not resolve (${reason}).`,
    `If it means this machine: echo ${quoted(`127.0.0.1 ${name}`)} | sudo tee -a /etc/hosts`,
  );
}
