import { instanceVariables } from '../../domain/command.js';
import { LaunchError } from '../../domain/failure.js';
import { inWords } from '../../domain/words.js';
import { findRunning, type Instance } from '../../instance/list.js';
import type { Context } from '../main.js';
import { jsonDocument } from '../render.js';
import { VARIABLE_FORMATS, variablesText } from '../render-variables.js';
import { nameIn } from './ps.js';

export async function runEnv({ options, words, output }: Context): Promise<number> {
  const instance = findRunning(nameIn(words, 'env'));
  if (options.isOn('json') && !options.value('format')) {
    const { name } = instance;
    await output.write(jsonDocument({ name, variables: instanceVariables(instance) }));
    return 0;
  }
  const wanted = options.value('format')?.text ?? 'shell';
  const format = VARIABLE_FORMATS.find((candidate) => candidate === wanted);
  if (!format) {
    throw new LaunchError({
      kind: 'usage',
      what: `--format is one of ${VARIABLE_FORMATS.join(', ')}, not ${JSON.stringify(wanted)}.`,
    });
  }
  const variables = instanceVariables(instance);
  await output.write(variablesText(variables, format));
  return 0;
}

export async function runUrl({ options, words, output }: Context): Promise<number> {
  const { name, urls } = findRunning(nameIn(words, 'url'));
  const endpoint = words[1] ?? Object.keys(urls)[0];
  const url = choose(urls, endpoint, `${name} has no endpoint`);
  await output.write(options.isOn('json') ? jsonDocument({ name, endpoint, url }) : inWords`${url}\n`);
  return 0;
}

export async function runPort({ options, words, output }: Context): Promise<number> {
  const instance = findRunning(nameIn(words, 'port'));
  if (words[1] === undefined)
    throw new LaunchError({ kind: 'usage', what: `port lacks the port's name: ${portNames(instance)}.` });
  const numbers = Object.fromEntries(instance.ports.map(({ name, number }) => [name, number]));
  const { name } = instance;
  const number = choose(numbers, words[1], `${name} has no port`);
  await output.write(options.isOn('json') ? jsonDocument({ name, port: words[1], number }) : inWords`${number}\n`);
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
