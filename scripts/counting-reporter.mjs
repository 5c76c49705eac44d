import { mkdirSync, writeFileSync } from 'node:fs';

/** Writes the one line that tells how many tests there were, for readers that don't know jest's summary. */
export default class CountingReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    // A suite that could not even be loaded has failed too.
    const line = `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`;
    mkdirSync('.test-results', { recursive: true });
    writeFileSync('.test-results/summary.txt', `${line}\n`);
    console.log(line);
  }
}
