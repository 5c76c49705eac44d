// Measures what the launcher costs, always against its comparison in the same run: minimums, medians and ratios,
// for machines are noisy. Usage: npm run bench [-- start library memory output latency background editing choosing] [--runs N]
import { background } from './background.mjs';
import { choosing } from './choosing.mjs';
import { editing } from './editing.mjs';
import { latency } from './latency.mjs';
import { library } from './library.mjs';
import { memory } from './memory.mjs';
import { output } from './output.mjs';
import { start } from './start.mjs';

// It costs every start of Node 20 some 50 to 90 ms, on both sides.
delete process.env.NODE_EXTRA_CA_CERTS;

const parts = { start, library, memory, output, latency, background, editing, choosing };
const args = process.argv.slice(2);
const runs = args.includes('--runs') ? Number(args[args.indexOf('--runs') + 1]) : 20;
const wanted = args.filter((word) => Object.hasOwn(parts, word));

for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
  console.log(`\n${name}`);
  for (const row of await parts[name]({ runs })) console.log(`  ${row}`);
}
