import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuTicks, launched, makeHome, mib, privateKib, serverScript } from './setting.mjs';

const FLOOD = `
  const block = Buffer.from(("x".repeat(119) + "\\n").repeat(8192));
  for (let n = 0; n < 1024 * 1024 * 1024; n += block.length) fs.writeSync(1, block);
  fs.writeFileSync("flooded", "");`;

/** The supervisor's private memory after 10 s and after 1 GiB of output, and its processor time while quiet. */
export async function memory() {
  const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  const quiet = makeHome(serverScript());
  const loud = makeHome(serverScript(FLOOD));
  loud.launchArgs.push('--name', 'loud');
  const first = await launched(quiet);
  const second = await launched(loud);
  try {
    await sleep(10_000);
    const bare = privateKib(idle.pid);
    const calm = privateKib(first.child.pid);
    const ticks = cpuTicks(first.child.pid);
    while (!existsSync(join(loud.home, 'flooded'))) await sleep(100);
    await sleep(10_000);
    const used = cpuTicks(first.child.pid) - ticks;
    const flooded = privateKib(second.child.pid);
    return [
      `private memory after 10 s: ${mib(calm)}, an idle node ${mib(bare)}: +${mib(calm - bare)}`,
      `private memory after 1 GiB of output: ${mib(flooded)}: +${mib(flooded - calm)}`,
      `processor time while quiet: ${used * 10} ms in at least 10 s`,
    ];
  } finally {
    idle.kill();
    for (const { child, exited } of [first, second]) {
      child.kill('SIGTERM');
      await exited;
    }
    quiet.close();
    loud.close();
  }
}
