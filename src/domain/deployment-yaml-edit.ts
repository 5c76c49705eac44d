import { OFFSET_PATH, unmovedPorts } from './carbon5.js';
import { parseDeploymentYaml, valueAt, type YamlMap } from './deployment-yaml.js';
import { parseInteger } from './numbers.js';
import { BY_HAND, notEditable, type OffsetFormat, type WrittenFile } from './offset-file.js';
import { editYaml } from './yaml-edit.js';

export interface RuntimeOffset {
  /** Whether the listeners of `wso2.transport.http` add the offset by themselves. */
  readonly movesHttp: boolean;
  /** The offset that the product ships in this file. */
  readonly shipped: number;
  /** The offset that the server makes of one that is no integer; the shipped one, where it makes nothing of it. */
  filled(): number;
}

/**
 * `wso2.carbon: ports: offset:` of a deployment.yaml, and with it the ports of the listeners that don't add it: they
 * move by as much. Taking it out puts there what the product ships.
 */
export const deploymentYamlOffset =
  ({ movesHttp, shipped, filled }: RuntimeOffset): OffsetFormat =>
  (text, file): WrittenFile => {
    const { tree, lineOf } = parseDeploymentYaml(text, file);
    const value = valueAt(tree, OFFSET_PATH);
    const isThere = value !== undefined && value !== null;
    const integer = isThere ? parseInteger(String(value)) : undefined;
    const unmoved = unmovedPorts(tree, movesHttp);
    const set = (offset: number) => {
      const unknown = unmoved.find(({ number }) => number === undefined)?.path;
      if (unknown) {
        throw notEditable(
          `${file}, line ${lineOf(unknown)}: ${unknown.join('.')} is ${JSON.stringify(valueAt(tree, unknown))}, no plain port number, and it would have to move with the offset.`,
          BY_HAND,
        );
      }
      const by = offset - (integer ?? (isThere ? filled() : shipped));
      const ports = unmoved.map(({ path, number = 0 }) => ({ path, value: number + by }));
      return editYaml(text, file, [{ path: OFFSET_PATH, value: offset }, ...ports]);
    };
    return {
      written: isThere ? { text: String(value), integer, line: lineOf(OFFSET_PATH) as number } : undefined,
      set,
      unset: () => set(shipped),
      whenUnset: shipped,
      rest: () => without([OFFSET_PATH, ...unmoved.map(({ path }) => path)], tree),
    };
  };

function without(paths: readonly (typeof OFFSET_PATH)[], tree: YamlMap): YamlMap {
  const copy = structuredClone(tree);
  for (const path of paths) {
    const parent = valueAt(copy, path.slice(0, -1)) as Record<string, unknown> | undefined;
    if (parent) parent[path.at(-1) as string] = null;
  }
  return copy;
}
