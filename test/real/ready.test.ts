import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { expect } from '@jest/globals';
import { Children } from '../support/children.js';
import { statusOf } from './carbon.js';
import { PORTS, row, times } from './row.js';

const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const boots = times(1, 10);

row(
  `a server that is told as ready accepts on every port and answers at /carbon/ at once, ${boots} boots under load`,
  async (sandbox) => {
    const load = new Children();
    try {
      for (let core = 0; core < availableParallelism(); core++) load.node('for (;;);');
      for (let boot = 0; boot < boots; boot++) {
        const cli = sandbox.launch(sandbox.kernel(`kernel-${boot}`));
        await cli.event('ready');
        const [status, ...accepts] = await Promise.all([
          statusOf('https://localhost:9443/carbon/'),
          ...Object.values(PORTS).map(canConnect),
        ]);
        expect({ accepts, status }).toEqual({ accepts: [true, true, true, true], status: 302 });

        cli.kill('SIGINT');
        expect((await cli.exited).code).toBe(130);
      }
    } finally {
      await load.close();
    }
  },
  { timeoutMs: boots * 300_000 },
);
