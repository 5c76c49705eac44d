import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { prepareStateFolder, RUNNERS, stateFolder } from '../state/folder.js';
import { nodeSystem } from '../system/index.js';
import type { ServerSpecs } from './types.js';

/** The servers and hooks that a configuration wants around its tests. */
export interface Registration {
  readonly servers: ServerSpecs;
  readonly globalSetup?: string | undefined;
  readonly globalTeardown?: string | undefined;
}

/**
 * The registrations of this process, by their number. Jest reads its configuration and runs its global hooks in one
 * process, so that neither the options nor what is secret among them have to be written anywhere.
 */
const REGISTRY = Symbol.for('wso2-launch/jest');

function registry(): Map<string, Registration> {
  const shared = globalThis as { [REGISTRY]?: Map<string, Registration> };
  shared[REGISTRY] ??= new Map();
  return shared[REGISTRY];
}

/** The registration of a number; undefined for one of another process. */
export const registrationOf = (id: string): Registration | undefined => registry().get(id);

/**
 * The modules that Jest is to run for a registration. It knows them by their paths, and runs each path once for all the
 * projects that name it: each registration has files of its own, which hold no more than its number.
 * @throws LaunchError `unusable-state-folder`, or the system's error
 */
export function registerHooks(registration: Registration): { globalSetup: string; globalTeardown: string } {
  const known = registry();
  const id = idOf(registration, known);
  known.set(id, registration);
  return { globalSetup: hookFile('setup', id), globalTeardown: hookFile('teardown', id) };
}

/** A configuration that is read again gets the number that it had. */
function idOf(registration: Registration, known: ReadonlyMap<string, Registration>): string {
  const text = JSON.stringify(registration);
  const same = [...known].find(([, other]) => JSON.stringify(other) === text);
  return same?.[0] ?? String(known.size + 1);
}

function hookFile(hook: 'setup' | 'teardown', id: string): string {
  const hooks = join(__dirname, 'jest-hooks.cjs');
  const folder = join(stateFolder(), RUNNERS);
  const installation = createHash('sha256').update(hooks).digest('hex').slice(0, 12);
  const file = join(folder, `jest-${installation}-${id}-${hook}.cjs`);
  const text = `module.exports = require(${JSON.stringify(hooks)}).${hook}(${JSON.stringify(id)}, __filename);\n`;
  prepareStateFolder(stateFolder());
  nodeSystem.files.makePrivateFolder(folder);
  write(file, text);
  return file;
}

/** Several runs at once write the same: each has a draft of its own, which takes the file's place as a whole. */
function write(file: string, text: string): void {
  const { files, pid } = nodeSystem;
  if (files.readText(file) === text) return;
  const draft = `${file}.${pid}`;
  try {
    files.replaceText(draft, text);
    files.rename(draft, file);
  } catch (error) {
    files.remove(draft);
    // Windows lets nobody replace a file that another run just reads.
    if (files.readText(file) !== text) throw error;
  }
}
