import { instanceVariables } from '../../domain/command.js';
import { LaunchError } from '../../domain/failure.js';
import { findRunning, type Instance } from '../../instances.js';
import type { Context } from '../main.js';
import { VARIABLE_FORMATS, type VariableFormat, variablesText } from '../render-instances.js';
import { nameIn } from './ps.js';

export async function runEnv({ options, words, output }: Context): Promise<number> {
  const instance = findRunning(nameIn(words, 'env'));
  const wanted = options.value('format')?.text ?? 'shell';
  const format = VARIABLE_FORMATS.find((candidate) => candidate === wanted);
  if (!format) {
    throw new LaunchError({
      kind: 'usage',
      what: `--format is one of ${VARIABLE_FORMATS.join(', ')}, not ${JSON.stringify(wanted)}.`,
    });
  }
  const variables = instanceVariables(instance);
  await output.write(variablesText(variables, format satisfies VariableFormat));
  return 0;
}

export async function runUrl({ words, output }: Context): Promise<number> {
  const instance = findRunning(nameIn(words, 'url'));
  const names = Object.keys(instance.urls);
  await output.write(`${choose(instance.urls, words[1] ?? names[0], `${instance.name} has no endpoint`)}\n`);
  return 0;
}

export async function runPort({ words, output }: Context): Promise<number> {
  const instance = findRunning(nameIn(words, 'port'));
  if (words[1] === undefined)
    throw new LaunchError({ kind: 'usage', what: `port lacks the port's name: ${portNames(instance)}.` });
  const numbers = Object.fromEntries(instance.ports.map(({ name, number }) => [name, number]));
  await output.write(`${choose(numbers, words[1], `${instance.name} has no port`)}\n`);
  return 0;
}

const portNames = ({ ports }: Instance): string => ports.map(({ name }) => name).join(', ');

function choose<T>(values: Readonly<Record<string, T>>, name: string | undefined, complaint: string): T {
  const value = name !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined) return value;
  throw new LaunchError({
    kind: 'usage',
    what: `${complaint} ${name ?? ''}: it has ${Object.keys(values).join(', ')}.`,
  });
}
