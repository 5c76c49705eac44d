import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** The base ports of API Manager 4.x. */
export const APIM_BASES = [9443, 9763, 8280, 8243, 9099, 8099, 9021, 8021, 5672, 8672, 9611, 9711, 10711, 9999, 11111];

/** A folder of our own that is gone at the end. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'wso2-launch-bench-'));
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) };
}

/** One CommonJS file of a program, made like the product's own bundle. */
export async function bundle(outfile, { entry, text, nodePaths = [] }) {
  const source =
    text === undefined ? { entryPoints: [join(here, entry)] } : { stdin: { contents: text, resolveDir: here } };
  await build({
    ...source,
    outfile,
    nodePaths,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minify: true,
    supported: { 'dynamic-import': false },
    logLevel: 'error',
  });
  return outfile;
}
