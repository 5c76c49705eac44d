import { join } from 'node:path';
import type { Host } from '../host.js';
import { posixHost } from '../posix/host.js';

export const macosHost: Host = {
  ...posixHost,
  statePlace: (_env, userFolder) => join(userFolder(), 'Library/Application Support'),
};
