/**
 * `import.meta.url` in the bundle. yargs looks for node_modules in its own path, and without one asks for the current
 * folder, which may be gone.
 */
export const importMetaUrl = new URL('node_modules/main.cjs', `file://${encodeURI(__dirname)}/`).href;
