import type { ScriptArguments } from './command.js';
import { debuggersIn, type JvmOptions } from './properties.js';
import { mention, mentioning, type Text } from './text.js';

type Debugging = Pick<ScriptArguments, 'debugPort' | 'properties' | 'waitsForDebugger'>;

/** The ports on which a server waits for debuggers before it goes on. */
export const awaitedPorts = ({ debugPort }: Pick<Debugging, 'debugPort'>, options: readonly JvmOptions[]): number[] => [
  ...(debugPort === undefined ? [] : [Number(debugPort)]),
  ...suspendingIn(options).map(({ port }) => port),
];

const suspendingIn = (options: readonly JvmOptions[]) => debuggersIn(options).filter(({ suspends }) => suspends);

/** A debugger that is waited for. */
export const debuggerOn = (port: number | string): string => `a debugger on ${port}`;

/** The debuggers that a server waits for before it goes on, in words: `a debugger on 5005 (--debug)`. */
export function awaitedDebuggers({ debugPort, properties }: Debugging, options: readonly JvmOptions[]): string[] {
  return [
    ...(debugPort === undefined ? [] : [`${debuggerOn(debugPort)} (--debug)`]),
    ...suspendingIn(options).map(({ port, source }) => `${debuggerOn(port)} (${source})`),
    // MI ServiceBusInitializer.
    ...(properties.get('esb.debug')?.value === 'true' ? ["Synapse's debugger (-Desb.debug)"] : []),
  ];
}

/** The sentence about awaited debuggers at the start; undefined where the server waits for nobody. */
export function awaitedText(awaited: readonly string[], { waitsForDebugger }: Debugging): Text | undefined {
  if (awaited.length === 0) return undefined;
  const limit = waitsForDebugger
    ? ', however long that takes'
    : mentioning`; ${mention.option('readyTimeout')} counts all the same`;
  return mentioning`The server waits for ${awaited.join(' and ')} before it goes on${limit}.`;
}
