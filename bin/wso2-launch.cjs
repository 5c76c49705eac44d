#!/usr/bin/env node
'use strict';

// Unheard, it would have Node open its inspector: a door, and a port that a server may want.
process.on('SIGUSR1', () => {});

const { isBuilt, load } = require('./cached.cjs');

if (isBuilt()) {
  const main = loadMain();
  // Handles that nobody waits for any more must not keep the prompt away.
  main?.(process.argv.slice(2)).then((code) => process.exit(code));
} else {
  const { existsSync } = require('node:fs');
  const { resolve } = require('node:path');
  const root = resolve(__dirname, '..');
  const isClone = existsSync(resolve(root, 'scripts/setup.mjs'));
  const what = isClone ? 'not built: npm run setup' : 'files of the package are missing: install it again';
  console.error(`wso2-launch: ${what} (in ${root})`);
  process.exitCode = 3;
}

/** Undefined where it can't be loaded, which is told: nobody else could, of a system without a file left for instance. */
function loadMain() {
  try {
    return load('../dist/main.cjs').main;
  } catch (error) {
    console.error(`wso2-launch: can't be loaded: ${error.message}`);
    console.error('  Nothing was started. Make room for it (ulimit -n, ulimit -v), or install it again.');
    process.exitCode = 1;
  }
}
