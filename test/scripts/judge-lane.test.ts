import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

interface Mutant {
  readonly bytes: Buffer;
}

// They have no types.
const parts = join(process.cwd(), 'scripts/judge');
const { mutants }: { mutants: (seeds: readonly object[], how: object) => readonly Mutant[] } = await import(
  join(parts, 'mutants.mjs')
);
const { portsRendered }: { portsRendered: (rendered: object) => { ports?: object; refusal?: string } } = await import(
  join(parts, 'theirs.mjs')
);

/** How scripts/judge-lane.mjs comes to its files and its verdicts; the kernel's own part is tried by the lane itself. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function lane(env: Readonly<Record<string, string>>): { status: number | null; said: string } {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/judge-lane.mjs'], { env, encoding: 'utf8' });
  return { status, said: stdout };
}

describe('what the lane lacks is its last line, and the code is 2', () => {
  test('no JDK', () => {
    const env = { PATH: folder, HOME: folder, REAL_LANE_JDKS: folder };
    expect(lane(env)).toEqual({ status: 2, said: 'The lane of the judge lacks a JDK from 11 to 25.\n' });
  });
});

const SEEDS = [
  { name: 'a.toml', text: '[server]\noffset = 3\n' },
  { name: 'b.toml', text: '[transport.https.properties]\nport = "9500" # text\n' },
];

test('mutants are the same for the same seed, others for another, and no two are alike', () => {
  const bytesOf = (seed: number) => mutants(SEEDS, { size: 200, seed }).map(({ bytes }) => bytes.toString('latin1'));
  expect(bytesOf(1)).toEqual(bytesOf(1));
  expect(bytesOf(1)).not.toEqual(bytesOf(2));
  expect(new Set(bytesOf(1)).size).toBe(200);
});

describe('what a server rendered is told as its ports', () => {
  const rendered = {
    Offset: 3,
    RMIRegistryPort: 9999,
    RMIServerPort: 11_111,
    StartRMIServer: true,
    connectors: [9763, 9443],
    clustering: true,
    localMemberPort: 4000,
  };

  test('with the offset, but for the one of a cluster', () => {
    expect(portsRendered(rendered)).toEqual({
      ports: {
        'servlet-https': 9446,
        'servlet-http': 9766,
        'jmx-registry': 10_002,
        'jmx-server': 11_114,
        'clustering.local_member_port': 4000,
      },
    });
  });

  test('only of what is on', () => {
    const { ports } = portsRendered({ ...rendered, StartRMIServer: false, clustering: false });
    expect(Object.keys(ports ?? {})).toEqual(['servlet-https', 'servlet-http']);
  });

  test.each([
    [{ Offset: null }, 'no number for Offset'],
    [{ Offset: 60_000 }, 'no number for servlet-https'],
    [{ connectors: [9763, null] }, 'no number for servlet-https'],
    [{ RMIServerPort: 0 }, 'no number for jmx-server'],
    [{ RMIServerPort: -4 }, 'no number for jmx-server'],
  ])('a number that is none is refused: %j', (change, refusal) => {
    expect(portsRendered({ ...rendered, ...change }).refusal).toBe(refusal);
  });
});
