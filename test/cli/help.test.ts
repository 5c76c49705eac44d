import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/cli/commands.js';
import { parseCommandLine } from '../../src/cli/parse.js';
import { LaunchError } from '../../src/domain/failure.js';

/** The text that a command line asks for. */
async function textOf(...head: readonly string[]): Promise<string> {
  const parsed = await parseCommandLine(head);
  if (parsed.kind !== 'text') throw new Error(`no text: ${parsed.word}`);
  return parsed.text;
}

const WORDS = Object.entries(COMMANDS).flatMap(([word, { aliases = [] }]) => [word, ...aliases]);

describe('the help', () => {
  test.each([[['--help']], [['-h']], [['help']], [['help', 'help']]])(
    'of %j lists every command with its arguments',
    async (head) => {
      const text = await textOf(...head);
      for (const word of WORDS) expect(text).toMatch(new RegExp(`^  ${word}\\b|[ :]${word}[,\\]]`, 'm'));
      for (const usage of ['url [name] [endpoint]', 'port [name] <port>', 'logs [name...]', 'exec <product>']) {
        expect(text).toContain(`  ${usage} `);
      }
    },
  );

  test.each(WORDS)('of %s has its arguments and options, each with what it takes', async (word) => {
    const text = await textOf('help', word);
    expect(await textOf(word, '--help')).toBe(text);
    expect(await textOf('--help', word)).toBe(text);
    expect(text).toMatch(new RegExp(`^wso2-launch ${word}\\b`));
    const command = COMMANDS[word] ?? Object.values(COMMANDS).find(({ aliases }) => aliases?.includes(word));
    for (const [name, { value, mayLackValue }] of Object.entries(command?.options ?? {})) {
      const shown = mayLackValue ? `--${name}[=${value}]` : `--${name} ${value} `;
      expect(text).toContain(value === undefined ? `--${name} ` : shown);
    }
    for (const { name, describe: what } of command?.args ?? [])
      expect(text).toMatch(new RegExp(`^  ${name.replaceAll('|', '[|]')} +${what}$`, 'm'));
  });

  test('stays within 80 columns', async () => {
    const texts = await Promise.all([[], ...WORDS.map((word) => [word])].map((words) => textOf('help', ...words)));
    expect(texts.flatMap((text) => text.split('\n')).filter((line) => line.length > 80)).toEqual([]);
  });

  test.each([[['help', 'apmi']], [['apmi', '--help']]])('of no command is refused: %j', async (head) => {
    const error = await textOf(...head).catch((thrown: unknown) => thrown);
    expect((error as LaunchError).message).toBe('There is no command "apmi". Did you mean apim?');
    expect(error).toBeInstanceOf(LaunchError);
  });
});

test('an instance may be called help', async () => {
  expect(await parseCommandLine(['stop', 'help'])).toMatchObject({ kind: 'command', words: ['help'] });
});

test.each([[['--version']], [['mi', '--version']]])('%j is the version', async (head) => {
  expect(await textOf(...head)).toBe('0.0.0\n');
});
