import type { AgentFact } from '../domain/facts.js';
import { parseJavaInteger } from '../domain/numbers.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import type { PatientAtOffset } from './patient.js';

const OFFSET_AGENT = kind(
  'offset-agent',
  'It reads the offset of the configuration only, whatever is passed: the control plane would ask another server, or none.',
);

export const offsetAgent: Check<'offset-agent', PatientAtOffset> = {
  about: 'agents that know the configured offset only',
  look: ({ located, settings, offset }) => {
    const { agent, defaultOffset } = located.facts;
    if (!agent || !settings) return [];
    const { setting, file } = settings;
    const { value, leaf } = setting('server.offset') ?? { value: defaultOffset };
    const isOn = String(setting(agent.key)?.value).toLowerCase() === 'true';
    const configured = parseJavaInteger(String(value).trim());
    return [judgeAgent(agent, { isOn, offset, configured, source: leaf ? `${file}:${leaf.line}` : 'default' })];
  },
};

export interface AgentState {
  readonly isOn: boolean;
  /** The offset at which the server would run. */
  readonly offset: number;
  /** The offset that the configuration names; undefined where only the running server knows it. */
  readonly configured: number | undefined;
  /** The place of `configured`: file and line, or `default`. */
  readonly source: string;
}

export function judgeAgent(
  { title, key }: AgentFact,
  { isOn, offset, configured, source }: AgentState,
): Finding<'offset-agent'> {
  if (!isOn) return OFFSET_AGENT.fine(`The ${title} is off.`);
  if (configured === undefined || configured === offset)
    return OFFSET_AGENT.fine(`The ${title} reports the right ports.`);
  return OFFSET_AGENT.warning(
    `The ${title} is on (${key}) and reports the ports of offset ${configured} (${source}), where the server runs at ${offset}.`,
    `Write it into deployment.toml, below [server]: offset = ${offset}`,
  );
}
