import { networkInterfaces } from 'node:os';
import { expect } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { isAll } from './lane.js';
import { ourselves, PORTS, row } from './row.js';

interface Holder {
  readonly host: string;
  readonly port: keyof typeof PORTS;
}

const HOLDERS: readonly Holder[] = [
  { host: '0.0.0.0', port: 'servlet-https' },
  { host: '127.0.0.1', port: 'servlet-http' },
  { host: '::1', port: 'jmx-registry' },
];
const hasIpv6 = Object.values(networkInterfaces()).some((of) => of?.some(({ address }) => address === '::1'));
const POSSIBLE = HOLDERS.filter(({ host }) => host !== '::1' || hasIpv6);

// The n-th holder stands in the way of offset n; one boot shows it of all.
for (const holders of [POSSIBLE, ...(isAll ? POSSIBLE.map((one) => [one]) : [])]) {
  const hosts = holders.map(({ host }) => host).join(', ');
  row(`-a beside ports taken on ${hosts} is ready on the smallest free offset`, async (sandbox) => {
    const taken = holders.map(({ host, port }, offset) => ({ host, offset, name: port, number: PORTS[port] + offset }));
    for (const { host, number } of taken) await sandbox.hold(number, host);

    const cli = sandbox.launch(sandbox.kernel(), ['-a']);
    expect(await cli.event('ready')).toMatchObject({ offset: holders.length, warnings: [] });
    expect((await cli.event('planned'))['skipped']).toMatchObject(
      taken.map(({ offset, name, number }) => ({ offset, port: { name, number }, by: ourselves() })),
    );
    cli.kill('SIGINT');
    expect((await cli.exited).code).toBe(130);
  });
}

/** Once the server has been started at offset 0, which took its ports for free. */
async function steal(cli: Cli, hold: (port: number) => Promise<unknown>, port: keyof typeof PORTS): Promise<object> {
  await cli.event('starting');
  await hold(PORTS[port]);
  return { name: port, number: PORTS[port], by: ourselves() };
}

const EVERY = Object.keys(PORTS) as (keyof typeof PORTS)[];

for (const port of isAll ? EVERY : (['servlet-https'] as const)) {
  row(`${port} stolen after choosing moves a launch that may choose to the next offset`, async (sandbox) => {
    const cli = sandbox.launch(sandbox.kernel(), ['-a']);
    const lost = [await steal(cli, (number) => sandbox.hold(number), port)];

    // By then the server may have made its database, at the offset that was lost.
    const warnings = (await cli.event('ready'))['warnings'] as readonly string[];
    expect(warnings.filter((text) => !text.includes('first started at offset 0, not 1'))).toEqual([]);
    expect(await cli.event('ready')).toMatchObject({ offset: 1 });
    expect(await cli.event('retrying')).toMatchObject({ offset: 0, lost, nextOffset: 1 });
    cli.kill('SIGINT');
    expect((await cli.exited).code).toBe(130);
  });
}

for (const port of isAll ? EVERY : (['jmx-registry'] as const)) {
  row(
    `${port} stolen after choosing ends a launch with a fixed offset with code 9 and the thief's name`,
    async (sandbox) => {
      const cli = sandbox.launch(sandbox.kernel(), ['--offset', '0']);
      const lost = [await steal(cli, (number) => sandbox.hold(number), port)];

      expect((await cli.exited).code).toBe(9);
      const failed = await cli.event('failed');
      expect(failed).toMatchObject({ code: 9, failure: 'ports-lost', lost });
      expect(failed['message']).toContain(`pid ${process.pid}`);
      expect(cli.events.map(({ event }) => event)).not.toContain('ready');
    },
  );
}
