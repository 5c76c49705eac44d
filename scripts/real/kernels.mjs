import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { stripVTControlCharacters } from 'node:util';
import yauzl from 'yauzl';

// Maven's client names no host of ours: its own settings say where artifacts come from.
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy';

/** Where kernels are kept from one run to the next, `REAL_LANE` or the user's cache. */
export const cacheFolder = (env = process.env) => env.REAL_LANE || join(cacheHome(env), 'wso2-launch-kernels');

/** A relative path is to be ignored, says the XDG specification. */
const cacheHome = ({ XDG_CACHE_HOME: path }) => (path && isAbsolute(path) ? path : join(homedir(), '.cache'));

/** Why a kernel can't be had, in words of which it is the subject. */
export class NoKernel extends Error {
  /** Whether Maven brought one, which was not the kernel: of others it may bring the right one. */
  constructor(message, { isBroken = false } = {}) {
    super(message);
    this.isBroken = isBroken;
  }
}

/**
 * The folder with a kernel as it is shipped, which nobody may change; fetched and unpacked where it is not there yet.
 * Others may do the same at once: whatever is made is made beside its place and then put there, whole.
 * `isReachable`: false once Maven has failed, which it would take its time to do again.
 * @throws NoKernel
 */
export async function kernelHome({ version, sha256 }, { cache, timeoutMs, isReachable, log }) {
  const artifact = `wso2carbon-core-${version}`;
  const zip = join(cache, `${artifact}.zip`);
  const found = await checksumOf(zip);
  if (found !== sha256) {
    if (!isReachable) throw new NoKernel('it is not here, and Maven could not fetch another one');
    log(found === undefined ? `fetching kernel ${version}` : `${zip} is not the kernel that it was: fetching it again`);
    await fetchZip({ version, sha256, zip, cache, timeoutMs, log });
  }
  const home = join(cache, `${artifact}-${sha256.slice(0, 12)}`);
  if (!existsSync(home)) await unpackInto(home, zip, cache);
  return join(home, artifact);
}

/** The second time past Maven's own repository on this machine: what is broken there would only come again. */
async function fetchZip({ version, sha256, zip, cache, timeoutMs, log }) {
  for (const isLast of [false, true]) {
    const folder = mkdtempSync(join(cache, 'part-'));
    try {
      const past = isLast ? [`-Dmaven.repo.local=${join(folder, 'repository')}`] : [];
      const artifact = `org.wso2.carbon:wso2carbon-core:${version}:zip`;
      const words = ['-B', '-q', COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`, ...past];
      await runMaven(words, { cwd: folder, timeoutMs });
      const fetched = join(folder, `wso2carbon-core-${version}.zip`);
      if ((await checksumOf(fetched)) === sha256) return renameSync(fetched, zip);
      log(`kernel ${version} came with another checksum than the pinned one`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  throw new NoKernel('twice it came with another checksum than the pinned one', { isBroken: true });
}

/** @throws NoKernel with the first thing that Maven calls an error */
async function runMaven(words, { cwd, timeoutMs }) {
  const maven = spawn('mvn', words, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let printed = '';
  for (const stream of [maven.stdout, maven.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
  }
  const { code, signal, error } = await new Promise((resolve) => {
    maven.once('error', (error) => resolve({ error }));
    maven.once('exit', (code, signal) => resolve({ code, signal }));
  });
  if (code === 0) return;
  const [line = ''] = stripVTControlCharacters(printed).match(/(?<=^\[ERROR\] ).+/m) ?? [];
  const how =
    error?.message ?? (signal === null ? `mvn ended with code ${code}` : `no end of mvn in ${timeoutMs / 1000} s`);
  throw new NoKernel(`it could not be fetched: ${how}${line && `: ${line}`}`);
}

/** SHA-256 in hexadecimal digits; undefined where there is no such file. */
async function checksumOf(file) {
  if (!existsSync(file)) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function unpackInto(home, zip, cache) {
  const folder = mkdtempSync(join(cache, 'part-'));
  try {
    await unzip(zip, folder);
    renameSync(folder, home);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    // Another lane was first: theirs is the same.
    if (!existsSync(home)) throw error;
  }
}

async function unzip(zip, folder) {
  const archive = await yauzl.openPromise(zip);
  for await (const entry of archive.eachEntry()) {
    const path = join(folder, entry.fileName);
    if (entry.fileName.endsWith('/')) {
      mkdirSync(path, { recursive: true });
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    // The upper half holds the mode, as Unix has it.
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(path, mode === 0 ? {} : { mode }));
  }
}

const HOUR_MS = 3_600_000;

/** Makes it where it is not there, and takes away what lanes that were killed had half made. */
export function prepareCache(cache) {
  mkdirSync(cache, { recursive: true });
  accessSync(cache, constants.W_OK);
  const halves = readdirSync(cache).filter((name) => name.startsWith('part-'));
  for (const path of halves.map((name) => join(cache, name))) {
    const madeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - madeMs > HOUR_MS) rmSync(path, { recursive: true, force: true });
  }
}
