import { dirname, join } from 'node:path';
import { quoted } from '../domain/command.js';
import type { System } from '../system/index.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';

const LINE_ENDS = kind(
  'line-ends',
  'A shell takes the carriage return for a part of the line: it fails with "bad interpreter", or with "$\'\\r\': command not found".',
);

export const lineEnds: Check<'line-ends'> = {
  about: 'the line ends of the start scripts',
  look: ({ located, system }) => {
    if (system.host.scriptsTakeCarriageReturns) return []; // carriage returns are right there
    const scripts = scriptsFrom(located.startScript, system);
    return [judgeLineEnds([...scripts].flatMap(([path, text]) => (/\r$/m.test(text) ? [path] : [])))];
  },
};

/** The texts of a script and of the scripts beside it that it names, directly or through others. */
function scriptsFrom(startScript: string, { files }: Pick<System, 'files'>): ReadonlyMap<string, string> {
  const scripts = new Map<string, string>();
  const read = (path: string): void => {
    const text = scripts.has(path) ? undefined : files.readText(path);
    if (text === undefined) return;
    scripts.set(path, text);
    for (const [name] of text.matchAll(/[\w.-]+\.sh\b/g)) read(join(dirname(startScript), name));
  };
  read(startScript);
  return scripts;
}

/** @param scripts paths of scripts with lines that end with a carriage return */
export const judgeLineEnds = (scripts: readonly string[]): Finding<'line-ends'> =>
  scripts.length === 0
    ? LINE_ENDS.fine('The start scripts have no carriage returns.')
    : LINE_ENDS.error(
        `${scripts.join(', ')} ${scripts.length === 1 ? 'has' : 'have'} the line ends of Windows.`,
        `sed -i 's/\\r$//' ${scripts.map(quoted).join(' ')}`,
      );
