// The machine lacks something, from before the start or from a moment in the middle on: files, processes, memory or
// length of files by limits of the launcher; room, inodes or the right to write on the disks that it writes to.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEASES } from './sandbox.mjs';
import { mountDisk, remountDisk, unmountDisk } from './world.mjs';

/** What a limit is set to: before the start, and in the middle, where less is enough to hinder. */
const LIMITS = {
  files: { option: 'nofile', before: [20, 22, 24, 28, 32, 40, 64], within: [3, 20, 24, 28] },
  processes: { option: 'nproc', before: [8, 12, 16, 20, 24, 28, 32, 40], within: [1, 20] },
  memory: { option: 'as', before: [720, 760, 800, 900, 1_000, 1_200].map((mib) => mib * 2 ** 20), within: [2 ** 29] },
  length: { option: 'fsize', before: [0, 512, 4_096], within: [0, 512] },
};
const DISKS = ['state', 'logs', 'instances', 'leases'];
const LACKS = ['room', 'inodes', 'right'];

export const shortages = {
  word: 'shortages',
  plan(draw, { phases, world }) {
    const phase = draw.pick(['before', ...phases]);
    const moment = { afterMs: draw.pick([50, 300, 1_000, undefined]), ...draw.moment(phase) };
    if (world.isPrivate && draw.chance(0.55)) {
      const disk = draw.pick(DISKS);
      // While the server writes its log, no disk with that log becomes read-only.
      const isLogged = phase !== 'before' && /state|logs/.test(disk);
      const lacks = draw.pick(isLogged ? ['room', 'inodes'] : LACKS);
      return { faults: [{ kind: 'shortages', disk, lacks, ...moment }] };
    }
    // Root has as many processes as he likes.
    const limits = Object.keys(LIMITS).filter((limit) => limit !== 'processes' || world.hasUsers);
    const limit = draw.pick(limits);
    const { before, within } = LIMITS[limit];
    const target = phase === 'before' ? undefined : 'supervising';
    const fault = { kind: 'shortages', limit, to: draw.pick(target ? within : before), target, ...moment };
    return { faults: [fault], ...(limit === 'processes' && { isRoot: false }) };
  },
  /** Each disk of its own has to be there before anything lies on it. */
  prepare({ disk }, { sandbox, cleanUp }) {
    if (disk === undefined) return;
    const { folder, mode } = diskOf(disk, sandbox);
    mkdirSync(sandbox.state, { recursive: true, mode: 0o700 });
    sandbox.own(sandbox.state);
    if (disk !== 'leases') {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      sandbox.own(folder);
    }
    mountDisk(folder, { uid: disk === 'leases' ? 0 : sandbox.uid, mode });
    cleanUp(() => unmountDisk(folder));
  },
  strike(fault, scene) {
    const happened = fault.disk === undefined ? limitTo(fault, scene) : takeFrom(fault, scene);
    if (happened.length > 0) scene.tell(`shortage: ${JSON.stringify(fault)}`);
    return happened;
  },
};

const diskOf = (disk, { state }) => {
  if (disk === 'leases') return { folder: LEASES, mode: '1777' };
  return { folder: disk === 'state' ? state : join(state, disk), mode: '700' };
};

function limitTo({ limit, to, target, afterMs }, { sandbox, cast, undo, tell }) {
  const { option } = LIMITS[limit];
  const limitOf = (value) => `--${option}=${value}`;
  if (target === undefined) {
    sandbox.limits = ['prlimit', limitOf(`${to}:${to}`)];
    undo(() => {
      sandbox.limits = [];
    });
    return [`few ${limit}`];
  }
  const { pid } = cast[target];
  // Soft ones: whoever has a process may set them, and set them back.
  const prlimit = (...words) =>
    spawnSync('prlimit', [`--pid=${pid}`, ...words], { ...sandbox.asUser, encoding: 'utf8' });
  const former = prlimit(`--${option}`, '--raw', '--noheadings', '--output=SOFT').stdout.trim();
  if (prlimit(limitOf(`${to}:`)).status !== 0) return [];
  undo(() => {
    tell(`no shortage of ${limit} any more`);
    prlimit(limitOf(`${former}:`));
  }, afterMs);
  return [`few ${limit} later`];
}

function takeFrom({ disk, lacks, afterMs }, { sandbox, undo, tell }) {
  const { folder } = diskOf(disk, sandbox);
  const give = TAKE[lacks](folder);
  if (!give) return [];
  undo(() => {
    tell(`no shortage of ${lacks} any more`);
    give();
  }, afterMs);
  return [`${disk} without ${lacks}`];
}

/** Each resolves to what gives it back; undefined where it can't be taken. */
const TAKE = {
  right: (folder) => remountDisk(folder, 'ro') && (() => remountDisk(folder, 'rw')),
  room(folder) {
    const filler = join(folder, '.filler');
    for (const size of [1 << 20, 1]) fill(() => writeFileSync(filler, Buffer.alloc(size), { flag: 'a' }));
    return () => rmSync(filler, { force: true });
  },
  inodes(folder) {
    fill((number) => writeFileSync(join(folder, `.filler-${number}`), ''));
    return () => {
      for (const name of existsSync(folder) ? readdirSync(folder) : []) {
        if (name.startsWith('.filler')) rmSync(join(folder, name));
      }
    };
  },
};

function fill(write) {
  try {
    for (let number = 0; ; number++) write(number);
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  }
}
