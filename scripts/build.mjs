// Bundles the CLI into one CommonJS file: loaded as they come, yargs and execa alone cost 240 ms a start.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// Made beside the old one and then put in its place: a program under test may be starting from it.
const made = join(root, `dist.${process.pid}`);
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minify: true,
  keepNames: false,
  legalComments: 'none',
  // Code run from V8's cache may require, not import.
  supported: { 'dynamic-import': false },
  metafile: true,
  logLevel: 'warning',
};
const main = await build({
  ...common,
  entryPoints: ['src/cli/main.ts'],
  outfile: join(made, 'main.cjs'),
  define: {
    WSO2_LAUNCH_VERSION: JSON.stringify(version),
    WSO2_LAUNCH_STAND_IN: '"stand-in-jvm.cjs"',
    'import.meta.url': 'importMetaUrl',
  },
  // yargs looks for node_modules in its own path, and without one asks for the current folder, which may be gone.
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__dirname + '/node_modules/main.cjs').href;" },
  // The help is ASCII; the real one builds an Intl.Segmenter and an emoji expression at every start.
  alias: { 'string-width': './scripts/string-width.mjs' },
});
await build({ ...common, entryPoints: ['src/standin/jvm.ts'], outfile: join(made, 'stand-in-jvm.cjs') });
await build({ ...common, entryPoints: ['src/system/windows-guard.ts'], outfile: join(made, 'windows-guard.cjs') });
// Compiled code is kept by this name: see bin/cached.cjs.
const id = createHash('sha256')
  .update(readFileSync(join(made, 'main.cjs')))
  .digest('hex')
  .slice(0, 16);
writeFileSync(join(made, 'build.json'), `${JSON.stringify({ id })}\n`);
writeFileSync(join(made, 'THIRD-PARTY-LICENSES.txt'), licences(Object.keys(main.metafile.inputs)));

replaceFolder(join(root, 'dist'), made);

function replaceFolder(folder, by) {
  const old = `${by}.old`;
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(by, folder);
  rmSync(old, { recursive: true, force: true });
}

/** The licence texts of everything that the bundle carries. */
function licences(inputs) {
  const names = new Set(inputs.flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[0] ?? []));
  return [...names]
    .sort()
    .map((folder) => {
      const { name, version: its, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text =
        file && existsSync(join(root, folder, file))
          ? readFileSync(join(root, folder, file), 'utf8')
          : `License: ${license}\n`;
      return `${name} ${its}\n\n${text}`;
    })
    .join(`\n${'-'.repeat(72)}\n\n`);
}
