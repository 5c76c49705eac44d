import {
  ALL_CERTIFICATES,
  CERTIFICATES_FOLDER,
  CURL_CERTIFICATES,
  EXTRA_CERTIFICATES,
  withChain,
} from '../../domain/certificates.js';
import { describeHolder, LaunchError } from '../../domain/failure.js';
import { type EffectivePort, settledPorts } from '../../domain/ports.js';
import type { Instance } from '../../instance/list.js';
import { nameHolder } from '../../ports/holders.js';
import { adoptServer } from '../../server/start.js';
import { certificateFiles, writeCertificates } from '../../state/certificate-files.js';
import { stateFolder } from '../../state/folder.js';
import { isTimeout, noAnswer, withinTime } from '../../system/clock.js';
import type { ShownChain } from '../../system/http.js';
import { nodeSystem, type System } from '../../system/index.js';
import { isHeldBy, type PortSocket } from '../../system/sockets.js';

/** Variables by which programs trust a server's certificates. */
export interface TrustVariables {
  readonly variables: Readonly<Record<string, string>>;
  /** What keeps them from trusting it all the same. */
  readonly warnings: readonly string[];
}

const PATIENCE_MS = 5_000;

/**
 * Writes the certificates that a ready server shows to files of its own, which go when it ends.
 * @throws LaunchError `not-ready-yet`, `no-certificate`, `unusable-state-folder`, or the signal's reason
 */
export async function trustVariables(
  instance: Instance,
  signal: AbortSignal,
  system: System = nodeSystem,
): Promise<TrustVariables> {
  const { name, status } = instance;
  if (status !== 'ready') throw new LaunchError({ kind: 'not-ready-yet', name, status });
  const { chain, warnings } = await chainsOf(instance, signal, system);
  const folder = stateFolder(system);
  const { extra, all } = certificateFiles(name, folder);
  writeCertificates(extra, withChain(toldToTrust([EXTRA_CERTIFICATES], system), name, chain), folder, system);
  const roots = toldToTrust([ALL_CERTIFICATES, CURL_CERTIFICATES], system) || (await system.machine.trustedRoots());
  writeCertificates(all, withChain(roots, name, chain), folder, system);
  const isHidden = [CURL_CERTIFICATES, CERTIFICATES_FOLDER].some((variable) => system.env[variable]);
  const ofCurl = isHidden ? { [CURL_CERTIFICATES]: all } : undefined;
  return { variables: { [EXTRA_CERTIFICATES]: extra, [ALL_CERTIFICATES]: all, ...ofCurl }, warnings };
}

/** What the files hold that the caller's programs are told to trust by these variables. */
function toldToTrust(variables: readonly string[], { env, files }: Pick<System, 'env' | 'files'>): string {
  const paths = new Set(variables.flatMap((variable) => env[variable] || []));
  const texts = [...paths].map((path) => {
    try {
      return files.readText(path) ?? '';
    } catch {
      return ''; // those programs can't read it either
    }
  });
  return texts.join('\n');
}

interface ReadChains {
  readonly chain: readonly string[];
  readonly warnings: readonly string[];
}

async function chainsOf(instance: Instance, signal: AbortSignal, system: System): Promise<ReadChains> {
  const { name } = instance;
  const ports = settledPorts(instance.ports).filter(({ scheme }) => scheme === 'https' || scheme === 'wss');
  if (ports.length === 0) throw without(name, 'it has no HTTPS port', 'It can be asked over plain HTTP alone.');
  const found = await Promise.all(ports.map((port) => chainOn(port, instance, signal, system)));
  signal.throwIfAborted();
  const chain = new Set(found.flatMap((one) => ('certificates' in one ? one.certificates : [])));
  const warnings = found.flatMap((one, index) => complaintsOf(one, ports[index] as EffectivePort));
  if (chain.size === 0)
    throw without(name, warnings.join('; '), 'Look at its ports and its log: a ready server has its own ones open.');
  return { chain: [...chain], warnings };
}

const without = (name: string, reason: string, hint: string): LaunchError =>
  new LaunchError({ kind: 'no-certificate', name, reason, hint });

function complaintsOf(one: ShownChain | Unread, { name, number }: EffectivePort): string[] {
  if (!('certificates' in one)) return [`${number} (${name}) ${one.why}`];
  return one.objection === undefined
    ? []
    : [`${number} (${name}) is not trusted as localhost all the same: ${one.objection}`];
}

/** Why no certificate was read, in words that follow on the port. */
interface Unread {
  readonly why: string;
}

/** The certificates that are shown on a port, if it was the server's own before and after they were read. */
async function chainOn(
  { number }: EffectivePort,
  instance: Instance,
  signal: AbortSignal,
  system: System,
): Promise<ShownChain | Unread> {
  const before = await holdingOf(number, instance, system);
  if ('why' in before) return before;
  const inTime = withinTime(signal, PATIENCE_MS);
  try {
    const chain = await system.http.chainOn(number, inTime);
    const after = await holdingOf(number, instance, system);
    if ('why' in after) return after;
    return after.id === before.id ? chain : { why: 'was opened anew meanwhile' };
  } catch (error) {
    const why = isTimeout(error) ? noAnswer(PATIENCE_MS) : (error as Error).message;
    return { why: `shows no certificate (${why})` };
  }
}

/** The socket on a port, where it is the server's and nobody else's. */
async function holdingOf(port: number, instance: Instance, system: System): Promise<{ readonly id: string } | Unread> {
  if (instance.isElsewhere) return { why: 'is in another container, whose processes can not be seen from here' };
  const pids = (adoptServer(instance, system)?.tree() ?? []).map(({ pid }) => pid);
  const sockets = await system.sockets.listeners(new Set([port]), pids);
  const isOurs = (socket: PortSocket): boolean => !socket.isUntold && isHeldBy(socket, pids);
  const stranger = sockets.find((socket) => !isOurs(socket));
  if (stranger) return { why: `is ${describeHolder(nameHolder(stranger, [], system))}` };
  if (sockets.length === 0) return { why: 'is closed' };
  return { id: sockets.map(({ id }) => id).join() };
}
