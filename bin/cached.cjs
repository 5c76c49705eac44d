'use strict';

// Compiling takes half of a start. Node 22 keeps compiled code by itself; here is the same for Node 20.
const fs = require('node:fs');
const Module = require('node:module');
const { basename, dirname, join, resolve } = require('node:path');

const dist = resolve(__dirname, '../dist');

/** Whether the bundle is there, with all of its files. */
exports.isBuilt = () => {
  try {
    const there = new Set(fs.readdirSync(dist));
    return readBuild().files.every((file) => there.has(file));
  } catch {
    return false; // no folder, or nothing in it that tells what belongs to it
  }
};

const readBuild = () => JSON.parse(fs.readFileSync(join(dist, 'build.json'), 'utf8'));

exports.load = (name) => {
  const file = resolve(__dirname, name);
  if (Module.enableCompileCache) Module.enableCompileCache();
  else if (process.env.HOME && process.getuid) return loaderWith(cacheFolder())(file);
  return require(file);
};

/** Loads files of the bundle with the code that is kept of them, and keeps more at the end. */
function loaderWith(cache) {
  const { Script } = require('node:vm');
  const parts = new Map();
  process.once('exit', () => {
    const isLooking = Math.random() < LOOKS;
    for (const part of parts.values()) if (isLooking || part.known === 0) keep(part);
  });
  return function load(file) {
    const loaded = parts.get(file);
    if (loaded) return loaded.module.exports;
    const cached = join(cache, `${basename(file)}.bin`);
    const cachedData = readOwn(cached);
    // V8 itself refuses code of another version or other flags; of the source it compares only the length.
    const script = new Script(Module.wrap(fs.readFileSync(file, 'latin1')), { filename: file, cachedData });
    const known = script.cachedDataRejected ? 0 : (cachedData?.length ?? 0);
    const part = { module: new Module(file, module), script, cached, known };
    part.module.filename = file;
    parts.set(file, part);
    const requireFrom = (id) => (id.startsWith('./') ? load(resolve(dirname(file), id)) : require(id));
    const { exports } = part.module;
    script.runInThisContext().call(exports, exports, requireFrom, part.module, file, dirname(file));
    return part.module.exports;
  };
}

function cacheFolder() {
  const { id } = readBuild();
  const folder = process.env.XDG_CACHE_HOME || join(process.env.HOME, '.cache');
  return join(folder, 'wso2-launch', `${id}-node-${process.version}-${process.arch}`);
}

/** Code from a file that another user may have written is not run. */
function readOwn(file) {
  let fd;
  try {
    fd = fs.openSync(file, 'r');
    const { uid, mode } = fs.fstatSync(fd);
    return uid === process.getuid() && (mode & 0o022) === 0 ? fs.readFileSync(fd) : undefined;
  } catch {
    return undefined; // none yet, or a system without users
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** To look whether more was compiled takes time, which somebody may be waiting for: only so often. */
const LOOKS = 0.2;

/** At the end, when the code holds whatever was compiled on the way. */
function keep({ script, cached, known }) {
  try {
    const code = script.createCachedData();
    if (code.length < known * 1.02) return;
    makeFolder(dirname(cached));
    const temporary = `${cached}.${process.pid}`;
    fs.writeFileSync(temporary, code, { mode: 0o600, flag: 'wx' });
    fs.renameSync(temporary, cached);
  } catch {
    // a start without it is only slower
  }
}

const FORGOTTEN_MS = 30 * 24 * 3600 * 1000;

/** The first file of a version takes along what those before have left. */
function makeFolder(folder) {
  if (fs.existsSync(folder)) return;
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of fs.readdirSync(dirname(folder))) {
    const path = join(dirname(folder), name);
    if (Date.now() - fs.statSync(path).mtimeMs > FORGOTTEN_MS) fs.rmSync(path, { recursive: true, force: true });
  }
}
