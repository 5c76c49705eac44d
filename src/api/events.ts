import type { LaunchEvent as Event } from '../domain/events.js';
import { describeFailure, type LaunchError } from '../domain/failure.js';
import { maskedCommand } from '../domain/secrets.js';
import type { Wording } from '../domain/text.js';
import type { FailureReport, LaunchEvent } from './types.js';

export const SCHEMA_VERSION = 1;

export type FailedEvent = { readonly event: 'failed' } & FailureReport;

/** An event as it is told outside. */
export function eventDocument(
  event: Event | FailedEvent,
  name: string | null,
  atMs: number,
  wording: Wording,
): LaunchEvent {
  const { event: kind, ...fields } = forOthers(event, wording);
  const at = new Date(atMs).toISOString();
  return { schemaVersion: SCHEMA_VERSION, event: kind, at, name, ...fields } as LaunchEvent;
}

function forOthers(event: Event | FailedEvent, wording: Wording): Event | FailedEvent {
  if (event.event === 'ready') {
    const { boot: _, ...ready } = event;
    return { ...ready, warnings: event.warnings.map(wording) };
  }
  if (event.event === 'starting') return { ...event, command: maskedCommand(event.command) };
  if (event.event !== 'planned') return event;
  const { kernel: _, ...planned } = event;
  return planned;
}

export const failedEvent = (error: LaunchError, wording: Wording): FailedEvent => ({
  event: 'failed',
  ...failureReport(error, wording),
});

export function failureReport({ failure, lastLines, exitCode }: LaunchError, wording: Wording): FailureReport {
  const { message, hint } = describeFailure(failure);
  return {
    code: exitCode,
    failure: failure.kind,
    message: wording(message),
    hint: wording(hint),
    lastLines,
    ...('taken' in failure && { taken: failure.taken }),
    ...('lost' in failure && { lost: failure.lost }),
  };
}
