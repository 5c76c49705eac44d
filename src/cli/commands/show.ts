import type { TrustVariables } from '../../api/internal/certificates.js';
import { findMeant, findPartMeant, type Instance } from '../../api/internal/instances.js';
import { instanceVariables } from '../../domain/command.js';
import { portNamed, urlNamed } from '../../domain/endpoints.js';
import { LaunchError } from '../../domain/failure.js';
import { inWords } from '../../domain/words.js';
import type { Context } from '../main.js';
import type { Options } from '../options.js';
import { VARIABLE_FORMATS, type VariableFormat, variablesText } from '../render-variables.js';
import type { View } from '../view.js';

export async function runEnv({ options, words }: Context): Promise<View> {
  const format = readFormat(options);
  const instance = await findMeant(words[0]);
  const { name } = instance;
  const trust = options.isOn('ca') ? await trustOf(instance) : undefined;
  const variables = { ...instanceVariables(instance), ...trust?.variables };
  return {
    ...(!format && { data: { name, variables } }),
    text: () => variablesText(variables, format ?? 'shell'),
    ...(trust && { warnings: trust.warnings }),
  };
}

/** Reading certificates is loaded only when it is wanted. */
async function trustOf(instance: Instance): Promise<TrustVariables> {
  const { trustVariables } = await import('../../api/internal/certificates.js');
  return trustVariables(instance, new AbortController().signal);
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
  const { instance, part } = await findPartMeant(words, ({ urls }, word) => Object.hasOwn(urls, word));
  const { name, urls } = instance;
  const endpoint = part ?? Object.keys(urls)[0];
  const url = urlNamed(instance, endpoint);
  return { data: { name, endpoint, url }, text: () => inWords`${url}\n` };
}

export async function runPort({ words }: Context): Promise<View> {
  const { instance, part: port } = await findPartMeant(words, ({ ports }, word) =>
    ports.some((one) => one.name === word),
  );
  const { name } = instance;
  if (port === undefined)
    throw new LaunchError({ kind: 'usage', what: `port lacks the port's name: ${portNames(instance)}.` });
  const number = portNamed(instance, port);
  return { data: { name, port, number }, text: () => inWords`${number}\n` };
}

const portNames = ({ ports }: Instance): string => ports.map(({ name }) => name).join(', ');
