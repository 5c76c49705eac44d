// A process with many sockets: `node busy.mjs FIRST_PORT LISTENERS CONNECTIONS`; it says `up` and lives until its
// input ends. Every connection has both its ends here.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [firstPort, listeners, connections] = process.argv.slice(2).map(Number);
const ADDRESSES = 4;
const addressOf = (index) => ({
  host: `127.0.0.${2 + (index % ADDRESSES)}`,
  port: firstPort + Math.floor(index / ADDRESSES),
});

for (let index = 0; index < listeners; index++) {
  await once(createServer(() => {}).listen(addressOf(index)), 'listening');
}
const ATONCE = 100;
for (let index = 0; index < connections; index += ATONCE) {
  const some = Array.from({ length: Math.min(ATONCE, connections - index) }, (_, more) =>
    once(connect(addressOf((index + more) % listeners)), 'connect'),
  );
  await Promise.all(some);
}
console.log('up');
process.stdin.once('end', () => process.exit()).resume();
