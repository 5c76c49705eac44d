import type { LaunchEvent as Event } from '../domain/events.js';
import { describeFailure, type LaunchError } from '../domain/failure.js';
import { maskedCommand } from '../domain/secrets.js';
import type { FailureReport, LaunchEvent } from './types.js';

export const SCHEMA_VERSION = 1;

export type FailedEvent = { readonly event: 'failed' } & FailureReport;

/** An event as it is told outside. */
export function eventDocument(event: Event | FailedEvent, name: string | null, atMs: number): LaunchEvent {
  const { event: kind, ...fields } = forOthers(event);
  const at = new Date(atMs).toISOString();
  return { schemaVersion: SCHEMA_VERSION, event: kind, at, name, ...fields } as LaunchEvent;
}

function forOthers(event: Event | FailedEvent): Event | FailedEvent {
  if (event.event === 'starting') return { ...event, command: maskedCommand(event.command) };
  if (event.event !== 'planned') return event;
  const { kernel: _, ...planned } = event;
  return planned;
}

export const failedEvent = (error: LaunchError): FailedEvent => ({ event: 'failed', ...failureReport(error) });

export function failureReport({ failure, lastLines, exitCode }: LaunchError): FailureReport {
  const { message, hint } = describeFailure(failure);
  return {
    code: exitCode,
    failure: failure.kind,
    message,
    hint,
    lastLines,
    ...('taken' in failure && { taken: failure.taken }),
    ...('lost' in failure && { lost: failure.lost }),
  };
}
