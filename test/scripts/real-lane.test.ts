import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

/** How scripts/real-lane.mjs gets its kernels, with a Maven and JDKs that are none; nothing is started. */

// wso2carbon-core-0.0.1/ with bin/wso2server.sh (mode 755) and bin/version.txt (644), both of one line.
const ZIP = Buffer.from(
  'UEsDBBQAAAAIAAAAIVwAAAAAAgAAAAAAAAAWAAAAd3NvMmNhcmJvbi1jb3JlLTAuMC4xLwMAUEsDBBQAAAAIAAAAIVwdnfsEDAAAAAoAAAAnAAAA' +
    'd3NvMmNhcmJvbi1jb3JlLTAuMC4xL2Jpbi93c28yc2VydmVyLnNoU1bUT8rM0y/O4AIAUEsDBBQAAAAIAAAAIVw1IOyeFQAAABMAAAAlAAAAd3Nv' +
    'MmNhcmJvbi1jb3JlLTAuMC4xL2Jpbi92ZXJzaW9uLnR4dEtUyE4tykvNUUjLL1IoSS0uKeYCAFBLAQIUAxQAAAAIAAAAIVwAAAAAAgAAAAAAAAAW' +
    'AAAAAAAAAAAAEADtQQAAAAB3c28yY2FyYm9uLWNvcmUtMC4wLjEvUEsBAhQDFAAAAAgAAAAhXB2d+wQMAAAACgAAACcAAAAAAAAAAAAAAO2BNgAA' +
    'AHdzbzJjYXJib24tY29yZS0wLjAuMS9iaW4vd3NvMnNlcnZlci5zaFBLAQIUAxQAAAAIAAAAIVw1IOyeFQAAABMAAAAlAAAAAAAAAAAAAACkgYcA' +
    'AAB3c28yY2FyYm9uLWNvcmUtMC4wLjEvYmluL3ZlcnNpb24udHh0UEsFBgAAAAADAAMA7AAAAN8AAAAAAA==',
  'base64',
);
const sha256 = createHash('sha256').update(ZIP).digest('hex');
const OTHER_SHA256 = '0'.repeat(64);

let folder: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  cache = join(folder, 'cache');
  writeFileSync(join(folder, 'right.zip'), ZIP);
  // The lane starts `node` only by its path; a shell is all that our Maven needs.
  mkdirSync(join(folder, 'bin'));
  for (const name of ['sh', 'cp', 'sleep']) symlinkSync(join('/bin', name), join(folder, 'bin', name));
  mkdirSync(join(folder, 'jdks'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A Maven of ours: it notes its words, and then does what is asked of it, with `$folder` for where the zip is to go. */
function maven(does: string): void {
  const words = `printf '%s\\n' "$*" >> '${join(folder, 'maven.log')}'`;
  const find =
    'for word; do case $word in -DoutputDirectory=*) folder=${word#*=} ;; *core:0.0.*) version=${word%:zip} ;; esac; done';
  const target = 'zip="$folder/wso2carbon-core-${version##*:}.zip"';
  writeFileSync(join(folder, 'bin/mvn'), `#!/bin/sh\n${words}\n${find}\n${target}\n${does}\n`, { mode: 0o755 });
}

const BRINGS_IT = () => `cp '${join(folder, 'right.zip')}' "$zip"`;

const askedOfMaven = (): string[] => {
  const log = join(folder, 'maven.log');
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
};

/** A JDK as far as the lane looks at one. */
function jdk(version: string, modules = 'java.base jdk.naming.rmi'): void {
  const home = join(folder, 'jdks', version);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin/java'), '');
  writeFileSync(join(home, 'release'), `JAVA_VERSION="${version}"\nMODULES="${modules}"\n`);
}

interface Pinned {
  readonly version: string;
  readonly sha256: string;
  readonly jdk: readonly [number, number];
}

const KERNEL: Pinned = { version: '0.0.1', sha256, jdk: [11, 21] };

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** Fetches kernels, and does no more. */
function fetchKernels(kernels: readonly Pinned[] = [KERNEL], ...more: string[]): Promise<Ended> {
  const file = join(folder, 'kernels.json');
  writeFileSync(file, JSON.stringify(kernels));
  const lane = spawn(process.execPath, ['scripts/real-lane.mjs', '--fetch', '--kernels', file, ...more], {
    env: { PATH: join(folder, 'bin'), HOME: folder, REAL_LANE: cache, REAL_LANE_JDKS: join(folder, 'jdks') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [lane.stdout, lane.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve) =>
    lane.once('close', (code) => resolve({ code, said: said.replaceAll(folder, 'HERE') })),
  );
}

const home = (): string => join(cache, `wso2carbon-core-0.0.1-${sha256.slice(0, 12)}`, 'wso2carbon-core-0.0.1');
const leftovers = (): string[] => readdirSync(cache).filter((name) => name.startsWith('part-'));

function expectWhole(): void {
  expect(readFileSync(join(home(), 'bin/version.txt'), 'utf8')).toBe('a kernel for tests\n');
  expect(statSync(join(home(), 'bin/wso2server.sh')).mode & 0o777).toBe(0o755);
  expect(statSync(join(home(), 'bin/version.txt')).mode & 0o777).toBe(0o644);
  expect(leftovers()).toEqual([]);
}

test.each([
  [{ REAL_LANE: '/lane', XDG_CACHE_HOME: '/caches' }, '/lane'],
  [{ XDG_CACHE_HOME: '/caches' }, '/caches/wso2-launch-kernels'],
  [{ XDG_CACHE_HOME: 'caches' }, '/home/me/.cache/wso2-launch-kernels'],
  [{}, '/home/me/.cache/wso2-launch-kernels'],
])('with %j kernels are kept in %s', (env, expected) => {
  const tell = "import('./scripts/real/kernels.mjs').then(({ cacheFolder }) => console.log(cacheFolder()))";
  const { stdout } = spawnSync(process.execPath, ['-e', tell], { env: { HOME: '/home/me', ...env }, encoding: 'utf8' });
  expect(stdout).toBe(`${expected}\n`);
});

describe('a kernel', () => {
  beforeEach(() => jdk('17.0.9'));

  test('is fetched by Maven, checked, unpacked with its modes, and kept', async () => {
    maven(BRINGS_IT());
    expect(await fetchKernels()).toEqual({ code: 0, said: 'real servers: fetching kernel 0.0.1\n' });
    expectWhole();
    expect(askedOfMaven()).toHaveLength(1);
    expect(askedOfMaven()[0]).toContain('-Dartifact=org.wso2.carbon:wso2carbon-core:0.0.1:zip');

    expect(await fetchKernels()).toEqual({ code: 0, said: '' });
    expect(askedOfMaven()).toHaveLength(1);
  });

  test('whose zip was cut off in the cache is fetched again', async () => {
    maven(BRINGS_IT());
    await fetchKernels();
    truncateSync(join(cache, 'wso2carbon-core-0.0.1.zip'), 100);

    const said =
      'real servers: HERE/cache/wso2carbon-core-0.0.1.zip is not the kernel that it was: fetching it again\n';
    expect(await fetchKernels()).toEqual({ code: 0, said });
    expectWhole();
    expect(askedOfMaven()).toHaveLength(2);
  });

  test("that comes broken is fetched once more, past Maven's own repository", async () => {
    maven(`case $* in *maven.repo.local=*) ${BRINGS_IT()} ;; *) echo cut > "$zip" ;; esac`);
    const { code, said } = await fetchKernels();

    expect({ code, said }).toEqual({
      code: 0,
      said: 'real servers: fetching kernel 0.0.1\nreal servers: kernel 0.0.1 came with another checksum than the pinned one\n',
    });
    expectWhole();
  });

  test('that comes broken twice is what the lane lacks', async () => {
    maven('echo cut > "$zip"');
    const { code, said } = await fetchKernels();

    expect(code).toBe(2);
    expect(said).toMatch(/The lane of real servers lacks kernel 0\.0\.1: twice it came with another checksum/);
    expect(askedOfMaven()).toHaveLength(2);
    expect(readdirSync(cache)).toEqual([]);
  });

  test('that can not be reached is what the lane lacks, in the words of Maven', async () => {
    maven("echo '[ERROR] Unknown host repo.example'; exit 1");
    const { code, said } = await fetchKernels([KERNEL, { ...KERNEL, version: '0.0.2' }]);

    expect(code).toBe(2);
    expect(said).toContain(
      'The lane of real servers lacks kernel 0.0.1: it could not be fetched: mvn ended with code 1: Unknown host repo.example.',
    );
    expect(askedOfMaven()).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  test('for which Maven takes for ever is what the lane lacks', async () => {
    maven('exec sleep 600');
    const { code, said } = await fetchKernels([KERNEL], '--fetch-timeout', '1');

    expect(code).toBe(2);
    expect(said).toContain('lacks kernel 0.0.1: it could not be fetched: no end of mvn in 1 s.');
  });

  test('other than the first that can not be had is skipped by name, and nobody waits for Maven again', async () => {
    maven(`case $version in *0.0.1) ${BRINGS_IT()} ;; *) echo '[ERROR] Unknown host'; exit 1 ;; esac`);
    const others = ['0.0.2', '0.0.3'].map((version) => ({ ...KERNEL, version }));
    const { code, said } = await fetchKernels([KERNEL, ...others]);

    expect(code).toBe(0);
    expect(said).toContain('kernel 0.0.2 is skipped: it could not be fetched: mvn ended with code 1: Unknown host\n');
    expect(said).toContain('kernel 0.0.3 is skipped: it is not here, and Maven could not fetch another one\n');
    expect(askedOfMaven()).toHaveLength(2);
  });

  test('other than the first that comes broken is skipped by name, and the next is asked for', async () => {
    maven(BRINGS_IT());
    const broken = { ...KERNEL, version: '0.0.2', sha256: OTHER_SHA256 };
    const { code, said } = await fetchKernels([KERNEL, broken, { ...KERNEL, version: '0.0.3' }]);

    expect(code).toBe(0);
    expect(said).toContain('kernel 0.0.2 is skipped: twice it came with another checksum than the pinned one\n');
    expect(existsSync(join(cache, 'wso2carbon-core-0.0.3.zip'))).toBe(true);
  });

  test('is whole for every one of several lanes that fetch at once', async () => {
    maven(BRINGS_IT());
    const ended = await Promise.all(Array.from({ length: 4 }, () => fetchKernels()));

    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expectWhole();
  });
});

describe('what the lane lacks is said, with code 2:', () => {
  test('Maven', async () => {
    jdk('17.0.9');
    expect(await fetchKernels()).toEqual({
      code: 2,
      said: 'The lane of real servers lacks Maven: mvn is not on PATH.\n',
    });
  });

  test('a folder for its kernels', async () => {
    maven(BRINGS_IT());
    jdk('17.0.9');
    writeFileSync(cache, '');
    const { code, said } = await fetchKernels();
    expect(code).toBe(2);
    expect(said).toMatch(/^The lane of real servers lacks a folder for its kernels, which REAL_LANE may name: EEXIST/);
  });

  test('any JDK', async () => {
    maven(BRINGS_IT());
    const said = 'The lane of real servers lacks a JDK: none in JAVA_HOME, on PATH or in the usual places.\n';
    expect(await fetchKernels()).toEqual({ code: 2, said });
    expect(askedOfMaven()).toEqual([]);
  });

  test('a JDK that the kernel takes', async () => {
    maven(BRINGS_IT());
    jdk('1.8.0_402');
    jdk('17.0.9', 'java.base');
    jdk('26');
    const said =
      'real servers: kernel 0.0.1 is skipped: no JDK from 11 to 21\n' +
      'The lane of real servers lacks a JDK that kernel 0.0.1 takes, from 11 to 21: HERE/jdks/1.8.0_402 is 8, ' +
      'HERE/jdks/17.0.9 is 17 and has no module jdk.naming.rmi, HERE/jdks/26 is 26.\n';
    expect(await fetchKernels()).toEqual({ code: 2, said });
    expect(askedOfMaven()).toEqual([]);
  });
});

test('what a lane that was killed had half made is taken away after an hour', async () => {
  maven(BRINGS_IT());
  jdk('17.0.9');
  mkdirSync(join(cache, 'part-old'), { recursive: true });
  mkdirSync(join(cache, 'part-new'));
  const twoHoursAgo = Date.now() / 1000 - 7200;
  utimesSync(join(cache, 'part-old'), twoHoursAgo, twoHoursAgo);

  expect((await fetchKernels()).code).toBe(0);
  expect(leftovers()).toEqual(['part-new']);
});

test('a kernel for which there is no JDK is skipped by name, and not fetched', async () => {
  maven(BRINGS_IT());
  jdk('17.0.9');
  const { code, said } = await fetchKernels([KERNEL, { ...KERNEL, version: '0.0.2', jdk: [21, 25] }]);

  expect({ code, said }).toEqual({
    code: 0,
    said: 'real servers: kernel 0.0.2 is skipped: no JDK from 21 to 25\nreal servers: fetching kernel 0.0.1\n',
  });
});
