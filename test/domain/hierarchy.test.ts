import { expect, test } from '@jest/globals';
import type { Setting } from '../../src/domain/configuration.js';
import { inHierarchy } from '../../src/domain/hierarchy.js';

type Entry = readonly [key: string, value: unknown, line?: number];

const PORT: Entry = ['a.b.port', '9443'];

function read(entries: readonly Entry[], wanted: string) {
  const settings = new Map(
    entries.map(([key, value, line]): [string, Setting] => [
      key,
      line === undefined
        ? { value }
        : { value, leaf: { key, value, line, ...(key.includes('[') && { element: key }) } },
    ]),
  );
  const { value, leaf } = inHierarchy(settings, (key) => settings.get(key))(wanted) ?? {};
  return { value, line: leaf?.line };
}

// As config-mapper 1.0.22 itself renders them, in the order in which it walks them.
test.each<[what: string, entries: readonly Entry[], wanted: string, value: unknown, line: number | undefined]>([
  ['a value', [['a', 3, 2]], 'a', 3, 2],
  ['a default', [PORT], 'a.b.port', '9443', undefined],
  ['a quoted part', [["a.'x.y'.z", 'quoted']], "a.'x.y'.z", 'quoted', undefined],
  ['nothing', [PORT], 'a.b.none', undefined, undefined],
  ['a table', [['a.b.x', 3, 2]], 'a.b', { x: 3 }, 2],
  ['a table of tables', [['a.b.x', 3, 2]], 'a', { b: { x: 3 } }, 2],
  ['a table after a value of that name', [['a.b.port.x', 3, 2], PORT].reverse() as Entry[], 'a.b.port', { x: 3 }, 2],
  ['a value after a table of that name', [['a.b.port.x', 3, 2], PORT], 'a.b.port', '9443', undefined],
  ['a value after the table that it takes the place of', [PORT, ['a.b', 5, 1]], 'a.b.port', 5, 1],
  ['a value before the table that takes its place', [['a.b', 5, 1], PORT], 'a.b.port', '9443', undefined],
  ['a list of tables after the table of that name', [PORT, ['a[0].x', 5, 2]], 'a.b.port', [], 2],
  ['what a list took away before there was a table again', [PORT, ['a[0].x', 5, 2], ['a.c', 1]], 'a.b.port', [], 2],
  ['a list of tables', [['a.b[0].x', 5, 2]], 'a.b', [], 2],
  ['a list of tables among others', [PORT, ['a[0].x', 5, 2]], 'a', [], 2],
  ['what stands in a list of tables', [['a[0].b', 80, 2]], 'a[0].b', 80, 2],
])('%s is found as templates see it', (_what, entries, wanted, value, line) => {
  expect(read(entries, wanted)).toEqual({ value, line });
});
