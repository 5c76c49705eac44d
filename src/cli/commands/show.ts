import { findRunning, type Instance } from '../../api/internal/instances.js';
import { instanceVariables } from '../../domain/command.js';
import { portNamed, urlNamed } from '../../domain/endpoints.js';
import { LaunchError } from '../../domain/failure.js';
import { inWords } from '../../domain/words.js';
import type { Context } from '../main.js';
import type { Options } from '../options.js';
import { VARIABLE_FORMATS, type VariableFormat, variablesText } from '../render-variables.js';
import type { View } from '../view.js';
import { nameIn } from './ps.js';

export async function runEnv({ options, words }: Context): Promise<View> {
  const instance = await findRunning(nameIn(words, 'env'));
  const format = readFormat(options);
  const { name } = instance;
  const variables = instanceVariables(instance);
  return { ...(!format && { data: { name, variables } }), text: () => variablesText(variables, format ?? 'shell') };
}

/** The form that the variables are asked for in, which beats that of all answers. @throws LaunchError `usage` */
function readFormat(options: Options): VariableFormat | undefined {
  const wanted = options.value('format')?.text;
  if (wanted === undefined) return undefined;
  const format = VARIABLE_FORMATS.find((candidate) => candidate === wanted);
  if (format) return format;
  throw new LaunchError({
    kind: 'usage',
    what: `--format is one of ${VARIABLE_FORMATS.join(', ')}, not ${JSON.stringify(wanted)}.`,
  });
}

export async function runUrl({ words }: Context): Promise<View> {
  const instance = await findRunning(nameIn(words, 'url'));
  const { name, urls } = instance;
  const endpoint = words[1] ?? Object.keys(urls)[0];
  const url = urlNamed(instance, endpoint);
  return { data: { name, endpoint, url }, text: () => inWords`${url}\n` };
}

export async function runPort({ words }: Context): Promise<View> {
  const instance = await findRunning(nameIn(words, 'port'));
  const { name } = instance;
  const port = words[1];
  if (port === undefined)
    throw new LaunchError({ kind: 'usage', what: `port lacks the port's name: ${portNames(instance)}.` });
  const number = portNamed(instance, port);
  return { data: { name, port, number }, text: () => inWords`${number}\n` };
}

const portNames = ({ ports }: Instance): string => ports.map(({ name }) => name).join(', ');
