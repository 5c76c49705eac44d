import { join } from 'node:path';
import type { Environment } from '../../domain/command.js';
import type { JdkFolder } from '../host.js';

/** The folders of JDKs that any POSIX system may have: those of its packages, and of tools that keep several. */
export function posixJdkFolders(env: Environment, userFolder: () => string): JdkFolder[] {
  const home = userFolder();
  const sdkman = env['SDKMAN_CANDIDATES_DIR'] || join(env['SDKMAN_DIR'] || join(home, '.sdkman'), 'candidates');
  const shared = env['XDG_DATA_HOME'] || join(home, '.local/share');
  return [
    { path: '/usr/lib/jvm', by: '/usr/lib/jvm' },
    { path: join(sdkman, 'java'), by: 'SDKMAN' },
    { path: join(env['MISE_DATA_DIR'] || join(shared, 'mise'), 'installs/java'), by: 'mise' },
    { path: join(env['ASDF_DATA_DIR'] || join(home, '.asdf'), 'installs/java'), by: 'asdf' },
    { path: join(env['JENV_ROOT'] || join(home, '.jenv'), 'versions'), by: 'jenv' },
    ...[env['HOMEBREW_PREFIX'], ...HOMEBREW].flatMap((prefix) =>
      prefix ? [{ path: join(prefix, 'opt'), by: 'Homebrew', prefix: 'openjdk' }] : [],
    ),
  ];
}

/** Its usual places on Macs of Apple and of Intel, and on Linux. */
const HOMEBREW = ['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew'];
