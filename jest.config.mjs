export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // End-to-end tests mostly wait: a third worker on two cores takes two fifths off the whole.
  maxWorkers: 3,
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/scripts/counting-reporter.mjs'],
};
