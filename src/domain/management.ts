import type { EffectivePort } from './ports.js';
import type { Leaf } from './toml.js';

/** The API by which a server can be asked to shut down: the names of the ports where it listens. */
export interface ManagementFact {
  readonly https: string;
  readonly http: string;
}

/** The port on which that API listens, and the user as whom it is asked. */
export interface ManagementAccess {
  readonly port: number;
  readonly isSecure: boolean;
  readonly user: string;
  readonly password: string;
}

/**
 * The way in by the server's own configuration; undefined where that leaves none: the API is off, its users are kept
 * elsewhere, or their passwords are secrets. `ports` are the effective ones. By MI's internal-apis.xml.j2 and
 * default.json: admin with the password admin where no users are named, over https and http.
 */
export function managementAccess(
  { https, http }: ManagementFact,
  ports: readonly EffectivePort[],
  leaves: readonly Leaf[],
): ManagementAccess | undefined {
  const settingOf = (key: string): string | undefined => {
    const leaf = leaves.findLast((candidate) => (candidate.element ?? candidate.key) === key);
    return leaf && String(leaf.value);
  };
  const portNamed = (name: string): number | undefined => ports.find((port) => port.name === name)?.number;
  if (settingOf('internal_apis.file_user_store.enable') === 'false') return undefined;
  if (settingOf('management_api.jwt_token_security_handler.enable') === 'false') return undefined;

  const protocols = (settingOf('management_api.protocols') ?? 'https http').toLowerCase().split(/[\s,]+/);
  const securePort = protocols.includes('https') ? portNamed(https) : undefined;
  const port = securePort ?? (protocols.includes('http') ? portNamed(http) : undefined);
  const who = leaves.some(({ key }) => key.startsWith('internal_apis.users.')) ? someUser(settingOf) : DEFAULT_USER;
  return port === undefined || who === undefined ? undefined : { port, isSecure: port === securePort, ...who };
}

type User = Pick<ManagementAccess, 'user' | 'password'>;

const DEFAULT_USER: User = { user: 'admin', password: 'admin' };

/** A user whose password is written out; an admin rather than another, who may not be allowed to stop the server. */
function someUser(settingOf: (key: string) => string | undefined): User | undefined {
  const users: (User & { readonly isAdmin: boolean })[] = [];
  for (let index = 0; ; index++) {
    const of = (name: string): string | undefined => settingOf(`internal_apis.users[${index}].user.${name}`);
    const [user, password] = [of('name'), of('password')];
    if (user === undefined) break;
    if (password !== undefined && !password.includes('$'))
      users.push({ user, password, isAdmin: of('is_admin') === 'true' });
  }
  const [chosen] = [...users.filter(({ isAdmin }) => isAdmin), ...users];
  return chosen && { user: chosen.user, password: chosen.password };
}
