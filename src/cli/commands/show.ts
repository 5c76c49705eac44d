import { instanceVariables } from '../../domain/command.js';
import { portNamed, urlNamed } from '../../domain/endpoints.js';
import { LaunchError } from '../../domain/failure.js';
import { inWords } from '../../domain/words.js';
import { findRunning, type Instance } from '../../instance/list.js';
import type { Context } from '../main.js';
import { jsonDocument } from '../render.js';
import { VARIABLE_FORMATS, variablesText } from '../render-variables.js';
import { nameIn } from './ps.js';

export async function runEnv({ options, words, output }: Context): Promise<number> {
  const instance = await findRunning(nameIn(words, 'env'));
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
  const instance = await findRunning(nameIn(words, 'url'));
  const { name, urls } = instance;
  const endpoint = words[1] ?? Object.keys(urls)[0];
  const url = urlNamed(instance, endpoint);
  await output.write(options.isOn('json') ? jsonDocument({ name, endpoint, url }) : inWords`${url}\n`);
  return 0;
}

export async function runPort({ options, words, output }: Context): Promise<number> {
  const instance = await findRunning(nameIn(words, 'port'));
  if (words[1] === undefined)
    throw new LaunchError({ kind: 'usage', what: `port lacks the port's name: ${portNames(instance)}.` });
  const { name } = instance;
  const number = portNamed(instance, words[1]);
  await output.write(options.isOn('json') ? jsonDocument({ name, port: words[1], number }) : inWords`${number}\n`);
  return 0;
}

const portNames = ({ ports }: Instance): string => ports.map(({ name }) => name).join(', ');
