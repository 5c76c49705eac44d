import { createHash } from 'node:crypto';
import type { LaunchRequest } from './request.js';

/**
 * A key for what a server of a home was launched as: an equal request may use the server. Times that it may take are no
 * part of it. Arguments and variables may hold secrets, and the key is written down: only their sum is in it.
 */
export function sharingKey({
  name,
  profile,
  offset,
  isSticky,
  script,
  variables = {},
  changes,
  ownHome,
}: LaunchRequest): string {
  const given = JSON.stringify([
    script.others,
    Object.entries(variables).sort(),
    ...(script.jvm || changes ? [script.jvm ?? null, changes ?? null] : []),
  ]);
  const sum = given === '[[],[]]' ? '' : createHash('sha256').update(given).digest('hex');
  const key = [name ?? null, profile?.name ?? null, isSticky ? ['sticky'] : offsetKey(offset), sum];
  return JSON.stringify([...key, ...(ownHome ? ['private'] : [])]);
}

function offsetKey(offset: LaunchRequest['offset']): readonly unknown[] {
  switch (offset.kind) {
    case 'fixed':
      return [offset.kind, offset.offset.value];
    case 'auto':
      return [offset.kind, offset.min?.value ?? null, offset.max?.value ?? null];
    case 'configured':
      return [offset.kind];
  }
}
