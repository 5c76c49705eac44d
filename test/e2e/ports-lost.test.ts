import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { kinds } from '../support/instances.js';
import { launchesIn, ourselves } from '../support/launches.js';
import { portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('ports-lost');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { auto, misbehaving, apim, failure } = launchesIn(() => sandbox, MIN);

const fixed = (home: string, offset: number, ...more: string[]): Cli =>
  sandbox.start(['mi', '--home', home, '--offset', String(offset), '--json', ...more]);

describe('ports that another program takes between choosing and binding', () => {
  test('move a launch that may choose to the next offset', async () => {
    const cli = auto(misbehaving({ bindAfterMs: 3000 }));
    await cli.event('starting');
    const management = portsAt(MIN)['management'] as number;
    await sandbox.hold(management);

    expect(await cli.event('ready')).toMatchObject({ offset: MIN + 1, warnings: [] });
    expect(await cli.event('retrying')).toMatchObject({
      offset: MIN,
      lost: [{ name: 'management', number: management, by: ourselves() }],
      nextOffset: MIN + 1,
    });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'retrying', 'starting', 'ready']);
  });

  test('end a launch with a fixed offset with code 9, which names the holder', async () => {
    const cli = fixed(misbehaving({ bindAfterMs: 3000 }), MIN);
    await cli.event('starting');
    const https = portsAt(MIN)['https'] as number;
    await sandbox.hold(https);

    const failed = await failure(cli);
    expect(failed).toMatchObject({
      code: 9,
      failure: 'ports-lost',
      lost: [{ name: 'https', number: https, by: ourselves() }],
    });
    expect(failed['message']).toContain(`pid ${process.pid}`);
    expect(kinds(cli)).not.toContain('ready');
  });

  test('are noticed by who holds them where the log tells nothing', async () => {
    const cli = fixed(misbehaving({ bindAfterMs: 3000, closedPorts: ['internal'] }), MIN);
    await cli.event('starting');
    const internal = portsAt(MIN)['internal'] as number;
    await sandbox.hold(internal);

    expect(await failure(cli)).toMatchObject({
      code: 9,
      lost: [{ name: 'internal', number: internal, by: ourselves() }],
    });
  });

  test('are lost to nobody known where only the log tells of them, after 15 seconds', async () => {
    const bootLine = 'java.net.BindException: Address already in use';
    const cli = fixed(misbehaving({ closedPorts: ['management'], bootLine }), MIN);

    expect(await failure(cli)).toMatchObject({
      code: 9,
      failure: 'ports-lost',
      lost: [{ name: 'management', number: portsAt(MIN)['management'], by: null }],
    });
  });

  test('end a launch with code 9 after three more tries', async () => {
    const cli = auto(misbehaving({ bindAfterMs: 2500 }));
    for (const nth of [1, 2, 3, 4]) {
      const { offset } = await cli.event('starting', nth);
      await sandbox.hold(portsAt(offset as number)['http'] as number);
    }
    const lost = [{ name: 'http', number: portsAt(MIN + 3)['http'], by: ourselves() }];
    const failed = await failure(cli);
    expect(failed).toMatchObject({ code: 9, failure: 'ports-lost', lost });
    expect(failed['message']).toContain('(4 tries)');
    const retries = cli.events.filter(({ event }) => event === 'retrying');
    expect(retries.map(({ offset, nextOffset }) => [offset, nextOffset])).toEqual([
      [MIN, MIN + 1],
      [MIN + 1, MIN + 2],
      [MIN + 2, MIN + 3],
    ]);
  });

  test('are noticed where they end the JVM before it is ready, as the message broker does', async () => {
    const cli = apim({ bindAfterMs: 3000 });
    await cli.event('starting');
    const amqp = portsAt(MIN, 'apim')['amqp'] as number;
    await sandbox.hold(amqp);

    expect(await cli.event('ready')).toMatchObject({ offset: MIN + 1 });
    expect(await cli.event('retrying')).toMatchObject({
      offset: MIN,
      lost: [{ name: 'amqp', number: amqp, by: ourselves() }],
      nextOffset: MIN + 1,
    });
  });
});
