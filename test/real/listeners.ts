import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The first of those ports that Linux gives to who asks for none in particular. */
const FIRST_RANDOM = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t')[0]);

/** The ports on which a process listens, random ones left out, as the kernel of the machine tells them. */
export function listenersOf(pid: number): number[] {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketAt(`/proc/${pid}/fd/${fd}`)));
  const ports = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTENING && sockets.has(inode as string))
      .map(([, local]) => Number.parseInt(local?.split(':')[1] as string, 16)),
  );
  return [...new Set(ports)].filter((port) => port < FIRST_RANDOM).sort((a, b) => a - b);
}

const LISTENING = '0A';

function socketAt(link: string): string[] {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.slice(1) ?? [];
  } catch {
    return []; // closed meanwhile
  }
}
