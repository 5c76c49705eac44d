import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ForeignProject } from './foreign-project.js';

const run = promisify(execFile);

/** The version that the sources are built as once more. */
export const OTHER_VERSION = '0.99.0';

/** Builds these sources as another version, in a folder of its own, which whoever asks removes. */
export async function buildOtherVersion(): Promise<string> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-other-'));
  for (const part of ['src', 'scripts', 'bin', 'docs', 'tsconfig.json'])
    cpSync(part, join(folder, part), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  const manifest = { ...JSON.parse(readFileSync('package.json', 'utf8')), version: OTHER_VERSION };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  await run(process.execPath, ['scripts/build.mjs'], { cwd: folder });
  return folder;
}

/** Puts a package into a project that has brought its own copy of another version along, as npm nests it. */
export function addDependent(project: ForeignProject, other: ForeignProject): void {
  const dependent = join(project.folder, 'node_modules/dependent');
  const nested = join(dependent, 'node_modules/wso2-launch');
  cpSync(join(other.folder, 'node_modules/wso2-launch'), nested, { recursive: true });
  writeFileSync(join(dependent, 'package.json'), '{"name": "dependent", "version": "1.0.0", "main": "index.cjs"}\n');
  writeFileSync(join(dependent, 'index.cjs'), "module.exports = require('wso2-launch');\n");
}
