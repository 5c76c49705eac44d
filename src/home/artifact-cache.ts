import { dirname, isAbsolute, join } from 'node:path';
import type { Declaration } from '../domain/synapse.js';
import { nearestExisting } from '../system/files.js';
import { rethrowShortage } from '../system/shortage.js';
import type { Declared } from './carbon-applications.js';
import type { Reading } from './config-files.js';

/**
 * What a home's artifacts declared when they were last read, kept in the user's cache. An artifact is read again where its
 * size or the time of its last write is another one, and where it gave rise to a warning. Without a cache, or with one that
 * another user could have written, everything is read.
 */
export class ArtifactCache {
  readonly #known: KeptHome;
  readonly #found: Record<string, Kept> = {};
  #isNews = false;

  constructor(
    readonly home: string,
    readonly system: Reading,
  ) {
    this.#known = readKept(system).find((kept) => kept.home === home) ?? { home, keptAtMs: 0, files: {} };
  }

  /** What an artifact declares, from the cache or by `read`. */
  declared(path: string, read: () => Declared): Declared {
    const { files } = this.system;
    const [size, writtenAtMs] = [files.sizeOf(path), files.writtenAtMs(path)];
    const known = Object.hasOwn(this.#known.files, path) ? this.#known.files[path] : undefined;
    if (known?.size === size && known.writtenAtMs === writtenAtMs && isSettled(writtenAtMs, this.#known.keptAtMs)) {
      this.#found[path] = known;
      return { declarations: known.declarations, warnings: [] };
    }
    const declared = read();
    if (declared.warnings.length === 0) {
      this.#found[path] = { size, writtenAtMs, declarations: declared.declarations };
      this.#isNews = true;
    }
    return declared;
  }

  /** Keeps what was found, where any of it is new. */
  keep(): void {
    if (!this.#isNews) return;
    const others = readKept(this.system).filter(({ home }) => home !== this.home);
    const homes = [...others, { home: this.home, files: this.#found }].slice(-MOST_HOMES);
    write(JSON.stringify({ format: FORMAT, homes }), this.system);
  }
}

/** What is kept of one artifact. */
interface Kept {
  readonly size: number;
  readonly writtenAtMs: number;
  readonly declarations: readonly Declaration[];
}

interface KeptHome {
  readonly home: string;
  readonly keptAtMs: number;
  readonly files: Readonly<Record<string, Kept>>;
}

/** To be changed with the form of a declaration, and with what is taken for one. */
const FORMAT = 1;
const MOST_HOMES = 16;

/**
 * Whether a file would have another time if it had been written once more after it was read: clocks of file systems stand
 * still for some milliseconds, some for two seconds, and those have whole seconds alone.
 */
const isSettled = (writtenAtMs: number, keptAtMs: number): boolean =>
  keptAtMs - writtenAtMs > (writtenAtMs % 1000 === 0 ? 2000 : 20);

const FOLDER = 'wso2-launch-artifacts';

/** The file that the cache is; undefined where the user has no place for one that is his alone. */
function cacheFile({ env, files }: Reading): string | undefined {
  const { XDG_CACHE_HOME, HOME, LOCALAPPDATA } = env;
  const places = [XDG_CACHE_HOME, HOME && join(HOME, '.cache'), LOCALAPPDATA];
  const place = places.find((path) => path !== undefined && isAbsolute(path));
  if (place === undefined) return undefined;
  const folder = join(place, FOLDER);
  const isOthers =
    files.whyNotOurs(folder) !== undefined || files.openToOthers(folder) !== undefined || isLent(place, files);
  return isOthers ? undefined : join(folder, 'artifacts.json');
}

/** Whether root has the HOME of another user, who could not remove what is made there. */
const isLent = (place: string, files: Reading['files']): boolean =>
  files.lentBy(nearestExisting(place, files)) !== undefined;

/** Whatever is wrong with a cache, a home can be read without. */
function readKept(system: Reading): KeptHome[] {
  try {
    const path = cacheFile(system);
    const text = path === undefined ? undefined : system.files.readText(path);
    if (path === undefined || text === undefined) return [];
    const { format, homes } = JSON.parse(text) as { format: unknown; homes: Omit<KeptHome, 'keptAtMs'>[] };
    const keptAtMs = system.files.writtenAtMs(path);
    return format === FORMAT ? homes.filter(isKeptHome).map((kept) => ({ ...kept, keptAtMs })) : [];
  } catch (error) {
    rethrowShortage(error);
    return [];
  }
}

/** Whether it has the form in which it is kept: a cache that was cut off or changed by hand is none. */
const isKeptHome = ({ home, files }: Omit<KeptHome, 'keptAtMs'>): boolean =>
  typeof home === 'string' && Object.values(files).every(isKept);

const isKept = ({ declarations }: Kept): boolean =>
  declarations.every(
    ({ attributes, parameters, file, line }) =>
      typeof file === 'string' &&
      Number.isInteger(line) &&
      Object.values(attributes).every(isText) &&
      parameters.every(({ name, text, line: at }) => isText(name) && isText(text) && Number.isInteger(at)),
  );

const isText = (value: unknown): boolean => typeof value === 'string';

function write(text: string, system: Reading): void {
  try {
    const path = cacheFile(system);
    if (path === undefined) return;
    system.files.makePrivateFolder(dirname(path));
    if (cacheFile(system) === path) system.files.replaceText(path, text); // another user may have been faster
  } catch (error) {
    rethrowShortage(error); // else it will be read once more
  }
}
