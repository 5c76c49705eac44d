// Plays the rounds that its parent asks for, one after the other, in the world that it was put into.
import { chmodSync, mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { drawFrom } from './draw.mjs';
import { HOMES, planRound } from './plan.mjs';
import { playRound } from './round.mjs';
import { LEASES, openSandbox } from './sandbox.mjs';
import { ORDINARY } from './world.mjs';

const [cli, seed, words, worldText] = process.argv.slice(2);
const world = JSON.parse(worldText);

// As the first launch makes it: in this world there was none yet.
if (world.isPrivate) {
  mkdirSync(LEASES, { recursive: true });
  chmodSync(LEASES, 0o1777);
}
const ours = await openSandbox(cli, HOMES, process.getuid());
const sandboxes = [ours, ...(world.hasUsers ? [await openSandbox(cli, HOMES, ORDINARY)] : [])];
const close = () => {
  for (const sandbox of sandboxes) sandbox.close();
};
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) {
  process.once(name, () => {
    close();
    process.exit(1);
  });
}
process.on('message', async ({ number }) => {
  const plan = planRound(drawFrom(Number(seed), number), number, words.split(','), world);
  const sandbox = plan.isRoot ? ours : (sandboxes[1] ?? ours);
  const startedAt = performance.now();
  const round = await playRound(sandbox, plan).catch((error) => brokenRound(plan, error));
  const took = performance.now() - startedAt;
  process.send(resultOf(number, round, took, sandbox));
  if (round.faults.length > 0) {
    sandbox.clear();
    sandbox.renew();
    await sleep(0);
  }
});
process.send({ isOpen: true });

/** A fault of the sweep itself fails its round as well. */
const brokenRound = (plan, error) => ({
  plan,
  faults: [`the round broke off: ${error.stack}`],
  story: [],
  happenings: [],
  missed: 0,
  launcher: { stdout: '', stderr: '' },
  commands: [],
});

function resultOf(number, { plan, faults, story, happenings, missed, launcher }, took, sandbox) {
  const end = launcher.exit ? String(launcher.exit.code ?? launcher.exit.signal) : 'none';
  const hits = happenings
    .filter(({ what }) => !/^(ready|interrupted|stop asked|restart asked)$/.test(what))
    .map(({ what, phase }) => `${what} (${phase})`);
  const how = `${plan.isDetached ? 'detached' : 'foreground'} ${plan.home}`;
  const line = `round ${number}: ${plan.kind}: ${how}: ${hits.join(', ') || 'no hit'}; ${end}`;
  const result = { number, kind: plan.kind, line, took, end, hits, missed, faults };
  const sections = {
    plan: [JSON.stringify(plan)],
    story,
    launcher: [launcher.stdout, launcher.stderr],
    records: sandbox.records().map((record) => JSON.stringify(record)),
    log: sandbox.logTail(),
    faults,
  };
  return { ...result, sections };
}
