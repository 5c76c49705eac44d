import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/**
 * What we say of a home with each of these files as its deployment.toml, by the files' names: `{ refusal }`, or `ports`
 * by theirs, `settings` by keys and the `warnings`; `{ fault }` is one of ours.
 * @param setting `env` and `properties` of the server, and the `keys` whose values are wanted
 */
export async function ourVerdicts(files, { product, home, toml }, { env, properties, keys, folder }) {
  const {
    effectivePorts,
    inspectHome,
    LaunchError,
    locateHome,
    nodeSystem,
    offsetRange,
    parseScriptArguments,
    readSettings,
  } = await sources(folder);
  const system = { ...nodeSystem, env };
  const script = parseScriptArguments(Object.entries(properties).map(([name, value]) => `-D${name}=${value}`));
  const request = { product, named: { path: home, by: '--home' }, script, isOffsetPassed: false };

  const verdictOn = ({ bytes }) => {
    writeFileSync(toml, bytes);
    try {
      const { ports, configured, warnings } = inspectHome(request, system);
      const { min: offset } = offsetRange({ kind: 'configured' }, configured, ports);
      const { setting } = readSettings({ ...request, ...locateHome(request, system) }, system).sources;
      return {
        ports: Object.fromEntries(effectivePorts(ports, offset).map(({ name, number }) => [name, number])),
        settings: Object.fromEntries(keys.map((key) => [key, setting(key)?.value])),
        warnings,
      };
    } catch (error) {
      return error instanceof LaunchError ? { refusal: error.failure.what } : { fault: String(error) };
    }
  };
  return new Map(files.map((file) => [file.name, verdictOn(file)]));
}

/** The sources themselves, bundled for this one run. */
async function sources(folder) {
  const outfile = join(folder, 'sources.cjs');
  const contents = `
    export { parseScriptArguments } from './src/domain/command.ts';
    export { LaunchError } from './src/domain/failure.ts';
    export { offsetRange } from './src/domain/offsets.ts';
    export { effectivePorts } from './src/domain/ports.ts';
    export { readSettings } from './src/home/configuration.ts';
    export { inspectHome } from './src/home/inspect.ts';
    export { locateHome } from './src/home/locate.ts';
    export { nodeSystem } from './src/system/index.ts';`;
  const stdin = { contents, resolveDir: root, loader: 'ts' };
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
  return createRequire(import.meta.url)(outfile);
}
