import { expect } from '@jest/globals';
import type { ForeignProject, Program, ProgramOptions } from './foreign-project.js';
import { isFree, leaseFilesOf } from './machine.js';
import type { Sandbox } from './sandbox.js';
import { until } from './wait.js';

/** Programs of a project that hold the server of a home, on the smallest free offset from some number on. */
export function holdersIn(
  now: () => { readonly project: ForeignProject; readonly sandbox: Sandbox; readonly home: string },
  min: number,
) {
  const options = (more = ''): string =>
    `{ home: ${JSON.stringify(now().home)}, offset: 'auto', minOffset: ${min}, ${more} }`;

  return {
    /** The options of `acquire`, as source text. */
    options,

    /** A program that holds a server, tells its pid, gives it back at a word, and tells how that and its launch ended. */
    holder: (more = '', programOptions: ProgramOptions = {}): Program =>
      now().project.start(
        now().sandbox,
        `const server = await acquire('mi', ${options(more)});
        tell(server.pid);
        await word();
        tell(await server.stop());
        tell(await server.ended);`,
        programOptions,
      ),

    async untilNothingIsLeft(): Promise<void> {
      const { sandbox } = now();
      const left = (): readonly unknown[] => [...sandbox.processes(), ...leaseFilesOf(sandbox.state)];
      await until('the end of everything', () => left().length === 0, 30_000).catch((error: unknown) => {
        throw new Error(`${String(error)}: ${JSON.stringify([left(), sandbox.records])}`);
      });
      expect(await isFree(min)).toBe(true);
    },
  };
}

export async function giveBack(program: Program): Promise<void> {
  program.say('give it back');
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(program.stdout + program.stderr).toBe('');
}
