import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeBroker, judgePorts } from '../../src/doctor/ports.js';
import { Examination } from '../support/examination.js';
import { liveLease, processRow } from '../support/fake-system.js';
import { inWords, one, troubles } from '../support/findings.js';

const SUBJECT = { id: 'apim', home: '/opt/my am' };

describe('ports that are taken', () => {
  const taken = [{ name: 'amqp', number: 5672, by: { pid: 7, command: 'beam.smp' } }];
  const found = { offset: 0, taken, fixed: [], free: 1, unbeatable: undefined };
  const what = 'error ports-taken: At offset 0 not every port is free: port 5672 (amqp), held by beam.smp, pid 7.';

  test.each<[what: string, more: object, words: string]>([
    ['none', { taken: [], free: 0 }, 'ok ports-taken'],
    [
      'at this offset only',
      {},
      `${what} → The smallest free offset is 1: wso2-launch apim --home '/opt/my am' --offset 1`,
    ],
    [
      'where nothing passed changes the offset',
      { unbeatable: 'carbon.properties:3' },
      `${what} → The smallest free offset is 1: change portOffset in carbon.properties:3`,
    ],
    ['at every offset', { free: undefined }, `${what} → Stop what holds these ports: no other offset is free either.`],
    [
      'that no offset moves',
      { free: undefined, fixed: [{ name: 'amqp', number: 5672 }] },
      `${what} → amqp 5672 is fixed, so that no offset helps: give the server another port there, or come back when it is free.`,
    ],
  ])('%s', (_what, more, words) => {
    expect(inWords(judgePorts({ ...found, ...more }, SUBJECT))).toBe(words);
  });
});

test.each<[what: string, warnings: readonly string[], words: string]>([
  ['no broker', [], 'ok message-broker'],
  [
    'a broker',
    ['It is RabbitMQ.'],
    "warning message-broker: It is RabbitMQ. → Stop the broker, or move the server: wso2-launch apim --home '/opt/my am' --auto-offset",
  ],
])('%s', (_what, warnings, words) => {
  expect(judgeBroker(warnings, SUBJECT).map(inWords)).toEqual([words]);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('a server of another home is in the way of the ports', async () => {
    examination.system.leases.live.push(liveLease({ name: 'blue', ports: [8290] }));
    const findings = await examination.findings(examination.home('mi', '4.4.0'));
    expect(troubles(findings)).toEqual(['error ports-taken']);
    expect(one(findings, 'ports-taken')).toMatchObject({
      what: expect.stringContaining('port 8290 (http), of instance blue'),
      mend: expect.stringContaining('The smallest free offset is 11: wso2-launch mi --home'),
    });
  });

  test('a message broker on the port of the own one is told beside the port', async () => {
    examination.system.processes.rows.push(processRow(70, { name: 'beam.smp' }));
    examination.system.sockets.listen(5672, 70);
    const findings = await examination.findings(examination.home('apim', '4.5.0'));
    expect(troubles(findings)).toEqual(['error ports-taken', 'warning message-broker']);
  });

  test('ports that no launcher could choose at the moment are told, and the rest with them', async () => {
    examination.system.sockets.listen(8290);
    Object.assign(examination.system.mutex, { acquire: async () => undefined, holder: () => 812 });
    const findings = await examination.findings(examination.home('mi', '4.4.0'));
    expect(troubles(findings)).toEqual(['warning unchecked']);
    expect(one(findings, 'unchecked').what).toContain('Not checked: the ports. Another wso2-launch');
    expect(findings.map(({ id }) => id)).toContain('literal-urls');
  });
});
