import { spawnSync } from 'node:child_process';
import { closeSync, constants, createReadStream, existsSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { isAlive, leaseFilesOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('last-words');

let sandbox: Sandbox;
let pipe: FullPipe;
beforeEach(() => {
  sandbox = new Sandbox();
  pipe = new FullPipe(join(sandbox.folder, 'pipe'));
});
afterEach(async () => {
  pipe.close();
  await sandbox.close();
});

/** A pipe that takes nothing more until somebody reads it. */
class FullPipe {
  readonly #room: number;
  #fd: number | undefined;

  constructor(readonly path: string) {
    spawnSync('mkfifo', [path]);
    this.#fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    let written = 0;
    try {
      for (;;) written += writeSync(this.#fd, Buffer.alloc(4096, '\n'));
    } catch {
      this.#room = written; // full
    }
  }

  /** Everything that has been, and will be, written into it, but for what it was filled with. */
  async read(): Promise<string> {
    const chunks: Buffer[] = [];
    const reader = createReadStream(this.path); // before our own end goes: there is always one who reads
    await new Promise((resolve) => reader.once('open', resolve));
    this.close();
    for await (const chunk of reader) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8').slice(this.#room);
  }

  /** Nobody reads it any more. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** A launch whose output goes into the pipe: stdout, or stderr as well. */
function launchInto(streams: '>' | '2>' | '2>&1 >', home: string, more: readonly string[]): Cli {
  const into = streams === '2>&1 >' ? `> '${pipe.path}' 2>&1` : `${streams} '${pipe.path}'`;
  const through = ['/bin/sh', '-c', `exec "$@" ${into}`, 'sh', process.execPath];
  return sandbox.start(['mi', '--home', home, '-a', '--min-offset', String(MIN), ...more], { through });
}

const crashing = (): string => sandbox.home('mi', { behaviour: { exitAtBoot: 3 } });

/** More than a second, for which alone readers were waited for once. No condition tells that somebody goes on waiting. */
async function expectPatience(cli: Cli): Promise<void> {
  const sinceMs = performance.now();
  await until('two seconds to pass', () => performance.now() - sinceMs > 2_000);
  expect(isAlive(cli.pid)).toBe(true);
}

describe('a reader that takes nothing for a while gets everything in the end', () => {
  test('the event that tells how it ended', async () => {
    const cli = launchInto('>', crashing(), ['--json']);
    await until('the error on stderr', () => cli.stderr.includes('wso2-launch: '));
    await expectPatience(cli);
    const lines = (await pipe.read()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['planned', 'starting', 'failed']);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
  });

  test('the error in words', async () => {
    const cli = launchInto('2>', crashing(), ['--json']);
    await cli.event('failed');
    await expectPatience(cli);
    expect(await pipe.read()).toMatch(/^wso2-launch: .*\n {2}.*\n/);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
  });

  test("the server's own output", async () => {
    const cli = launchInto('>', crashing(), []);
    const log = join(sandbox.state, 'logs/mi.log');
    await until('the end of the launch', () => existsSync(log) && leaseFilesOf(sandbox.state).length === 0);
    await expectPatience(cli);
    const output = await pipe.read();
    expect(output.length).toBeGreaterThan(0);
    expect(output.length).toBe(statSync(log).size);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
  });
});

describe('one that takes nothing and never will', () => {
  test('is not waited for once it is gone', async () => {
    const cli = launchInto('>', crashing(), ['--json']);
    await until('the error on stderr', () => cli.stderr.includes('wso2-launch: '));
    pipe.close();
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(cli.stderr).not.toMatch(/EPIPE|fault/);
  });

  test('can be left with Ctrl-C', async () => {
    const cli = launchInto('>', crashing(), ['--json']);
    await until('the error on stderr', () => cli.stderr.includes('wso2-launch: '));
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
  });
});
