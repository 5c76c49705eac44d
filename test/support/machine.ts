import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import { basePorts } from '../../src/domain/ports.js';
import { isStill, type ProcessRow, treeOf } from '../../src/domain/tree.js';
import { nodeSystem } from '../../src/system/index.js';
import { type LiveLease, leaseFolder } from '../../src/system/leases.js';
import type { Sandbox } from './sandbox.js';

/** What the machine says, whatever the product says. */

const { processes, sockets, leases } = nodeSystem;

export const isAlive = (pid: number): boolean => processes.find(pid)?.isZombie === false;

/** The living processes below one, itself left out. */
export function descendantsOf(pid: number): ProcessRow[] {
  const rows = processes.snapshot();
  const root = rows.find((row) => row.pid === pid);
  return root ? treeOf(rows, root, (row) => row.pid === pid).filter((row) => row.pid !== pid) : [];
}

/** Kills processes, of which some may end meanwhile by themselves. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Those of some processes that still live. */
export const survivorsOf = (rows: readonly ProcessRow[]): ProcessRow[] =>
  rows.filter((row) => isStill(processes.find(row.pid), row));

/** The numbers of a product's ports at an offset, by name. */
export function portsAt(offset: number, product: ProductId = 'mi'): Record<string, number> {
  return Object.fromEntries(
    basePorts(factsOf(product).versions[0].ports, []).map(({ name, base }) => [name, base + offset]),
  );
}

/** Whether every port of a product at an offset can be bound. */
export async function isFree(offset: number, product: ProductId = 'mi'): Promise<boolean> {
  return (await sockets.firstBusy(Object.values(portsAt(offset, product)))) === undefined;
}

/** The ends of a socket's connections on its listener's side, and the listener. */
export const connectionsTo = (socket: string): number =>
  readFileSync('/proc/net/unix', 'utf8').split(socket).length - 1;

/** The leases that any launcher would respect, of instances with this state folder. */
export const leasesOf = async (stateFolder: string): Promise<LiveLease[]> =>
  (await leases.readLive()).filter((lease) => lease.stateFolder === stateFolder);

/** The files, dead or alive, that leases of instances with anything in this folder have left. */
export function leaseFilesOf(folder: string): string[] {
  const shared = leaseFolder(process.platform, process.env);
  const names = existsSync(shared) ? readdirSync(shared) : [];
  return names.filter((name) => textOf(join(shared, name)).includes(folder));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // another launcher's, gone meanwhile
  }
}

/** The launcher among a sandbox's processes, where a shell stands between it and us. */
export function launcherIn(sandbox: Pick<Sandbox, 'processes'>, verb = ''): number {
  const start = new RegExp(`^\\S*node \\S*wso2-launch(\\.cjs)? ${verb}`);
  const isLauncher = (command: string): boolean => start.test(command);
  const launcher = sandbox.processes().find(({ command }) => isLauncher(command));
  if (!launcher) throw new Error('no launcher runs here');
  return launcher.pid;
}

/** The guard of a living launcher; undefined before there is one. */
export const guardOf = (launcher: number): number | undefined =>
  descendantsOf(launcher).find(({ pid }) => processes.argumentsOf(pid).includes('wso2-launch-guard'))?.pid;
