import { launchDetached } from '../../api/internal/detached.js';
import type { LaunchRequest } from '../../api/internal/request.js';
import { listenForInterrupts } from '../../system/interrupts.js';
import type { Context } from '../main.js';
import { announce } from './launch.js';

/** Launches a server in the background, and tells what happens until it is ready: its exit code. */
export async function runDetached(request: LaunchRequest, context: Context): Promise<number> {
  const { reporter } = context;
  const { asked, insisted, stop } = listenForInterrupts();
  try {
    const { code } = await launchDetached(request, {
      asked,
      insisted,
      words: process.argv.slice(2),
      warn: reporter.warn,
      named: (name) => {
        reporter.name = name;
      },
      hear: announce(context, true),
    });
    return code;
  } finally {
    stop();
  }
}
