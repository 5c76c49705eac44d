import type { Socket } from 'node:net';
import { tryConnect, tryListen, untilTold } from './local-socket.js';

/**
 * A place among those who wait for the same thing. Its first one listens, the others keep a connection to it: when it
 * has had its turn, it calls them up one after another. Woken all at once, a hundred of them would keep the processor
 * from the one whose turn it is.
 *
 * It is a courtesy, no lock: whoever is called up still has to take what it waits for.
 */
export interface PlaceInLine {
  /** Whether nobody is before us any more. */
  isFirst(): boolean;
  /** False: the one that calls us up is gone, and the line with it. */
  isKept(): boolean;
  /** Resolves when one of these two changes, when the time is over, or on `signal`; at once for the first one. */
  untilChanged(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Gives the place up, and lets the next one go first. */
  leave(): void;
}

/** Undefined where there is no line to be had. */
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
  server?.unref(); // nobody goes on living for those behind: without us they make a new line
  return (
    server && {
      isFirst: () => true,
      isKept: () => true,
      untilChanged: async () => {},
      leave: callNext,
    }
  );
}
