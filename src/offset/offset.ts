import { basename, join } from 'node:path';
import { carbonXmlOffset } from '../domain/carbon-xml-edit.js';
import type { ProductId } from '../domain/catalogue.js';
import { deploymentYamlOffset } from '../domain/deployment-yaml-edit.js';
import { LaunchError } from '../domain/failure.js';
import { type ChangedOffset, changeOffset, type OffsetFormat, type WrittenOffset } from '../domain/offset-file.js';
import { type GivenNumber, offsetRange } from '../domain/offsets.js';
import { tomlOffset } from '../domain/toml-edit.js';
import { type Encoding, readConfigured } from '../home/config-files.js';
import { configurationFile } from '../home/configuration.js';
import { type InspectedHome, inspectLocated } from '../home/inspect.js';
import { type LocatedHome, locateHome } from '../home/locate.js';
import type { HomeRequest } from '../home/request.js';
import { capabilitiesOf } from '../home/runtime-configuration.js';
import { givenProperties } from '../home/surroundings.js';
import { checkHomeIsIdle, findServerOf } from '../ports/idle-home.js';
import { readLeases } from '../ports/report.js';
import { nodeSystem, type System } from '../system/index.js';
import { rethrowShortage } from '../system/shortage.js';

/** The offset of a server that is started without any argument, and where it comes from. */
export interface OffsetReading {
  readonly product: ProductId;
  readonly home: string;
  readonly offset: number;
  /** `default`, or where it was set: `deployment.toml:12`, `JAVA_OPTS`. */
  readonly source: string;
  /** The path of the home's configuration file. */
  readonly path: string;
  readonly isMissing: boolean;
  /** The offset in that file, whether or not it counts. */
  readonly written: WrittenOffset | undefined;
  readonly warnings: readonly string[];
}

/** A change of the configuration file, and what a start would make of it. */
export interface OffsetChange extends ChangedOffset {
  readonly path: string;
  readonly reading: OffsetReading;
}

export interface OffsetOrder {
  /** Absent: the offset is to be taken out. */
  readonly offset?: GivenNumber;
  /** Whether it may replace something else than an integer. */
  readonly isForced: boolean;
}

type OffsetReader = Pick<System, 'files' | 'env' | 'currentFolder' | 'host'>;
type OffsetSystem = OffsetReader & Pick<System, 'leases' | 'processes'>;

/** An offset is read and edited wherever; a variable of the machine that the server is to run on may not be set there. */
const LOOKS = { onlyLooks: true } as const;

/**
 * Reads the offset of a home's server.
 * @throws LaunchError `unusable-home`, `unusable-configuration`, or `usage` for what an argument or a profile says
 */
export function readOffset(asked: HomeRequest, system: OffsetReader = nodeSystem): OffsetReading {
  const request = { ...asked, ...LOOKS };
  const located = locateHome(request, system);
  const file = fileOf(located, request, system);
  const text = readConfigured(file.path, system, file.encoding);
  // A byte order mark keeps a server from starting, not us from reading its offset.
  const seen = text === undefined ? system : withText(file.path, text, system);
  return withMarkNamed(read(located, inspectLocated(located, request, seen), file, seen), file, text);
}

/**
 * Makes the text of a change, and writes nothing.
 * @throws LaunchError `home-runs`, `unusable-home`, `unusable-configuration`, or `usage` for an offset that no port
 *   range allows, and for what an argument or a profile says
 */
export async function planOffset(
  asked: HomeRequest,
  { offset, isForced }: OffsetOrder,
  system: OffsetSystem = nodeSystem,
): Promise<OffsetChange> {
  const request = { ...asked, ...LOOKS };
  const located = locateHome(request, system);
  checkHomeIsIdle(
    located,
    { leases: await readLeases(system), server: findServerOf(located.runtimeHome, system) },
    'Its offset is only edited while it does not run.',
    system,
  );
  const file = fileOf(located, request, system);
  const { path, format } = file;
  if (located.runtime?.isFlat) {
    const hint = 'Nothing was changed; edit the ports there.';
    throw unwritable(`${path} knows no offset: the server opens the ports that stand there.`, hint);
  }
  const encoding = file.encoding === 'exact' ? 'exact' : 'marked';
  const text = readConfigured(path, system, encoding, 'Nothing was changed; mend the file or its access rights.');
  if (text === undefined) throw unwritable(`${path} is missing.`, 'Unpack the product again, or name another home.');

  const wanted = { offset: offset?.value, isForced };
  const change = changeOffset(format, text, basename(path), wanted);
  if (change.after !== text && system.files.isReadOnly(path)) {
    throw unwritable(`${path} is read-only.`, 'Nothing was changed; let it be written to, or edit it by hand.');
  }
  const edited = withText(path, change.after, system);
  const inspection = inspectLocated(located, request, edited);
  // The ports allow an offset or not, whatever beats it and whatever is configured.
  if (offset) offsetRange({ kind: 'fixed', offset }, { value: 0, source: 'default' }, inspection.ports);
  return { ...change, path, reading: withMarkNamed(read(located, inspection, file, edited), file, text) };
}

function withMarkNamed(reading: OffsetReading, { path, format }: EditedFile, text: string | undefined): OffsetReading {
  if (format !== tomlOffset || !text?.startsWith('\ufeff')) return reading;
  const warning = `${path} begins with a byte order mark, with which the server does not start: save it as UTF-8 without one.`;
  return { ...reading, warnings: [...reading.warnings, warning] };
}

/** Writes what was planned. @throws LaunchError `unusable-configuration`; nothing is changed then */
export async function writeOffset(
  { path, before, after }: OffsetChange,
  { files }: Pick<System, 'files'> = nodeSystem,
): Promise<void> {
  if (before === after) return;
  try {
    await files.rewrite(path, before, after);
  } catch (error) {
    rethrowShortage(error);
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = NEXT_STEPS[code ?? ''] ?? 'Try again, or edit it by hand.';
    throw unwritable(`${path} can't be written: ${message}.`, `Nothing was changed. ${hint}`, { cause: error });
  }
}

const NEXT_STEPS: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room on its disk.',
  EDQUOT: 'Make room on its disk.',
  EFBIG: 'Raise the limit with ulimit -f.',
  EPERM: 'Ask its owner to do it: nobody else can leave it theirs.',
  EACCES: 'Its folder has to be writable as well.',
  EROFS: 'Its disk has to be writable.',
};

const unwritable = (what: string, hint: string, options?: ErrorOptions): LaunchError =>
  new LaunchError({ kind: 'unusable-configuration', what, hint }, [], options);

/** The configuration file of a home, and how its offset is read and written. */
interface EditedFile {
  readonly path: string;
  readonly format: OffsetFormat;
  readonly encoding: Encoding;
}

function fileOf(located: LocatedHome, request: HomeRequest, system: OffsetReader): EditedFile {
  const { home, row, runtime } = located;
  if (row.carbon5 && runtime) {
    const filled = (): number => {
      try {
        return inspectLocated(located, request, system).configured.value;
      } catch {
        return runtime.defaultOffset;
      }
    };
    const { movesHttp } = capabilitiesOf({ home, carbon5: row.carbon5 }, system);
    const shipped = runtime.defaultOffset;
    const format = deploymentYamlOffset({ movesHttp, shipped, filled });
    return { path: join(home, runtime.configFile), format, encoding: 'marked' };
  }
  const { path, isXml } = configurationFile(located, givenProperties({ ...request, ...located }, system), system);
  return isXml ? { path, format: carbonXmlOffset, encoding: 'any' } : { path, format: tomlOffset, encoding: 'exact' };
}

function read(
  { id, home }: LocatedHome,
  { configured, warnings }: InspectedHome,
  { path, format, encoding }: EditedFile,
  system: OffsetReader,
): OffsetReading {
  const text = readConfigured(path, system, encoding);
  return {
    product: id,
    home,
    offset: configured.value,
    source: configured.source,
    path,
    isMissing: text === undefined,
    written: text === undefined ? undefined : format(text, basename(path)).written,
    warnings,
  };
}

/** The same system, except that a file has another text. */
function withText(path: string, text: string, system: OffsetReader): OffsetReader {
  const otherwise = (read: (path: string) => string | undefined) => (asked: string) =>
    asked === path ? text.replace(/^\ufeff/, '') : read(asked);
  const { readText, readUtf8, readExact } = system.files;
  const reading = { readText: otherwise(readText), readUtf8: otherwise(readUtf8), readExact: otherwise(readExact) };
  return { ...system, files: { ...system.files, ...reading } };
}
