'use strict';

// Compiling takes half of a start. Node 22 keeps compiled code by itself; here is the same for Node 20.
const { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { basename, dirname, join, resolve } = require('node:path');

exports.load = (name) => {
  const file = resolve(__dirname, name);
  if (Module.enableCompileCache) Module.enableCompileCache();
  else if (process.env.HOME && process.getuid) return loaderWith(cacheFolder())(file);
  return require(file);
};

/** Loads files of ours with the code that is kept of them, and keeps it at the end. */
function loaderWith(cache) {
  const { Script } = require('node:vm');
  const loaded = new Map();
  process.once('exit', () => {
    for (const { script, cachedFile, known } of loaded.values()) keep(script, cachedFile, known);
  });
  return function load(file) {
    const already = loaded.get(file);
    if (already) return already.bundle.exports;
    const cachedFile = join(cache, `${basename(file)}.bin`);
    const cachedData = readOwn(cachedFile);
    // V8 itself refuses code of another version or other flags; of the source it compares only the length.
    const script = new Script(Module.wrap(readFileSync(file, 'latin1')), { filename: file, cachedData });
    const bundle = new Module(file, module);
    bundle.filename = file;
    const known = script.cachedDataRejected ? 0 : (cachedData?.length ?? 0);
    loaded.set(file, { bundle, script, cachedFile, known });
    const load_ = (id) => (id.startsWith('./') ? load(resolve(dirname(file), id)) : require(id));
    script.runInThisContext().call(bundle.exports, bundle.exports, load_, bundle, file, dirname(file));
    return bundle.exports;
  };
}

function cacheFolder() {
  const { id } = require('../dist/build.json');
  const folder = process.env.XDG_CACHE_HOME || join(process.env.HOME, '.cache');
  return join(folder, 'wso2-launch', `${id}-node-${process.version}-${process.arch}`);
}

/** Code from a file that another user may have written is not run. */
function readOwn(file) {
  let fd;
  try {
    fd = openSync(file, 'r');
    const { uid, mode } = fstatSync(fd);
    return uid === process.getuid() && (mode & 0o022) === 0 ? readFileSync(fd) : undefined;
  } catch {
    return undefined; // none yet, or a system without users
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** To look at what was compiled takes time, which a short command pays only so often. */
const SHORT_SECONDS = 2;
const LOOKS = 0.2;

/** At the end, when the code holds whatever was compiled on the way: a launch compiles more than a look at the help. */
function keep(script, file, known) {
  if (known > 0 && process.uptime() < SHORT_SECONDS && Math.random() >= LOOKS) return;
  try {
    const code = script.createCachedData();
    if (code.length < known * 1.02) return;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, code, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } catch {
    // a start without it is only slower
  }
}
