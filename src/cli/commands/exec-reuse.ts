import type { BesideCommand } from '../../api/internal/beside.js';
import { type Reusable, runBesideShared } from '../../api/internal/beside-shared.js';
import type { Instance } from '../../api/internal/instances.js';
import type { LaunchRequest } from '../../api/internal/request.js';
import { factsOf } from '../../domain/catalogue.js';
import { LaunchError } from '../../domain/failure.js';
import { exitCodeOf } from '../../domain/launch-end.js';
import { listenForInterrupts } from '../../system/interrupts.js';
import type { Context } from '../main.js';
import { announce } from './launch.js';

/** Runs the command beside a server that others may use as well: its exit code. */
export async function execShared(request: LaunchRequest, command: BesideCommand, context: Context): Promise<number> {
  const { reporter } = context;
  const { asked, insisted, stop } = listenForInterrupts();
  try {
    const end = await runBesideShared(request, command, {
      asked,
      insisted,
      words: process.argv.slice(2),
      warn: reporter.warn,
      named: (name) => {
        reporter.name = name;
      },
      hear: announce(context),
      choose: (reusable) => choose(reusable, request),
    });
    return exitCodeOf(end);
  } finally {
    stop();
  }
}

/** @throws LaunchError `usage` where it is not clear what is meant */
function choose(reusable: Reusable, { product }: LaunchRequest): Instance | undefined {
  switch (reusable.kind) {
    case 'one':
      return reusable.instance;
    case 'none':
      if (reusable.canLaunch) return undefined;
      throw new LaunchError({
        kind: 'usage',
        what: `No ${product ? factsOf(product).title : 'server'} is running that could be reused.`,
        hint: 'Name a home with --home, or change into it: then it is launched.',
      });
    case 'several':
      throw new LaunchError({
        kind: 'usage',
        what: `--reuse has to be told which: ${reusable.names.join(', ')} are running.`,
        hint: 'Name one with --name, or its home with --home.',
      });
  }
}
