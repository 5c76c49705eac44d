import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { expectNothingLeft, type KernelSandbox, row, times } from './row.js';

const cycles = times(3, 30);

/** The ways to start a server and to have it stopped, with the code that each ends with. */
const WAYS: readonly ((sandbox: KernelSandbox, home: string) => Promise<void>)[] = [
  async (sandbox, home) => {
    const cli = sandbox.launch(home);
    await cli.event('ready');
    cli.kill('SIGINT');
    expect((await cli.exited).code).toBe(130);
  },
  async (sandbox, home) => {
    expect((await sandbox.run(['server', '--home', home, '-d'])).code).toBe(0);
    expect((await sandbox.run(['stop', 'server'])).code).toBe(0);
  },
  async (sandbox, home) => {
    const command = [process.execPath, '-e', 'process.exit(process.env.WSO2_SERVER_OFFSET === "0" ? 42 : 1)'];
    expect((await sandbox.run(['exec', 'server', '--home', home, '--', ...command])).code).toBe(42);
  },
];

row(
  `${cycles} starts and stops of one home leave no process, lease, port or file`,
  async (sandbox) => {
    const home = sandbox.kernel();
    mkdirSync(sandbox.temporary);
    const before = readdirSync(home);
    for (let cycle = 0; cycle < cycles; cycle++) {
      await WAYS[cycle % WAYS.length]?.(sandbox, home);
      await expectNothingLeft(sandbox);
      expect(sandbox.records.filter(({ socket }) => existsSync(socket))).toEqual([]);
      expect(readdirSync(sandbox.temporary)).toEqual([]);
      // The server's own, which its next start replaces.
      expect(readdirSync(home).filter((name) => !before.includes(name))).toEqual(['backup', 'wso2carbon.pid']);
    }
    // What is known of the last one and of the home's two databases, and the five logs that are kept besides its own.
    const logs = ['', '.1', '.2', '.3', '.4', '.5'].slice(0, cycles).map((ending) => `logs/server.log${ending}`);
    const kept = filesIn(sandbox.state);
    expect(kept.filter((name) => name.startsWith('births/'))).toHaveLength(2);
    expect(kept.filter((name) => !name.startsWith('births/'))).toEqual(['instances/server.json', ...logs]);
  },
  { timeoutMs: cycles * 300_000 },
);

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
