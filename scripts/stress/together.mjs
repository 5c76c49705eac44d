// Launches eight instances together, on eight stand-in homes whose servers bind late, again and again. Usage:
//   node scripts/stress/together.mjs [--rounds 50] [--bind-after-ms 5000]
//
// It is the long form of test/e2e/together.test.ts, on the built CLI. It ends with 1 if any launcher had to retry, any
// server missed a port, or the offsets have a gap: so nothing else may be launched on this machine meanwhile.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import '../setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    'bind-after-ms': { type: 'string', default: '5000' },
  },
});
const { rounds, 'bind-after-ms': bindAfterMs } = values;
const startedAt = performance.now();
const { status } = spawnSync(process.execPath, ['scripts/test.mjs', 'test/e2e/together'], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, ROUNDS: rounds, BIND_AFTER_MS: bindAfterMs },
});
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
const what = `eight launchers together, ${rounds} times, servers bind after ${bindAfterMs} ms`;
console.log(status === 0 ? `${what}: no port missed, no gap; ${seconds} s` : `${what}: failed, see above`);
process.exitCode = status === 0 ? 0 : 1;
