/**
 * The guard on Windows, where no shell could be one: a Node process that waits on its input, which only the supervisor
 * holds. It speaks as the guard in `guard.ts` does; its arguments are the files to remove. A program of its own.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isSame, type ProcessIdentity, treeOf } from '../../domain/tree.js';
import { posixSpawning } from '../spawning.js';
import { windowsProcesses } from './processes.js';

const processes = windowsProcesses();
const PAUSE_MS = 200;
const TRIES = 50;

async function stopTree(leader: ProcessIdentity): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const rows = processes.snapshot();
    const orphans = processes.withVariable(rows, '', '', leader);
    const members = treeOf(rows, leader, ({ pid }) => orphans.has(pid));
    if (members.length === 0) return true;
    if (members.some((row) => isSame(row, leader))) await posixSpawning.killTree(leader.pid);
    for (const member of members) processes.signal(member, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return false;
}

async function main(files: readonly string[]): Promise<void> {
  let leader: ProcessIdentity | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, pid, startTime] = line.split(' ');
    if (word === 'done') return;
    leader = { pid: Number(pid), startTime: startTime ?? '' };
    process.stdout.write('watching\n');
  }
  const isOver = leader === undefined || (await stopTree(leader));
  if (isOver) for (const file of files) rmSync(file, { force: true });
}

process.stdout.on('error', () => {}); // the supervisor reads no more
void main(process.argv.slice(2)).then(() => process.exit(0));
