'use strict';

// Compiling takes half of a start, so that compiled code is kept. Node 22 would do that by itself, but in a folder that
// all users share and whose owner it does not look at: whoever came first could say what we run.
const fs = require('node:fs');
const Module = require('node:module');
const { basename, dirname, isAbsolute, join, resolve } = require('node:path');

const dist = resolve(__dirname, '../dist');
const ourId = process.geteuid?.();

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

/** Loads a program, with the code that is kept of what it is asked for: each command needs other parts of it. */
exports.load = (name, word = '') => {
  const file = resolve(__dirname, name);
  const folder = codeFolder();
  if (folder) {
    const use = /^[a-z][a-z-]*$/.test(word) ? `.${word}` : '';
    const { load, keepAll } = loaderWith(folder, { use });
    // A word that is no command is a wrong use.
    process.once('exit', (code) => code !== WRONG_USE && keepAll());
    return load(file);
  }
  // The temporary folder of Windows is its user's own.
  if (process.platform === 'win32') Module.enableCompileCache?.();
  return require(file);
};

/** The exit code of a command line that can't be read. */
const WRONG_USE = 2;

let ofLibrary;

/**
 * Loads a part of the library for its host, which is told nothing at its exit: code is kept a while after it was first
 * used. A realm of its own, as Jest gives each test file, has it load its modules itself.
 */
exports.loadPart = (name) => {
  const file = resolve(dist, name);
  const folder = codeFolder();
  if (!folder || require('node:vm').runInThisContext('globalThis') !== globalThis) return require(file);
  ofLibrary ??= loaderWith(folder, { whenLoaded: ({ known }) => known === 0 && keepSoon() });
  return ofLibrary.load(file);
};

/** Time in which a launch has used most of its code, in milliseconds: less than any server takes to start. */
const USED_MS = 1_000;
let isToBeKept = false;

function keepSoon() {
  if (!isToBeKept) setTimeout(() => ofLibrary.keepAll(), USED_MS).unref();
  isToBeKept = true;
}

/** The folder of the cache; undefined where there is to be none. */
function codeFolder() {
  const home = cacheHome();
  return home && !process.env.NODE_DISABLE_COMPILE_CACHE ? join(home, FOLDER) : undefined;
}

/**
 * The cache's folder, named by what it holds: `wso2-launch` itself may be anything of the user's, a clone for instance.
 */
const FOLDER = 'wso2-launch-compiled';

/**
 * The user's folder of caches, which XDG has absolute; undefined on a system without users, and where there is no home.
 */
function cacheHome() {
  const { XDG_CACHE_HOME, HOME } = process.env;
  if (ourId === undefined) return undefined;
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  return HOME && isAbsolute(HOME) ? join(HOME, '.cache') : undefined;
}

/** Loads files of the bundle with the code that is kept of them, and keeps more when it is told to. */
function loaderWith(cache, { use = '', whenLoaded = () => {} }) {
  const { Script } = require('node:vm');
  const build = `${readBuild().id}-node-${process.version}-${process.arch}`;
  const header = headerOf(build);
  const parts = [];
  const load = (file) => {
    // A module is one, whoever has loaded it: a host may have loaded some of the library's by itself.
    const loaded = require.cache[file];
    if (loaded) return loaded.exports;
    const cached = join(cache, build, `${basename(file)}${use}.bin`);
    const cachedData = readCode(cached, header);
    // V8 itself refuses code of another version or other flags; of the source it compares only the length.
    const script = new Script(Module.wrap(fs.readFileSync(file, 'latin1')), { filename: file, cachedData });
    const known = script.cachedDataRejected ? 0 : (cachedData?.length ?? 0);
    const part = { module: new Module(file, module), script, cached, known };
    part.module.filename = file;
    parts.push(part);
    require.cache[file] = part.module;
    const requireFrom = (id) => (id.startsWith('./') ? load(resolve(dirname(file), id)) : require(id));
    const { exports } = part.module;
    script.runInThisContext().call(exports, exports, requireFrom, part.module, file, dirname(file));
    part.module.loaded = true;
    whenLoaded(part);
    return part.module.exports;
  };
  const keepAll = () => {
    const isLooking = Math.random() < LOOKS;
    for (const part of parts) if (isLooking || part.known === 0) keep(part, header);
  };
  return { load, keepAll };
}

const MARK = 'wso2-launch compiled code of ';

/** The beginning of a file, by which we know it again: 96 bytes, for V8 copies code that is not aligned. */
const headerOf = (build) => Buffer.from(`${MARK}${build}`.padEnd(95).concat('\n'));

function readCode(file, header) {
  const content = readOwn(file);
  return content?.subarray(0, header.length).equals(header) ? content.subarray(header.length) : undefined;
}

/** The longest file that is read, in bytes: longer than any code of ours. */
const LONGEST = 64 * 1024 * 1024;

/**
 * The content of our own file; undefined where another user may have written it or put it there, and where it is no
 * file: a pipe would hold us.
 */
function readOwn(file) {
  let fd;
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
    const stat = fs.fstatSync(fd);
    const isOwn = stat.isFile() && stat.uid === ourId && (stat.mode & 0o022) === 0 && stat.size <= LONGEST;
    return isOwn ? fs.readFileSync(fd) : undefined;
  } catch {
    return undefined; // none yet
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** The share of runs that look whether more was compiled: the look takes time, for which somebody may be waiting. */
const LOOKS = 0.05;

/** Keeps a file's code, at the end, when it holds whatever was compiled on the way. */
function keep({ script, cached, known }, header) {
  try {
    const code = script.createCachedData();
    if (code.length < known * 1.02) return;
    makeBuildFolder(dirname(cached));
    const temporary = `${cached}.${process.pid}`;
    writeNew(temporary, Buffer.concat([header, code]));
    fs.renameSync(temporary, cached);
  } catch {
    // a start without the code is only slower
  }
}

/** Makes the folder of a build; a new one has the code of old builds swept out. @throws where the place is not ours */
function makeBuildFolder(folder) {
  const cache = dirname(folder);
  makeWay(dirname(cache));
  makeCache(cache);
  if (makeOwn(folder)) sweep(cache);
}

/** Makes a folder where it is missing. @throws where others than we and root can say what lies there */
function makeWay(path) {
  if (dirname(path) !== path) makeWay(dirname(path));
  if (!fs.lstatSync(path, { throwIfNoEntry: false })) fs.mkdirSync(path, { mode: 0o700 });
  const stat = fs.lstatSync(path);
  const isTrusted = stat.uid === ourId || stat.uid === 0;
  if (isTrusted && stat.isSymbolicLink()) return makeWay(fs.realpathSync(path));
  // Root is whoever owns `/`: in a user namespace it has no number of its own.
  const isOfTheSystem = stat.isDirectory() && stat.uid === fs.lstatSync('/').uid;
  if (!isTrusted && !isOfTheSystem) throw new Error(`${path} is another user's`);
  const isForAll = (stat.mode & 0o002) !== 0 && (stat.mode & 0o1000) === 0;
  if (isForAll) throw new Error(`anybody may replace what lies in ${path}`);
}

/**
 * Makes a folder for us alone; true where it was missing.
 * @throws where what lies there is not ours alone, or a link
 */
function makeOwn(folder) {
  const isNew = !fs.lstatSync(folder, { throwIfNoEntry: false });
  if (isNew) fs.mkdirSync(folder, { mode: 0o700 });
  if (!isOwnFolder(fs.lstatSync(folder))) throw new Error(`${folder} is not ours`);
  return isNew;
}

const isOwnFolder = (stat) => stat.isDirectory() && stat.uid === ourId && (stat.mode & 0o077) === 0;

/** The file by which we know our folder again and backups leave it out: the Cache Directory Tagging Specification. */
const TAG = 'CACHEDIR.TAG';
const TAG_TEXT = `Signature: 8a477f597d28d172789f06886806bc55
# The compiled code of wso2-launch: all of it may be removed at any time.
`;

/** Makes the cache and its tag. @throws where a folder of this name is there that we have not made */
function makeCache(folder) {
  makeOwn(folder);
  const tag = join(folder, TAG);
  if (fs.readdirSync(folder).length === 0) writeNew(tag, TAG_TEXT);
  if (readOwn(tag)?.toString() !== TAG_TEXT) throw new Error(`${folder} is not ours`);
}

/** Writes a file that is not there yet; none is left where that fails. */
function writeNew(path, content) {
  const fd = fs.openSync(path, 'wx', 0o600);
  try {
    fs.writeFileSync(fd, content);
  } catch (error) {
    fs.unlinkSync(path);
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

const FORGOTTEN_MS = 30 * 24 * 3600 * 1000;
const BUILD_NAME = /^[0-9a-f]{16}-node-v[\w.-]+$/;
const CODE_NAME = /^[\w-]+\.cjs(\.[a-z-]+)?\.bin(\.\d+)?$/;

/** Removes code of builds that have written none for long; nothing that we have not written. */
function sweep(cache) {
  for (const build of fs.readdirSync(cache).filter((name) => BUILD_NAME.test(name))) {
    const folder = join(cache, build);
    const stat = fs.lstatSync(folder);
    if (!isOwnFolder(stat) || Date.now() - stat.mtimeMs < FORGOTTEN_MS) continue;
    for (const name of fs.readdirSync(folder)) {
      const file = join(folder, name);
      if (CODE_NAME.test(name) && readOwn(file)?.toString('latin1', 0, MARK.length) === MARK) fs.unlinkSync(file);
    }
    if (fs.readdirSync(folder).length === 0) fs.rmdirSync(folder);
  }
}
