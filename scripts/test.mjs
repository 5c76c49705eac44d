// Runs jest with ES modules. The flag goes to this one process: in NODE_OPTIONS it would reach every program under test.
// Two suites on one machine would take each other's ports: each has a network of its own, or they take turns.
import { spawn } from 'node:child_process';
import { networkOfItsOwn } from './network.mjs';
import { takeTurn } from './turn.mjs';

const network = networkOfItsOwn();
if (!network) {
  console.error('The tests share the network, for none of their own can be had (Linux, by unshare and ip).');
  await takeTurn('wso2-launch-tests', 'Waiting for the tests of another process on this network to end.');
}

const [file, ...args] = [
  ...(network ?? []),
  process.execPath,
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  ...process.argv.slice(2),
];
const jest = spawn(file, args, { stdio: 'inherit' });
jest.once('exit', (code, signal) => {
  process.exitCode = signal ? 1 : (code ?? 1);
});
