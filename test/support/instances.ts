import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { InstanceRecord } from '../../src/domain/instance.js';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import type { Cli, CliOptions, JsonEvent } from './cli.js';
import { isFree, leaseFilesOf } from './machine.js';
import type { Sandbox } from './sandbox.js';
import { until } from './wait.js';

/** An instance as `ps --json` shows it. */
export interface Shown extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly status: string;
  readonly home: string;
  readonly offset: number;
  readonly pid: number | null;
  readonly supervisorPid: number | null;
  readonly restarts: number;
  readonly logFile: string;
}

/** Launches of Micro Integrators in a test's sandbox, on the smallest free offset from some number on, and what is seen of them. */
export function instancesIn(sandboxNow: () => Sandbox, min: number) {
  const atFreeOffset = ['-a', '--min-offset', String(min)];

  const foreground = (home: string, more: readonly string[] = [], options: CliOptions = {}): Cli =>
    sandboxNow().start(['mi', '--home', home, ...atFreeOffset, '--json', ...more], options);

  const detaching = (home: string, more: readonly string[] = [], options: CliOptions = {}): Cli =>
    foreground(home, ['--detach', ...more], options);

  const misbehaving = (behaviour: StandInBehaviour, name = 'mi'): string => sandboxNow().home(name, { behaviour });

  /** Launches in the background, waits until it is ready, and returns that event. */
  async function detach(home: string, more: readonly string[] = [], options: CliOptions = {}): Promise<JsonEvent> {
    const cli = detaching(home, more, options);
    const ended = await cli.exited;
    expect({ ...ended, stderr: cli.stderr }).toMatchObject({ code: 0, signal: null });
    return cli.event('ready');
  }

  async function list(...more: readonly string[]): Promise<Shown[]> {
    const { code, stdout, stderr } = await sandboxNow().run(['ps', '--json', ...more]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { instances } = JSON.parse(stdout) as { instances: Shown[] };
    // Servers that others have started elsewhere on this machine are none of this sandbox's.
    return instances.filter(({ home }) => home.startsWith(sandboxNow().folder));
  }

  async function shown(name = 'mi'): Promise<Shown> {
    const found = (await list('--all')).find((instance) => instance.name === name);
    if (!found) throw new Error(`ps does not show ${name}`);
    return found;
  }

  /** By its record: what `ps` makes of that is asked where it is the subject. */
  const untilStatus = (status: string, name = 'mi'): Promise<InstanceRecord> =>
    until(`${name} to be ${status}`, () =>
      sandboxNow().records.find((record) => record.name === name && record.status === status),
    );

  async function stop(...words: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await sandboxNow().run(['stop', ...words]);
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: '' });
  }

  const recordOf = (name = 'mi'): InstanceRecord => {
    const found = sandboxNow().records.find((record) => record.name === name);
    if (!found) throw new Error(`no record of ${name}`);
    return found;
  };

  const fileOf = (name: string): string => join(sandboxNow().state, 'instances', `${name}.json`);

  const socketsLeft = (): string[] =>
    sandboxNow()
      .records.map(({ socket }) => socket)
      .filter((socket) => existsSync(socket));

  async function expectNothingLeft(...offsets: readonly number[]): Promise<void> {
    expect(sandboxNow().processes()).toEqual([]);
    expect(leaseFilesOf(sandboxNow().state)).toEqual([]);
    expect(socketsLeft()).toEqual([]);
    for (const offset of [min, ...offsets]) expect(await isFree(offset)).toBe(true);
  }

  /** As above, where somebody else than the command that has just ended is clearing up. */
  async function untilNothingIsLeft(): Promise<void> {
    await until(
      'everything to be gone',
      () =>
        sandboxNow().processes().length === 0 && leaseFilesOf(sandboxNow().state).length + socketsLeft().length === 0,
    );
    await expectNothingLeft();
  }

  return {
    atFreeOffset,
    foreground,
    detaching,
    misbehaving,
    detach,
    list,
    shown,
    untilStatus,
    stop,
    recordOf,
    fileOf,
    expectNothingLeft,
    untilNothingIsLeft,
  };
}

export const kinds = (cli: Cli): string[] => cli.events.map(({ event }) => event);
