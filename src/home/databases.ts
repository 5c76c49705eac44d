import { dirname, join, resolve } from 'node:path';
import { h2Databases } from '../domain/written.js';
import type { System } from '../system/index.js';
import { readIfPossible } from './config-files.js';
import type { InspectedHome } from './inspect.js';
import { hasTemplates } from './rendering.js';

type HomeOfDatabases = Pick<InspectedHome, 'home' | 'facts' | 'databases'>;

const ENDINGS = ['.mv.db', '.h2.db'];
const USUAL_FOLDER = 'repository/database';

/** The files of the H2 databases that the configuration of a home names, as far as they are there. */
export const configuredDatabases = (home: HomeOfDatabases, { files }: Pick<System, 'files'>): string[] =>
  h2Databases(jdbcUrls(home, { files })).flatMap((path) =>
    ENDINGS.map((ending) => resolve(home.home, `${path}${ending}`)).filter((file) => files.exists(file)),
  );

/** Whether the configuration of a home names a database that is no file of its machine. */
export const hasDatabaseElsewhere = (home: HomeOfDatabases, system: Pick<System, 'files'>): boolean =>
  jdbcUrls(home, system).some((url) => h2Databases([url]).length === 0);

function jdbcUrls({ home, facts, databases = [] }: HomeOfDatabases, { files }: Pick<System, 'files'>): string[] {
  const sources = 'datasources/master-datasources.xml';
  const folder = dirname(facts.configFile);
  const template = join('repository/resources/conf/templates', folder, `${sources}.j2`);
  const text = readIfPossible(join(home, hasTemplates(home, { files }) ? template : join(folder, sources)), { files });
  return [...databases, ...[...(text ?? '').matchAll(/<url>\s*(jdbc:[^<]+)</g)].map((match) => match[1] as string)];
}

/** The files of all databases of a home: those that its configuration names, and those that lie where it has its own. */
export function allDatabases(home: HomeOfDatabases, system: Pick<System, 'files'>): string[] {
  const folder = join(home.home, USUAL_FOLDER);
  const lying = system.files.filesIn(folder).filter((name) => ENDINGS.some((ending) => name.endsWith(ending)));
  return [...new Set([...configuredDatabases(home, system), ...lying.map((name) => join(folder, name))])];
}

/** The time at which a server was last seen to run in a home, by what it leaves; undefined where none has. */
export function lastRunMs({ home, facts }: HomeOfDatabases, { files }: Pick<System, 'files'>): number | undefined {
  // A tool that runs the server's own classes leaves a log, too.
  const traces = ['wso2carbon.pid', join(facts.written.osgi, 'org.eclipse.osgi')];
  const times = traces.flatMap((path) => {
    const found = files.identityOf(join(home, path));
    // A copy has a time of its own.
    return found ? [Math.max(found.bornAtMs, found.writtenAtMs)] : [];
  });
  return times.length === 0 ? undefined : Math.max(...times);
}
