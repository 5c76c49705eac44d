import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { objectionToVariable } from '../../domain/command.js';
import { brokenLine } from '../../domain/dotenv.js';
import { LaunchError } from '../../domain/failure.js';
import { nodeSystem, type System } from '../../system/index.js';

/**
 * The variables in files of the form that `.env` files have; a later file beats those before it.
 * @throws LaunchError `usage` for a file that can't be read, and for a line or a variable that means nothing
 */
export const variablesInFiles = (
  paths: readonly string[],
  system: Pick<System, 'files' | 'currentFolder'> = nodeSystem,
): Readonly<Record<string, string>> => Object.assign({}, ...paths.map((path) => variablesInFile(path, system)));

function variablesInFile(
  given: string,
  { files, currentFolder }: Pick<System, 'files' | 'currentFolder'>,
): Readonly<Record<string, string>> {
  const path = resolve(currentFolder() ?? '/', given);
  const text = readText(path, files);
  if (text === undefined) throw unusable(`There is no file ${path}.`);
  const line = brokenLine(text);
  if (line !== undefined) throw unusable(`${path}, line ${line}: this is neither KEY=VALUE nor a comment.`);
  const variables = parseEnv(text) as Record<string, string>;
  for (const name of Object.keys(variables)) {
    const objection = objectionToVariable(name);
    if (objection !== undefined) throw unusable(`${path} gives ${name}, which ${objection}.`);
  }
  return variables;
}

function readText(path: string, files: System['files']): string | undefined {
  try {
    return files.readUtf8(path);
  } catch (error) {
    const { name, message } = error as Error;
    const why = name === 'TypeError' ? 'it is not UTF-8' : message;
    throw unusable(`${path} can't be read: ${why}.`);
  }
}

const unusable = (what: string): LaunchError =>
  new LaunchError({ kind: 'usage', what, hint: 'Mend the file with variables, or name another one.' });
