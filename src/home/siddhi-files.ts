import { basename, join } from 'node:path';
import { type ArtifactListeners, withListeners } from '../domain/artifacts.js';
import type { YamlMap } from '../domain/deployment-yaml.js';
import { isYamlMap, valueAt } from '../domain/deployment-yaml.js';
import type { RuntimeFacts } from '../domain/facts.js';
import type { BasePort } from '../domain/ports.js';
import { type SiddhiFile, siddhiListeners } from '../domain/siddhi-listeners.js';
import { rethrowShortage } from '../system/shortage.js';
import type { Reading } from './config-files.js';

/** The home of Siddhi applications, and what they may refer to. */
interface SiddhiHome {
  readonly home: string;
  readonly runtime: RuntimeFacts;
  /** deployment.yaml, with what is laid over it. */
  readonly tree: YamlMap;
  /** The value of a property or a variable. */
  readonly meaningOf: (name: string) => string | undefined;
}

/** `ports` together with those that the Siddhi applications of a runtime open. */
export function withSiddhi(
  ports: readonly BasePort[],
  { home, runtime, tree, meaningOf }: SiddhiHome,
  system: Reading,
): { readonly ports: readonly BasePort[]; readonly warnings: readonly string[] } {
  const read = [join(home, runtime.folder), home].flatMap((folder) =>
    readFiles(join(folder, 'deployment/siddhi-files'), system),
  );
  const files = read.filter((file) => typeof file !== 'string');
  const { listeners, warnings }: ArtifactListeners = siddhiListeners(files, {
    meaningOf,
    extensions: listIn(tree, 'extensions'),
    refs: listIn(tree, 'refs'),
  });
  const unread = read.filter((file) => typeof file === 'string');
  return { ports: withListeners(ports, listeners), warnings: [...unread, ...warnings] };
}

/** Those that can be read, and a warning for each other. */
function readFiles(folder: string, { files }: Reading): (SiddhiFile | string)[] {
  return files.filesIn(folder).flatMap((entry): [SiddhiFile | string] | [] => {
    if (!entry.endsWith('.siddhi')) return [];
    const path = join(folder, entry);
    try {
      return [{ name: basename(entry, '.siddhi'), text: files.readText(path) ?? '' }];
    } catch (error) {
      rethrowShortage(error);
      return [`${path} can't be read, so that nobody looks after its ports: ${(error as Error).message}.`];
    }
  });
}

/** SI FileConfigManager: the older top level, else `siddhi`. */
function listIn(tree: YamlMap, name: string): readonly unknown[] {
  const siddhi = valueAt(tree, ['siddhi']);
  const lists = [tree[name], isYamlMap(siddhi) ? siddhi[name] : undefined];
  return lists.find((list): list is unknown[] => Array.isArray(list) && list.length > 0) ?? [];
}
