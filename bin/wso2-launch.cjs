#!/usr/bin/env node
'use strict';

const { main } = require('./cached.cjs').load('../dist/main.cjs');

// Handles that nobody waits for any more must not keep the prompt away.
main(process.argv.slice(2)).then((code) => process.exit(code));
