import { expect, test } from '@jest/globals';
import { listenersIn } from '../../../src/system/windows/sockets.js';

const PORTS = new Set([8290, 8253, 9164]);

test('listeners are those with nobody at the other end, in any language, on any address', () => {
  const printed = [
    '',
    'Aktive Verbindungen',
    '',
    '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
    '  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         1032',
    '  TCP    0.0.0.0:8290           0.0.0.0:0              ABHÖREN         4711',
    '  TCP    127.0.0.1:8253         127.0.0.1:50123        HERGESTELLT     4711',
    '  TCP    [::]:9164              [::]:0                 ABHÖREN         4712',
    '  UDP    0.0.0.0:8253           *:*                                    4713',
    '',
  ].join('\r\n');
  expect(listenersIn(printed, PORTS)).toEqual([
    { port: 8290, id: '8290 of 4711', pids: [4711] },
    { port: 9164, id: '9164 of 4712', pids: [4712] },
  ]);
});

test('without the last column, nobody knows whose a port is', () => {
  const printed =
    '\nActive Connections\n\n  Proto  Local Address          Foreign Address        State\n  TCP    0.0.0.0:8290           0.0.0.0:0              LISTENING\n';
  expect(listenersIn(printed, PORTS)).toMatchObject([{ port: 8290, pids: [], isUntold: true }]);
});
