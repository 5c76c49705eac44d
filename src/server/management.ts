import type { ProductFacts } from '../domain/facts.js';
import { type ManagementAccess, managementAccess } from '../domain/management.js';
import type { EffectivePort } from '../domain/ports.js';
import { flatten } from '../domain/toml.js';
import { readConfigured } from '../home/config-files.js';
import { nodeSystem, type System } from '../system/index.js';

interface Managed {
  readonly facts: Pick<ProductFacts, 'management'>;
  /** The path of the home's deployment.toml. */
  readonly toml: string | undefined;
}

/**
 * The access by which a server can be asked to shut down; undefined where it can't.
 * @param ports the effective ones
 */
export function managementOf(
  { facts: { management }, toml }: Managed,
  ports: readonly EffectivePort[],
  system: Pick<System, 'files'> = nodeSystem,
): ManagementAccess | undefined {
  if (!management || toml === undefined) return undefined;
  try {
    return managementAccess(management, ports, flatten(readConfigured(toml, system, 'exact') ?? '', toml));
  } catch {
    return undefined; // somebody is editing the file
  }
}

/**
 * Asks a Micro Integrator for what SIGTERM makes it do elsewhere; false where it takes no such request.
 * MI LoginResource and MetaDataResource.
 */
export async function askToShutDown(
  { port, isSecure, user, password }: ManagementAccess,
  signal: AbortSignal,
  { http }: Pick<System, 'http'> = nodeSystem,
): Promise<boolean> {
  try {
    const basic = Buffer.from(`${user}:${password}`).toString('base64');
    const login = await http.send(
      { port, isSecure, path: '/management/login', headers: { authorization: `Basic ${basic}` } },
      signal,
    );
    const { AccessToken: token } = JSON.parse(login.body) as { readonly AccessToken?: unknown };
    if (typeof token !== 'string') return false;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ status: 'shutdownGracefully' });
    const answer = await http.send(
      { port, isSecure, path: '/management/server', method: 'PATCH', headers, body },
      signal,
    );
    return answer.status === 200;
  } catch {
    return false; // no server listens, or another API answers
  }
}
