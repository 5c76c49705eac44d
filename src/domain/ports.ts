import type { PortFact, Scheme } from './catalogue.js';

/** A port before the offset, with the base that this server's configuration gives it. */
export interface BasePort {
  readonly name: string;
  readonly base: number;
  readonly scheme: Scheme;
  readonly shifted: boolean;
  readonly required: boolean;
  /** `default`, or where the base was set: `deployment.toml:12`. */
  readonly source: string;
}

/** A port as the operating system sees it: `number` has the offset in it. */
export interface EffectivePort extends BasePort {
  readonly number: number;
}

/** What the configuration says about one base port. */
export interface PortOverride {
  readonly base: number;
  readonly source: string;
}

export const HIGHEST_PORT = 65_535;

/** The product's ports with the bases that the configuration gives them. */
export function basePorts(
  facts: readonly PortFact[],
  overrides: ReadonlyMap<string, PortOverride>,
  requiredOnly?: readonly string[],
): BasePort[] {
  return facts.map((fact) => {
    const override = overrides.get(fact.name);
    return {
      name: fact.name,
      base: override?.base ?? fact.base,
      scheme: fact.scheme,
      shifted: fact.fixed !== true,
      required: requiredOnly ? requiredOnly.includes(fact.name) : fact.required === true,
      source: override?.source ?? 'default',
    };
  });
}

/** The ports that a server binds. `offset` is the whole offset, counted from the bases. */
export function effectivePorts(ports: readonly BasePort[], offset: number): EffectivePort[] {
  return ports.map((port) => ({ ...port, number: port.shifted ? port.base + offset : port.base }));
}

/** The offsets that keep every shifted port between 1 and 65535. */
export function legalOffsets(ports: readonly BasePort[]): { readonly min: number; readonly max: number } {
  const bases = ports.filter((port) => port.shifted).map((port) => port.base);
  return { min: 1 - Math.min(...bases), max: HIGHEST_PORT - Math.max(...bases) };
}
