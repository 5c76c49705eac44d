import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launched, least, makeHome, median, ms, serverScript, untilGone } from './setting.mjs';

/** From the server's line and ports to `ready`, and from its last process to our prompt. */
export async function latency({ runs }) {
  const ready = [];
  const prompt = [];
  for (let run = 0; run < runs; run++) {
    const setting = makeHome(serverScript());
    const { child, readyAt, exited } = await launched(setting);
    ready.push(readyAt - Number(readFileSync(join(setting.home, 'listening-at'), 'utf8')));
    const pid = Number(readFileSync(join(setting.home, 'wso2carbon.pid'), 'utf8'));
    child.kill('SIGTERM');
    const gone = untilGone(pid);
    const exit = exited.then(() => Date.now());
    prompt.push((await exit) - (await gone));
    setting.close();
  }
  const row = (what, values) =>
    `${what}: min ${ms(least(values))}, median ${ms(median(values))}, max ${ms(Math.max(...values))}`;
  return [row('ready after line and ports', ready), row('prompt after the last process', prompt)];
}
