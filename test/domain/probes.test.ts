import { describe, expect, test } from '@jest/globals';
import type { PortHolder } from '../../src/domain/failure.js';
import { judge, judgeHealth, type ObservedPort, type PortState, type Verdict } from '../../src/domain/probes.js';

const STRANGER: PortHolder = { pid: 7, command: 'nginx' };
const NAMES = { main: 9443, other: 8243, side: 9099, far: 8099, debug: 5005 } as const;

const port = (name: keyof typeof NAMES, state: PortState['kind']): ObservedPort => ({
  name,
  number: NAMES[name],
  required: name === 'main' || name === 'other',
  state: state === 'foreign' ? { kind: 'foreign', by: STRANGER } : { kind: state },
});

const whole = [port('main', 'ours'), port('other', 'ours'), port('side', 'ours')];
const sideClosed = [port('main', 'ours'), port('side', 'closed'), port('far', 'closed')];
const mainClosed = [port('main', 'closed'), port('other', 'ours'), port('side', 'closed')];
const sideForeign = [port('main', 'closed'), port('side', 'foreign'), port('far', 'foreign')];

const listening = (...warnings: string[]): Verdict => ({ kind: 'listening', warnings });
const waiting = (...pending: string[]): Verdict => ({ kind: 'wait', pending });
const lostSides: Verdict = {
  kind: 'lost',
  lost: [
    { name: 'side', number: 9099, by: STRANGER },
    { name: 'far', number: 8099, by: STRANGER },
  ],
};

describe('one look at the ports', () => {
  test.each<[string, readonly ObservedPort[], number, boolean, Verdict]>([
    ['all ours', whole, 0, false, listening()],
    ['all ours, whatever the log says', whole, 60_000, true, listening()],
    ['no port at all', [], 0, false, listening()],
    ['an optional one closed at first', sideClosed, 0, false, waiting('9099 (side)', '8099 (far)')],
    ['an optional one closed for 1999 ms', sideClosed, 1999, false, waiting('9099 (side)', '8099 (far)')],
    [
      'an optional one closed for 2 s',
      sideClosed,
      2000,
      false,
      listening(
        "Port 9099 (side) is closed; what needs it won't work.",
        "Port 8099 (far) is closed; what needs it won't work.",
      ),
    ],
    [
      'an optional one closed, a failed bind in the log',
      [port('main', 'ours'), port('side', 'closed')],
      2000,
      true,
      listening("Port 9099 (side) is closed; what needs it won't work."),
    ],
    ['a required one closed at first', mainClosed, 0, true, waiting('9443 (main)')],
    ['a required one closed for 14,999 ms', mainClosed, 14_999, true, waiting('9443 (main)')],
    [
      'a required one closed for 15 s',
      mainClosed,
      15_000,
      false,
      { kind: 'never-opened', ports: [{ name: 'main', number: 9443 }] },
    ],
    [
      'a required one closed for 15 s, a failed bind in the log',
      mainClosed,
      15_000,
      true,
      { kind: 'lost', lost: [{ name: 'main', number: 9443, by: null }] },
    ],
    [
      'that of a debugger closed, which has come',
      [port('debug', 'closed')],
      0,
      false,
      { kind: 'listening', warnings: [] },
    ],
    ['somebody else on an optional one, at once', sideForeign, 0, false, lostSides],
    ['somebody else outranks what never opened', sideForeign, 15_000, false, lostSides],
    [
      'somebody else on a required one',
      [port('main', 'foreign')],
      0,
      false,
      { kind: 'lost', lost: [{ name: 'main', number: 9443, by: STRANGER }] },
    ],
  ])('%s', (_what, ports, sinceReadyLineMs, isPortInUseLogged, verdict) => {
    expect(judge({ ports, sinceReadyLineMs, isPortInUseLogged })).toEqual(verdict);
  });
});

describe('the answer to the health check', () => {
  const FAULTY = '{"status":"not ready, faulty CAPPs detected","Faulty CAPPs":["order_1.0.0.car","bill_2.0.0.car"]}';
  const OFF = 'The health check answers 404: the probe is switched off, so health is not known.';

  test.each<[number, string, ReturnType<typeof judgeHealth>]>([
    [200, '', { kind: 'passed' }],
    [200, FAULTY, { kind: 'passed' }],
    [404, '', { kind: 'passed', warning: OFF }],
    [
      500,
      FAULTY,
      {
        kind: 'passed',
        warning: 'Faulty CApps: order_1.0.0.car, bill_2.0.0.car. They stay out of service until deployed again.',
      },
    ],
    [500, '', { kind: 'failed', why: 'HTTP 500' }],
    [500, 'null', { kind: 'failed', why: 'HTTP 500' }],
    [500, '{"Faulty CAPPs":[]}', { kind: 'failed', why: 'HTTP 500' }],
    [500, '{"Faulty CAPPs":"order"}', { kind: 'failed', why: 'HTTP 500' }],
    [500, '<html>', { kind: 'failed', why: 'HTTP 500' }],
    [503, FAULTY, { kind: 'failed', why: 'HTTP 503' }],
    [204, '', { kind: 'failed', why: 'HTTP 204' }],
    [302, '', { kind: 'failed', why: 'HTTP 302' }],
    [401, '', { kind: 'failed', why: 'HTTP 401' }],
  ])('%d %s', (status, body, result) => {
    expect(judgeHealth(status, body)).toEqual(result);
  });
});
