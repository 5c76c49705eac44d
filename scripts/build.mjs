// Bundles all into a few CommonJS files: loaded as they come, yargs and execa alone cost 240 ms a start.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// Made beside the old one and then put in its place: a program under test may be starting from it.
const made = join(root, `dist.${process.pid}`);
// Node shows the line of an error that nobody catches, which would be all of a file.
const style = { platform: 'node', target: 'node20.19', minify: true, lineLimit: 160, legalComments: 'none' };
const common = { ...style, absWorkingDir: root, bundle: true, outdir: made, logLevel: 'warning' };
const commonJs = { ...common, format: 'cjs', outExtension: { '.js': '.cjs' } };
const toCommonJs = {
  ...style,
  format: 'cjs',
  // Code run from V8's cache may require, not import.
  supported: { 'dynamic-import': false },
};

/** The programs: each is all that runs in its process. */
const PROGRAMS = ['cli/main', 'launch/supervisor'];
/** What others import, by the files that it is made from. */
const PUBLIC = ['api/index', 'adapters/jest', 'adapters/vitest', 'adapters/playwright'];
/** What test runners load or start of the adapters. */
const RUN = ['adapters/jest-hooks', 'adapters/vitest-setup', 'adapters/playwright-hold'];
/** What loads a file of the user's, which may be an ES module: a true import is kept in it. */
const IMPORTS = 'jest-hooks.cjs';
/** The library's functions load their parts with the compiled code that is kept of them, as the command does. */
const LIBRARY = 'index.cjs';
const withCachedParts = (code) =>
  code.replace(
    /(?<=\.then\(\(\)=>\w+\()require\("\.\/([\w-]+\.cjs)"\)/g,
    'require("../bin/cached.cjs").loadPart("$1")',
  );
/** The declarations that those of the public files need. */
const TYPES = [...PUBLIC, 'api/types', 'api/product', 'api/error', 'adapters/types'];
/** Modules of Node's own that take longer to load than all the rest of a short command. */
const SLOW_BUILTINS =
  /^node:(child_process|crypto|dns\/promises|fs\/promises|http|net|readline|stream|stream\/promises|tls|tty|zlib)$/;
/** What only some launches need, or only the help, by the file that holds it. */
const LIBRARIES = {
  'dot-properties': 'properties.cjs',
  execa: 'execa.cjs',
  fflate: 'fflate.cjs',
  saxes: 'saxes.cjs',
  yaml: 'yaml.cjs',
  yargs: 'yargs.cjs',
};
/** Those of which the one function is used that they export by default. */
const FUNCTIONS = ['yargs'];
const isLibrary = new RegExp(`^(${Object.keys(LIBRARIES).join('|')})$`);

/** Loads these when something of them is first used. */
const lazy = {
  name: 'lazy',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: SLOW_BUILTINS }, ({ path, namespace, kind }) => {
      if (namespace === 'lazy' || kind === 'dynamic-import') return undefined;
      return { path, namespace: 'lazy', sideEffects: false };
    });
    onResolve({ filter: isLibrary }, ({ path }) => ({ path, namespace: 'lazy', sideEffects: false }));
    onResolve({ filter: /./, namespace: 'lazy' }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /./, namespace: 'lazy' }, async ({ path }) => {
      const file = path in LIBRARIES ? `./${LIBRARIES[path]}` : path;
      // Node 23 and later also name what is no identifier: 'module.exports'.
      const isNamed = (name) => name !== 'default' && /^[\w$]+$/.test(name);
      const names = Object.keys(await import(path)).filter(isNamed);
      const getters = names.map((name) => `get ${name}() { return load().${name} }`);
      const its = FUNCTIONS.includes(path) ? '(...given) => load().default(...given)' : `{ ${getters} }`;
      return { contents: `let it; const load = () => (it ??= require('${file}')); module.exports = ${its}` };
    });
  },
};

const bundle = (names) => ({
  ...common,
  entryPoints: names.map((name) => `src/${name}.ts`),
  entryNames: '[name]',
  outExtension: { '.js': '.cjs' },
  write: false,
  metafile: true,
  plugins: [lazy],
  define: {
    WSO2_LAUNCH_VERSION: JSON.stringify(version),
    WSO2_LAUNCH_STAND_IN: '"stand-in-jvm.cjs"',
    // The parser of yargs asks for a way to require, for files that it is never told to read.
    'import.meta.url': '__filename',
  },
});
const parts = await Promise.all([
  // One file each: with the code that is kept of a command, it is there sooner than thirty small ones.
  build({ ...bundle(PROGRAMS), ...toCommonJs }),
  // A file for each part that is loaded when it is wanted, for a host without kept code. Only the format of ES modules
  // is split like that; they load more slowly than CommonJS, so each is made into that.
  build({ ...bundle([...PUBLIC, ...RUN]), format: 'esm', splitting: true, chunkNames: '[name]-[hash]' }),
]);
mkdirSync(made);
for (const { path, text } of parts.flatMap(({ outputFiles }) => outputFiles)) {
  const options = basename(path) === IMPORTS ? { ...style, format: 'cjs' } : toCommonJs;
  const { code } = await transform(text, options);
  writeFileSync(path, basename(path) === LIBRARY ? withCachedParts(code) : code);
}
const libraries = await build({
  ...commonJs,
  define: { 'import.meta.url': 'importMetaUrl' },
  inject: ['./scripts/import-meta-url.mjs'],
  // The help is ASCII; the real one builds an Intl.Segmenter and an emoji expression at every start.
  alias: { 'string-width': './scripts/string-width.mjs' },
  entryPoints: Object.entries(LIBRARIES).map(([library, file]) => ({ in: library, out: file.replace('.cjs', '') })),
  metafile: true,
});
await build({
  ...commonJs,
  entryPoints: { 'stand-in-jvm': 'src/standin/jvm.ts', 'windows-guard': 'src/system/windows/guard.ts' },
});
// One class of errors for both: what imports gets what requires gets.
for (const name of [...PUBLIC, 'adapters/vitest-setup'].map((file) => basename(file))) {
  const names = Object.keys(createRequire(import.meta.url)(join(made, `${name}.cjs`)));
  const text = `import all from './${name}.cjs';\nexport const { ${names.join(', ')} } = all;\n`;
  writeFileSync(join(made, `${name}.mjs`), text);
}
await writeTypes();
// Compiled code is kept by this name, and only a bundle with all of its files is run: see bin/cached.cjs.
const id = createHash('sha256');
const files = readdirSync(made).filter((name) => name !== 'types');
for (const name of files) {
  const code = readFileSync(join(made, name));
  // The bundler escapes other characters, but in tagged templates: bin/cached.cjs, which reads bytes, would take each
  // of them for several.
  if (code.some((byte) => byte > 0x7f))
    throw new Error(`${name} is not ASCII: keep other characters out of templates with a tag.`);
  id.update(code);
}
writeFileSync(join(made, 'build.json'), `${JSON.stringify({ id: id.digest('hex').slice(0, 16), files })}\n`);
writeFileSync(
  join(made, 'THIRD-PARTY-LICENSES.txt'),
  licences([...parts, libraries].flatMap(({ metafile }) => Object.keys(metafile.inputs))),
);

replaceFolder(join(root, 'dist'), made);

/**
 * The types of what others import, once for each of the two ways: those of an ES module say nothing true of what is
 * required.
 */
async function writeTypes() {
  const all = join(made, 'declarations');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '--project', join(root, 'scripts/types.tsconfig.json'), '--outDir', all];
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('the types could not be written');
  const ids = (await productIds()).map((id) => `'${id}'`).join(' | ');
  writeFileSync(join(all, 'api/product.d.ts'), `/** The id of a product. */\nexport type Product = ${ids};\n`);
  for (const [folder, type] of [
    ['esm', 'module'],
    ['cjs', 'commonjs'],
  ]) {
    const types = join(made, 'types', folder);
    mkdirSync(types, { recursive: true });
    writeFileSync(join(types, 'package.json'), `${JSON.stringify({ type })}\n`);
    for (const name of TYPES) {
      mkdirSync(dirname(join(types, name)), { recursive: true });
      copyFileSync(join(all, `${name}.d.ts`), join(types, `${name}.d.ts`));
    }
  }
  rmSync(all, { recursive: true });
}

async function productIds() {
  const catalogue = { entryPoints: ['src/domain/catalogue.ts'], format: 'esm', write: false };
  const { outputFiles } = await build({ ...common, ...catalogue });
  const { PRODUCT_IDS } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return PRODUCT_IDS;
}

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
