'use strict';

// Compiling the bundle takes half of a start. Node 22 keeps compiled code by itself; here is the same for Node 20.
const { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join, resolve } = require('node:path');

exports.load = (name) => {
  const file = resolve(__dirname, name);
  if (Module.enableCompileCache) Module.enableCompileCache();
  else if (process.env.HOME && process.getuid) return loadCached(file, cacheFile());
  return require(file);
};

/** V8 itself refuses code of another version or other flags; of the source it compares only the length. */
function loadCached(file, cache) {
  const { Script } = require('node:vm');
  const cachedData = readOwn(cache);
  const script = new Script(Module.wrap(readFileSync(file, 'utf8')), { filename: file, cachedData });
  const bundle = new Module(file, module);
  bundle.filename = file;
  bundle.paths = module.paths;
  script
    .runInThisContext()
    .call(bundle.exports, bundle.exports, Module.createRequire(file), bundle, file, dirname(file));
  const known = script.cachedDataRejected ? 0 : (cachedData?.length ?? 0);
  process.once('exit', () => keep(script, cache, known));
  return bundle.exports;
}

function cacheFile() {
  const { id } = require('../dist/build.json');
  const folder = process.env.XDG_CACHE_HOME || join(process.env.HOME, '.cache');
  return join(folder, 'wso2-launch', `${id}-node-${process.version}-${process.arch}.bin`);
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

/** To look at what was compiled takes some 10 ms, which a short command pays only so often. */
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
