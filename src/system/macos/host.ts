import { join } from 'node:path';
import type { Host } from '../host.js';
import { posixHost } from '../posix/host.js';
import { posixJdkFolders } from '../posix/jdk-folders.js';

export const macosHost: Host = {
  ...posixHost,
  jdkFolders: (env, userFolder) => [
    ...['/', userFolder()].map((root) => {
      const path = join(root, 'Library/Java/JavaVirtualMachines');
      return { path, by: path };
    }),
    ...posixJdkFolders(env, userFolder),
  ],
  statePlace: (_env, userFolder) => join(userFolder(), 'Library/Application Support'),
};
