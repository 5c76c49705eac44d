import { join, resolve } from 'node:path';
import { type LogRoute, routeOf } from '../domain/log-route.js';
import { readIfPossible } from '../home/config-files.js';
import type { InspectedHome } from '../home/inspect.js';
import type { HomeRequest } from '../home/request.js';
import { givenProperties } from '../home/surroundings.js';
import type { System } from '../system/index.js';

/**
 * The route by which a server of this home says that it has started, by its logging configuration; a path is absolute.
 */
export function routeOfReadyLine(
  { facts, home, row, startScript }: Pick<InspectedHome, 'facts' | 'home' | 'row' | 'startScript'>,
  { script }: Pick<HomeRequest, 'script'>,
  system: Pick<System, 'files' | 'env'>,
): LogRoute {
  const { logging } = facts;
  const text = logging && readIfPossible(join(home, logging.configFile), system);
  if (!logging || text === undefined) return { kind: 'console' };
  const given = givenProperties({ home, row, script, startScript }, system);
  const route = routeOf({ logger: logging.readyLogger, level: 'INFO' }, text, {
    property: (name) => {
      const folder = logging.folders[name];
      return script.properties.get(name)?.value ?? (folder === undefined ? given.get(name)?.value : join(home, folder));
    },
    variable: (name) => system.env[name],
  });
  switch (route.kind) {
    case 'console':
      return route;
    case 'file':
      return { kind: 'file', path: resolve(home, route.path) };
    case 'nowhere':
      return { kind: 'nowhere', ...(route.file !== undefined && { file: resolve(home, route.file) }) };
  }
}

/** The consequences of the ready line's route for a start. */
export interface ReadyLineLogs {
  /** A log of the server's own that tells what its output does not. */
  readonly ownLog?: string;
  /** The logging configuration that keeps the line from every log. */
  readonly silencedBy?: string;
}

export function logsOfReadyLine(...[inspection, ...rest]: Parameters<typeof routeOfReadyLine>): ReadyLineLogs {
  const route = routeOfReadyLine(inspection, ...rest);
  const { logging } = inspection.facts;
  switch (route.kind) {
    case 'console':
      return {};
    case 'file':
      return { ownLog: route.path };
    case 'nowhere':
      return {
        ...(route.file !== undefined && { ownLog: route.file }),
        ...(logging && { silencedBy: logging.configFile }),
      };
  }
}
