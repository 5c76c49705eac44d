#!/usr/bin/env node
'use strict';

// SIGUSR1 without a listener has Node open its inspector: a way in, and a port that a server may want.
process.on('SIGUSR1', () => {});

const { isBuilt, load } = require('./cached.cjs');

if (isBuilt()) {
  const run = loadProgram();
  // Handles that nobody waits for any more must not keep the prompt away.
  run?.(process.argv.slice(2)).then((code) => process.exit(code));
} else {
  const { existsSync } = require('node:fs');
  const { resolve } = require('node:path');
  const root = resolve(__dirname, '..');
  const isClone = existsSync(resolve(root, 'scripts/setup.mjs'));
  const what = isClone ? 'not built: npm run setup' : 'files of the package are missing: install it again';
  console.error(`wso2-launch: ${what} (in ${root})`);
  process.exitCode = 3;
}

/**
 * The command line, or the supervisor where a launcher has started us to be one (src/launch/background.ts); undefined,
 * and told here, where it can't be loaded, for want of a file left for instance.
 */
function loadProgram() {
  try {
    const isSupervisor = process.env.WSO2LAUNCH_SUPERVISOR !== undefined;
    if (isSupervisor) return load('../dist/supervisor.cjs').superviseInBackground;
    return load('../dist/main.cjs', process.argv[2]).main;
  } catch (error) {
    console.error(`wso2-launch: can't be loaded: ${error.message}`);
    console.error('  Nothing was started. Make room for it (ulimit -n, ulimit -v), or install it again.');
    process.exitCode = 1;
  }
}
