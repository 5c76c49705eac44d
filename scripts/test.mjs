// Runs jest with ES modules. The flag goes to this one process: in NODE_OPTIONS it would reach every program under test.
import { spawn } from 'node:child_process';

const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
jest.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
