// Everything that the project needs before it can be run or tested: its packages, as locked, and its bundle.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from '../bin/cached.cjs';
import { takeTurn } from './turn.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);

// npm writes this file last, so that an install that was cut off is done again.
const lacksPackages = () => at('node_modules/.package-lock.json') < at('package-lock.json');
const lacksBundle = () =>
  at('dist/main.cjs') < newestIn(['src', 'scripts', 'package-lock.json', 'package.json']) || !isBuilt();

if (lacksPackages() || lacksBundle()) {
  // npm ci begins by removing what is there, which another one may be about to use.
  const folder = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const giveBack = await takeTurn(`wso2-launch-setup-${folder}`, `Waiting for another setup of ${root} to end.`);
  // Without scripts: ours builds, which comes next. With what only tests and the build need, whatever NODE_ENV says.
  const quick = ['--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  if (lacksPackages()) run('npm', ['ci', ...quick]);
  if (lacksBundle()) run(process.execPath, ['scripts/build.mjs']);
  giveBack();
}

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
