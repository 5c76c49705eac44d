import { resolve } from 'node:path';
import type { LaunchChange, WantedOffset } from '../../domain/launch-change.js';
import type { OffsetChoice } from '../../domain/offsets.js';
import { nodeSystem, type System } from '../../system/index.js';
import type { LaunchRequest } from './request.js';

/** An option that a request has a value for whether or not it is given. */
export type UsualOption =
  | 'debug'
  | 'followOffset'
  | 'jvmArgs'
  | 'maxRestarts'
  | 'readyTimeout'
  | 'restart'
  | 'sticky'
  | 'stopTimeout'
  | 'suspend';

/**
 * The change that a request means where only what is given of it counts; undefined where nothing is.
 * @param request of nothing but the options for a restart
 */
export function changeIn(
  request: LaunchRequest,
  isGiven: (option: UsualOption) => boolean,
  { currentFolder }: Pick<System, 'currentFolder'> = nodeSystem,
): LaunchChange | undefined {
  const { java, javaHome, readyPath, readyPattern, restart } = request;
  const change: LaunchChange = {
    ...request.lists,
    ...offsetIn(request.offset),
    ...(isGiven('sticky') && { isSticky: request.isSticky === true }),
    ...jvmIn(request, isGiven),
    ...(java && { java: java.feature }),
    ...(javaHome && { javaHome: resolve(currentFolder() ?? '/', javaHome.path) }),
    ...(isGiven('readyTimeout') && { readyTimeoutMs: request.readyTimeoutMs }),
    ...(readyPath !== undefined && { readyPath }),
    ...(readyPattern !== undefined && { readyPattern }),
    ...(isGiven('stopTimeout') && { stopTimeoutMs: request.stopTimeoutMs }),
    ...((isGiven('restart') || isGiven('maxRestarts')) && {
      restart: {
        ...(isGiven('restart') && { when: restart.when }),
        ...(isGiven('maxRestarts') && { most: restart.most }),
      },
    }),
    ...(isGiven('followOffset') && { followsOffset: request.followsOffset }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

function offsetIn(choice: OffsetChoice): { readonly offset?: WantedOffset } {
  switch (choice.kind) {
    case 'configured':
      return {};
    case 'fixed':
      return { offset: { kind: 'fixed', value: choice.offset.value } };
    case 'auto': {
      const { min, max } = choice;
      return { offset: { kind: 'auto', ...(min && { min: min.value }), ...(max && { max: max.value }) } };
    }
  }
}

function jvmIn(
  { script: { jvm } }: LaunchRequest,
  isGiven: (option: UsualOption) => boolean,
): Pick<LaunchChange, 'jvmArgs' | 'heapMiB' | 'debug' | 'suspends'> {
  const port = jvm?.debugger?.port;
  return {
    ...(isGiven('jvmArgs') && { jvmArgs: jvm?.args ?? [] }),
    ...(jvm?.heapMiB !== undefined && { heapMiB: jvm.heapMiB }),
    ...(isGiven('debug') && { debug: jvm?.debugger ? { ...(port !== undefined && { port }) } : false }),
    ...(isGiven('suspend') && { suspends: jvm?.debugger?.suspends === true }),
  };
}
