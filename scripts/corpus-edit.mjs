// Sets the offset in each configuration file of a folder and puts the former one back, as the file is, with the line
// ends of Windows, with those of Unix, and with a byte order mark; the bytes have to be the same again:
// WSO2_CONFIG_CORPUS=DIR node scripts/corpus-edit.mjs

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const corpus = process.env['WSO2_CONFIG_CORPUS'];
if (!corpus || !existsSync(corpus)) {
  process.stderr.write('WSO2_CONFIG_CORPUS has to name a folder of configuration files.\n');
  process.exit(2);
}

const N = 4321;
const FORMS = {
  LF: (text) => text.replaceAll('\r\n', '\n'),
  CRLF: (text) => text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'),
  BOM: (text) => `\ufeff${text}`,
};

const { editToml, editYaml } = await editors();
const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).sort();
const kinds = {
  'deployment.toml': thereAndBackToml,
  'deployment.yaml': thereAndBackYaml,
};
for (const [name, thereAndBack] of Object.entries(kinds)) {
  const found = files.filter((file) => basename(file) === name);
  for (const [form, shape] of Object.entries(FORMS)) {
    const bad = found.flatMap((file) => {
      const fault = thereAndBack(shape(readFileSync(join(corpus, file), 'utf8')));
      return fault ? [`  ${file}: ${fault}\n`] : [];
    });
    process.stdout.write(`${name} as ${form}: ${found.length - bad.length} of ${found.length}\n${bad.join('')}`);
    if (bad.length > 0) process.exitCode = 1;
  }
}

/** What is wrong; undefined where all is well. */
function thereAndBackToml(text) {
  const { from, to, after } = editToml(text, N);
  if (to?.integer !== N) return 'it was not set';
  if (changedLines(text, after) > 1 && !after.startsWith(text)) return 'more than one line changed';
  // A commented line tells what stood there before as well.
  const commented = /^#\s*offset\s*=\s*(\d+)/.exec(text.split('\n')[to.line - 1])?.[1];
  if (!from && commented === undefined) return undefined;
  const back = editToml(after, from ? from.integer : Number(commented)).after;
  // Commented out it stands right behind its mark, as in most of them it did before.
  const isBack = from ? back === text : editToml(back, undefined).after === text.replace(/^#\s+(?=offset\s*=)/m, '#');
  return isBack ? undefined : 'the former bytes are not back';
}

function thereAndBackYaml(text) {
  for (const movesHttp of [true, false]) {
    const { after, from } = editYaml(text, N, movesHttp);
    const [old, made] = [text, after].map((one) => one.split('\n'));
    const changed = made.filter((line, index) => line !== old[index]);
    const isWanted = (line) => /^ +(offset|port): *\d+\r?$/.test(line);
    if (old.length !== made.length || changed.length === 0 || !changed.every(isWanted)) return 'other lines changed';
    if (editYaml(after, from.integer, movesHttp).after !== text) return 'the former bytes are not back';
  }
  return undefined;
}

function changedLines(before, after) {
  const [old, made] = [before, after].map((text) => text.split('\n'));
  let start = 0;
  while (start < old.length && old[start] === made[start]) start++;
  let same = 0;
  while (same < Math.min(old.length, made.length) - start && old.at(-1 - same) === made.at(-1 - same)) same++;
  return Math.max(old.length, made.length) - start - same;
}

/** The sources themselves, bundled for this one run. */
async function editors() {
  const folder = mkdtempSync(join(tmpdir(), 'wso2-launch-corpus-'));
  try {
    const outfile = join(folder, 'editors.cjs');
    const contents = `
      export { changeOffset } from './src/domain/offset-file.ts';
      export { tomlOffset } from './src/domain/toml-edit.ts';
      export { deploymentYamlOffset } from './src/domain/deployment-yaml-edit.ts';`;
    const stdin = { contents, resolveDir: root, loader: 'ts' };
    await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning' });
    const made = createRequire(import.meta.url)(outfile);
    return {
      editToml: (text, offset) => made.changeOffset(made.tomlOffset, text, 'toml', { offset, isForced: true }),
      editYaml: (text, offset, movesHttp) =>
        made.changeOffset(made.deploymentYamlOffset({ movesHttp, shipped: 0 }), text, 'yaml', {
          offset,
          isForced: false,
        }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
