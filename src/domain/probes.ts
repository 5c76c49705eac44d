import type { PortHolder, PortName, TakenPort } from './failure.js';
import { DEBUG_PORT } from './jvm.js';

/** The state of a port at one look: our own tree is on it, nobody, or somebody else. */
export type PortState =
  | { readonly kind: 'ours' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'foreign'; readonly by: PortHolder };

export interface ObservedPort extends PortName {
  readonly required: boolean;
  readonly state: PortState;
}

export type HealthResult =
  | { readonly kind: 'passed'; readonly warning?: string }
  | { readonly kind: 'failed'; readonly why: string };

/** A look at a server that says that it has started. */
export interface Observation {
  readonly sinceReadyLineMs: number;
  /** Whether the log says that a port was in use. */
  readonly isPortInUseLogged: boolean;
  readonly ports: readonly ObservedPort[];
}

export type Verdict =
  | { readonly kind: 'wait'; readonly pending: readonly string[] }
  /** Every port is as it has to be; the health check decides. */
  | { readonly kind: 'listening'; readonly warnings: readonly string[] }
  | { readonly kind: 'lost'; readonly lost: readonly TakenPort[] }
  | { readonly kind: 'never-opened'; readonly ports: readonly PortName[] };

/** Optional ports may open a little later than the server says. */
export const OPTIONAL_GRACE_MS = 2_000;
/** A required port that is closed for so long will not open any more. */
export const REQUIRED_GRACE_MS = 15_000;

/** Judges one look. Somebody else on any port of the set outranks everything: the server is not whole. */
export function judge({ sinceReadyLineMs, isPortInUseLogged, ports }: Observation): Verdict {
  const lost = ports.flatMap(({ name, number, state }) =>
    state.kind === 'foreign' ? [{ name, number, by: state.by }] : [],
  );
  if (lost.length > 0) return { kind: 'lost', lost };

  // A JVM does not listen for a second debugger while one is attached.
  const closed = ports.filter(({ name, state }) => state.kind === 'closed' && name !== DEBUG_PORT);
  const required = closed.filter((port) => port.required);
  if (required.length > 0) {
    if (sinceReadyLineMs < REQUIRED_GRACE_MS) return { kind: 'wait', pending: required.map(describePort) };
    const names = required.map(({ name, number }) => ({ name, number }));
    return isPortInUseLogged
      ? { kind: 'lost', lost: names.map((port) => ({ ...port, by: null })) }
      : { kind: 'never-opened', ports: names };
  }
  if (closed.length > 0 && sinceReadyLineMs < OPTIONAL_GRACE_MS) {
    return { kind: 'wait', pending: closed.map(describePort) };
  }
  return {
    kind: 'listening',
    warnings: closed.map((port) => `Port ${describePort(port)} is closed; what needs it won't work.`),
  };
}

const describePort = ({ name, number }: PortName): string => `${number} (${name})`;

/** Judges an answer to the health check. `body` is only read where the server said no. */
export function judgeHealth(status: number, body: string): HealthResult {
  if (status === 200) return { kind: 'passed' };
  if (status === 404) {
    return {
      kind: 'passed',
      warning: 'The health check answers 404: the probe is switched off, so health is not known.',
    };
  }
  const faulty = status === 500 ? faultyApplications(body) : undefined;
  if (faulty) {
    return {
      kind: 'passed',
      warning: `Faulty CApps: ${faulty.join(', ')}. They stay out of service until deployed again.`,
    };
  }
  return { kind: 'failed', why: `HTTP ${status}` };
}

// MI ReadinessResource.java: {"status": "not ready, faulty CAPPs detected", "Faulty CAPPs": ["…"]}
function faultyApplications(body: string): string[] | undefined {
  try {
    const list: unknown = (JSON.parse(body) as Record<string, unknown> | null)?.['Faulty CAPPs'];
    return Array.isArray(list) && list.length > 0 ? list.map(String) : undefined;
  } catch {
    return undefined; // not MI's answer, so an ordinary 500
  }
}
