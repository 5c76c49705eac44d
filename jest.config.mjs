export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // They have lanes of their own: npm run test:real, npm run test:examples.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/real/', '<rootDir>/test/examples/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // End-to-end tests share the machine's ports: their offsets are searched for, but two cores are two cores.
  maxWorkers: 2,
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/scripts/counting-reporter.mjs'],
};
