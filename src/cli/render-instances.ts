import type { PrivateHomeLook } from '../api/internal/homes.js';
import type { Instance, InstancesLook, Usage } from '../api/internal/instances.js';
import { versionWords } from '../domain/product.js';
import type { Words } from '../domain/words.js';
import { table } from './render.js';

const HEAD = ['NAME', 'PRODUCT', 'OFFSET', 'STATUS', 'PID', 'CPU', 'MEMORY', 'UPTIME', 'RESTARTS', 'HOME'];

/** A column of its own only where there is something in it: paths are long. */
const INSTALLATION = 'INSTALLATION';

export function instancesTable({ instances, foreign }: InstancesLook, nowMs: number): Words {
  const hasPrivate = instances.some(({ instance }) => instance.installation !== undefined);
  return table([
    [...HEAD, ...(hasPrivate ? [INSTALLATION] : [])],
    ...instances.map(({ instance, usage }) => [
      instance.name,
      `${instance.product}${versionWords(instance)}`,
      String(instance.offset),
      statusText(instance),
      instance.pid === null ? '' : String(instance.pid),
      cpuText(usage),
      memoryText(usage),
      instance.status === 'exited' ? '' : ageText(nowMs - Date.parse(instance.startedAt)),
      String(instance.restarts),
      instance.home,
      ...(hasPrivate ? [instance.installation ?? ''] : []),
    ]),
    ...foreign.map(({ server: { product, version, kernel, offset, pid, home }, usage }) => [
      '-',
      `${product ?? 'unknown'}${versionWords({ version, kernel })}`,
      offset === null ? '' : String(offset),
      FOREIGN,
      String(pid),
      cpuText(usage),
      memoryText(usage),
      '',
      '',
      home,
      ...(hasPrivate ? [''] : []),
    ]),
  ]);
}

/** The private homes. */
export const homesTable = (homes: readonly PrivateHomeLook[], nowMs: number): Words =>
  table([
    ['NAME', 'PRODUCT', 'SIZE', 'LAST USED', 'RUNNING', 'HOME', INSTALLATION],
    ...homes.map(({ name, product, version, ownBytes, usedAtMs, isRunning, path, installation }) => [
      name,
      `${product}${versionWords({ version })}`,
      `${Math.ceil(ownBytes / 1024 ** 2)} MiB`,
      `${ageText(nowMs - usedAtMs)} ago`,
      isRunning ? 'yes' : 'no',
      path,
      installation,
    ]),
  ]);

/** Not one of ours: somebody has started it without wso2-launch. */
const FOREIGN = 'foreign';

const cpuText = ({ cpuPercent }: Usage): string => (cpuPercent === null ? '' : `${cpuPercent.toFixed(0)}%`);

const memoryText = ({ memoryBytes }: Usage): string =>
  memoryBytes === null ? '' : `${Math.round(memoryBytes / 1024 ** 2)} MiB`;

function statusText({ status, exit, awaits = [] }: Instance): string {
  if (exit) return `${status} (${exit.code})`;
  return awaits.length > 0 ? `${status} (waits for ${awaits.join(' and ')})` : status;
}

/** Two units at the most: `3h 12m`. */
function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
    [1, 's'],
  ] as const;
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0s';
  let rest = seconds;
  const parts = units.slice(first, first + 2).map(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return `${count}${unit}`;
  });
  return parts.filter((part, index) => index === 0 || !part.startsWith('0')).join(' ');
}
