import type { Socket } from 'node:net';
import { tryConnect, tryListen, untilTold } from './local-socket.js';

/**
 * A place in a line of waiting launchers. The first one listens, the others keep a connection to it: when it has had
 * its turn, it calls them up one after another. Woken all at once, a hundred of them would keep the processor from the
 * one whose turn it is.
 *
 * The line is a courtesy, no lock: a launcher that is called up still has to take what it waits for.
 */
export interface PlaceInLine {
  /** Whether nobody stands before us any more. */
  isFirst(): boolean;
  /** False: the first one, which calls us up, is gone, and the line with it. */
  isKept(): boolean;
  /** Resolves when one of the above changes, when the time is over, or on `signal`; at once for the first one. */
  untilChanged(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Gives the place up, and lets the next one go first. */
  leave(): void;
}

/** Joins the line, or begins one; undefined where there is none to be had. */
export async function joinLine(path: string): Promise<PlaceInLine | undefined> {
  return (await follow(path)) ?? (await lead(path)) ?? (await follow(path)); // another one was faster to lead
}

async function follow(path: string): Promise<PlaceInLine | undefined> {
  const leader = await tryConnect(path);
  if (!leader) return undefined;
  let isCalled = false;
  leader.on('data', () => {
    isCalled = true;
  });
  return {
    isFirst: () => isCalled,
    isKept: () => !leader.destroyed,
    untilChanged: (timeoutMs, signal) => untilTold(leader, timeoutMs, signal),
    leave: () => leader.destroy(),
  };
}

async function lead(path: string): Promise<PlaceInLine | undefined> {
  const followers = new Set<Socket>();
  let called: Socket | undefined;
  const server = await tryListen(path, (socket) => {
    followers.add(socket.resume().unref());
    socket.once('close', () => {
      followers.delete(socket);
      if (socket === called) callNext();
    });
  });
  function callNext(): void {
    [called] = followers;
    if (called) called.write('!');
    else server?.close();
  }
  server?.unref(); // the server keeps no process alive for those behind: without us they make a new line
  return (
    server && {
      isFirst: () => true,
      isKept: () => true,
      untilChanged: async () => {},
      leave: callNext,
    }
  );
}
