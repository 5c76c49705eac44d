// Everything that the project needs before it can be run or tested: its packages, as locked, and its bundle.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);

// npm writes this file last, so that an install that was cut off is done again. Not `npm ci`: that refuses a lock
// file without other platforms' optional packages, and a registry's mirror may not have them all.
if (at('node_modules/.package-lock.json') < at('package-lock.json')) {
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts']);
}
if (at('dist/main.cjs') < newestIn(['src', 'scripts', 'package-lock.json', 'package.json']))
  run(process.execPath, ['scripts/build.mjs']);

function newestIn(paths) {
  return Math.max(
    ...paths.map((path) => {
      if (!statSync(join(root, path)).isDirectory()) return at(path);
      return newestIn(readdirSync(join(root, path)).map((entry) => join(path, entry)));
    }),
  );
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
