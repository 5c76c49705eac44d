import { type Environment, quoted } from '../domain/command.js';
import { inMebibytes, MEBIBYTE } from './bytes.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import type { Patient } from './patient.js';

const MEMORY = kind('memory', 'A server without memory is slow, or ended by the system.');

const JAVA_OPTS_MEMORY = kind(
  'java-opts-memory',
  'JAVA_OPTS comes after the memory options of the start script and wins, also for the diagnostics tool beside the server.',
);

export const memory: Check<'memory'> = {
  about: 'the free memory',
  look: (patient) => [judgeMemory(patient.system.machine.availableMemory(), memorySources(patient))],
};

export const javaOptsMemory: Check<'java-opts-memory'> = {
  about: 'the memory in JAVA_OPTS',
  look: (patient) => [judgeMemoryOptions(memorySources(patient))],
};

/** The places that say how much memory a JVM takes; JAVA_OPTS of the environment comes last and wins. */
export interface MemorySources {
  /** Text; undefined where it can't be read. */
  readonly startScript: string | undefined;
  readonly env: Environment;
}

function memorySources({ located, system: { env, files } }: Patient): MemorySources {
  try {
    return { startScript: files.readText(located.startScript), env };
  } catch {
    return { startScript: undefined, env }; // the check of the script itself tells of the failure
  }
}

const WITHOUT_OPTION = 2 ** 30;

/** @param available bytes that a new process could have */
export function judgeMemory(available: number, sources: MemorySources): Finding<'memory'> {
  const options = [...ownMemoryOptions(sources), ...addedMemoryOptions(sources)];
  const heap = options.findLast(({ kind }) => kind === 'mx');
  const wanted = heap?.bytes ?? WITHOUT_OPTION;
  const what = `${inMebibytes(available)} of memory are free, and the server may take ${inMebibytes(wanted)}${heap ? ` (${heap.text})` : ''}`;
  if (available >= wanted) return MEMORY.fine(`${what}.`);
  return MEMORY.warning(`Only ${what}.`, 'End what is not needed, or give the server less with JVM_MEM_OPTS.');
}

export function judgeMemoryOptions(sources: MemorySources): Finding<'java-opts-memory'> {
  const [own, added] = [ownMemoryOptions(sources), addedMemoryOptions(sources)];
  const lastOf = (kind: MemoryOption['kind']): MemoryOption[] =>
    [...own, ...added].filter((option) => option.kind === kind).slice(-1);
  const [initial, most] = [lastOf('ms'), lastOf('mx')];
  const rival = sources.env['JVM_MEM_OPTS'] ? 'JVM_MEM_OPTS' : 'the start script';
  const what = `JAVA_OPTS sets ${textOf(added)}${own.length > 0 ? `, and ${rival} ${textOf(own)}` : ''}`;
  const isContradiction = initial.some(({ bytes }) => most.some((limit) => bytes > limit.bytes));
  if (added.length > 0 && isContradiction) {
    const mend = 'Take it out of JAVA_OPTS, and set both in JVM_MEM_OPTS.';
    return JAVA_OPTS_MEMORY.error(`${what}: no JVM starts with ${textOf([...initial, ...most])}.`, mend);
  }
  if (!added.some(({ kind }) => own.some((option) => option.kind === kind))) {
    return JAVA_OPTS_MEMORY.fine('JAVA_OPTS leaves the memory to the start script.');
  }
  const mend = `Take it out of JAVA_OPTS: export JVM_MEM_OPTS=${quoted(textOf([...initial, ...most]))}`;
  return JAVA_OPTS_MEMORY.warning(`${what}.`, mend);
}

interface MemoryOption {
  readonly kind: 'ms' | 'mx';
  readonly text: string;
  readonly bytes: number;
}

/** The options of the start script, or of JVM_MEM_OPTS, which takes their place. */
function ownMemoryOptions({ startScript, env }: MemorySources): MemoryOption[] {
  if (env['JVM_MEM_OPTS']) return memoryOptions(env['JVM_MEM_OPTS']);
  const lines = (startScript ?? '').split('\n').filter((line) => !/^\s*#/.test(line));
  const found = memoryOptions(lines.join('\n'));
  return (['ms', 'mx'] as const).flatMap((kind) => found.find((option) => option.kind === kind) ?? []);
}

const addedMemoryOptions = ({ env }: MemorySources): MemoryOption[] => memoryOptions(env['JAVA_OPTS'] ?? '');

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: MEBIBYTE, g: 2 ** 30, t: 2 ** 40 };

const memoryOptions = (text: string): MemoryOption[] =>
  [...text.matchAll(/-X(ms|mx)(\d+)([kmgtKMGT]?)\b/g)].map(([option, kind, number, unit]) => ({
    kind: kind as MemoryOption['kind'],
    text: option,
    bytes: Number(number) * (UNITS[(unit as string).toLowerCase()] as number),
  }));

const textOf = (options: readonly MemoryOption[]): string => options.map(({ text }) => text).join(' ');
