// Loaded into each Node program of a round: its wall clock is as many milliseconds off as a file says, at any moment.
'use strict';
const { readFileSync } = require('node:fs');

const file = process.env.WSO2_FAULTS_CLOCK;
const TrueDate = Date;
const trueNow = Date.now;

function offset() {
  try {
    return Number(readFileSync(file, 'latin1')) || 0;
  } catch {
    return 0; // too few files may be open
  }
}

globalThis.Date = class extends TrueDate {
  constructor(...args) {
    if (args.length === 0) super(trueNow() + offset());
    else super(...args);
  }
  static now() {
    return trueNow() + offset();
  }
};
