import { constants } from 'node:os';
import type { Exit } from './spawning.js';

/** The exit code by which a shell tells how a process ended, one that a signal has ended among them. */
export const codeOfExit = ({ code, signal }: Exit): number => code ?? 128 + constants.signals[signal as NodeJS.Signals];
