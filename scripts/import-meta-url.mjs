import { pathToFileURL } from 'node:url';

/**
 * `import.meta.url` in the bundle. yargs looks for node_modules in its own path, and without one asks for the current
 * folder, which may be gone.
 */
export const importMetaUrl = pathToFileURL(`${__dirname}/node_modules/main.cjs`).href;
