import { availableParallelism } from 'node:os';

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // They have lanes of their own: npm run test:real, npm run test:examples.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/real/', '<rootDir>/test/examples/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // The servers of end-to-end tests wait most of the time: more files run at once than there are processors.
  maxWorkers: 2 * availableParallelism(),
  testSequencer: '<rootDir>/scripts/slowest-first.mjs',
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/scripts/counting-reporter.mjs'],
};
