import type { ScriptArguments } from '../domain/command.js';
import { DEBUG_PORT, FIRST_DEBUG_PORT } from '../domain/jvm.js';
import { type BasePort, toPort } from '../domain/ports.js';
import { type JvmOptions, portsInOptions } from '../domain/properties.js';

/**
 * The ports that the JVM itself opens, at its start and at no offset.
 * @throws LaunchError `unusable-configuration` for what is no port
 */
export function optionPorts({ debugPort, jvm }: ScriptArguments, options: readonly JvmOptions[]): BasePort[] {
  const port = { scheme: 'tcp', shifted: false, required: false } as const;
  const fromOptions = portsInOptions(options).map(({ name, port: value, source }) => {
    const base = toPort({ value, source, key: name }, name);
    return { ...port, name, base, source };
  });
  if (debugPort !== undefined)
    return [{ ...port, name: DEBUG_PORT, base: debugPort, source: '--debug' }, ...fromOptions];
  if (!jvm?.debugger) return fromOptions;
  const { port: wanted } = jvm.debugger;
  const base = wanted ?? FIRST_DEBUG_PORT;
  const own: BasePort = { ...port, name: DEBUG_PORT, base, source: 'debug' };
  return [wanted === undefined ? { ...own, searches: true } : own, ...fromOptions];
}
