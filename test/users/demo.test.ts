import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { onSharedMachine, SharedMachine } from '../support/users.js';

let machine: SharedMachine;

onSharedMachine.describe('the demo of root', () => {
  beforeEach(async () => {
    machine = await SharedMachine.start();
  });
  afterEach(() => machine.close());

  test('runs nothing from a temporary folder where another user can put his own in its place', async () => {
    machine.sh('attacker', 'mkdir -m 777 /tmp/his');
    const { code, stderr } = await machine.run('root', ['demo'], { env: { TMPDIR: '/tmp/his' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('in /tmp/wso2-launch-demo-') });
    expect(machine.sh('root', 'ls -A /tmp')).toBe('his\nwso2-launch\nwso2-launch-0');
  });

  test('is refused where any user can in every one', async () => {
    machine.sh('root', 'chmod 777 /tmp');
    const { code, stderr } = await machine.run('root', ['demo']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('finds no temporary folder') });
    expect(machine.sh('root', 'ls -A /tmp')).toBe('');
  });
});
