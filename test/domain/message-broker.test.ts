import { describe, expect, test } from '@jest/globals';
import type { TakenPort } from '../../src/domain/failure.js';
import { brokerWarnings } from '../../src/domain/message-broker.js';

describe('a message broker on the broker port', () => {
  const taken = (name: string, command: string | null): TakenPort => ({ name, number: 5673, by: { pid: 77, command } });

  test.each(['beam.smp', 'rabbitmq-server', 'BEAM'])('is told where it is %s', (command) => {
    expect(brokerWarnings([taken('ws', 'beam.smp'), taken('amqp', command)])).toEqual([
      `Port 5673 (amqp) belongs to a message broker (${command}, pid 77): a server that wanted it too would end as soon as it failed to bind it.`,
    ]);
  });

  test.each<[string, TakenPort[]]>([
    ['nothing is taken', []],
    ['it has another port', [taken('amqp-ssl', 'beam.smp')]],
    ['it is another program', [taken('amqp', 'java')]],
    ['nobody knows the program', [taken('amqp', null)]],
    ['nobody was found', [{ ...taken('amqp', null), by: null }]],
  ])('is not told where %s', (_what, ports) => {
    expect(brokerWarnings(ports)).toEqual([]);
  });
});
