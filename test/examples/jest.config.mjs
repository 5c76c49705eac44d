import base from '../../jest.config.mjs';

export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/examples'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Runners that start runners, on a machine that may be busy.
  testTimeout: 180_000,
  reporters: ['default', ['<rootDir>/scripts/counting-reporter.mjs', { file: process.env['EXAMPLES_COUNT'] }]],
};
