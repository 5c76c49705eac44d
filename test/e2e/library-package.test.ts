import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ForeignProject, type Way } from '../support/foreign-project.js';
import { Sandbox } from '../support/sandbox.js';

const run = promisify(execFile);
const WAYS: readonly Way[] = ['import', 'require'];
const NAMES = ['LaunchError', 'acquire', 'doctor', 'instances', 'jdks', 'launch', 'offset', 'ports', 'wait'];

let project: ForeignProject;
let sandbox: Sandbox;
beforeAll(async () => {
  project = await ForeignProject.install();
}, 120_000);
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());
afterAll(() => project.close());

test('the package brings no other along', () => {
  const installed = readdirSync(join(project.folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(installed).toEqual(['wso2-launch']);
});

describe.each(WAYS)('by %s', (way) => {
  test('it has these names and no others', async () => {
    const all = way === 'import' ? "await import('wso2-launch')" : "require('wso2-launch')";
    const [names] = await project.run(sandbox, `tell(Object.keys(${all}).sort());`, { way });
    expect(names).toEqual(NAMES);
  });

  test('it leaves no trace in its host, and loads its code only when that is called for', async () => {
    const program = `
      await settled();
      const files = () => Object.keys(require.cache ?? {}).filter((file) => file.includes('wso2-launch'));
      tell({ loaded: files().length, replaced: replaced(), traces: traces() });`;
    const bare = `const require = { cache: (await import('node:module')).createRequire(import.meta.url).cache };`;
    const body = way === 'import' ? bare + program : program;
    const [{ loaded, replaced, traces }] = await project.run(sandbox, body, { way });
    expect(loaded).toBeLessThanOrEqual(5);
    expect(replaced).toEqual([]);
    expect(traces).toMatchObject({ sockets: [], exitCode: null, cwd: project.folder });
  });
});

test('there is one LaunchError for who imports and who requires', async () => {
  const [told] = await project.run(
    sandbox,
    `const { createRequire } = await import('node:module');
    const required = createRequire(import.meta.url)('wso2-launch');
    const error = await required.launch('nothing').catch((error) => error);
    tell({ same: required.LaunchError === LaunchError, isOurs: error instanceof LaunchError, isError: error instanceof Error });`,
  );
  expect(told).toEqual({ same: true, isOurs: true, isError: true });
});

test.each(WAYS)('a LaunchError that nobody catches is shown by its own name, once (%s)', async (way) => {
  const program = project.start(sandbox, "await launch('mi', { home: '/nowhere' });", { way });
  expect(await program.exited).toEqual({ code: 1, signal: null });
  const said = '/nowhere (from home) is not a folder.';
  expect(program.stderr).toContain(`\nLaunchError: ${said}\n    at `);
  expect(program.stderr.split(said)).toHaveLength(2);
});

describe('its types', () => {
  const USE = `
    const error: Error = new LaunchError({ code: 2, failure: 'usage', message: 'a', hint: 'b', lastLines: [] });
    const use = async (options: LaunchOptions, shared: AcquireOptions): Promise<Server> => {
      const server: Server = await launch('mi', { ...options, offset: 'auto', onEvent: (event) => void event.schemaVersion });
      for await (const event of server.events()) {
        if (event.event === 'ready') console.log(event.urls['management'], event.ports[0]?.number, event.at, event.name);
        if (event.event === 'failed') console.log(event.failure, event.taken?.[0]?.by?.pid);
      }
      for await (const line of server.logs({ tail: 3, since: new Date(), follow: true })) line.trim();
      const end: { readonly code: number; readonly failure?: string } = await server.ended;
      const { how }: { readonly how: 'graceful' | 'killed' } = await server.stop();
      await server[Symbol.asyncDispose]();
      const [first] = await instances({ all: true });
      const report = await ports({ product: 'mi', offset: 3 });
      const { findings } = await doctor({ home: '/opt/mi' });
      const { source } = await offset.set({ product: 'apim', offset: 4, force: true });
      console.log(end.code, how, first?.holders[0]?.label, report.ports[0]?.state, findings[0]?.level, source, error);
      return acquire('mi', { ...shared, lingerMs: 5, label: 'me' });
    };
    export { use };`;
  const importing = `import { acquire, doctor, instances, launch, LaunchError, offset, ports } from 'wso2-launch';
    import type { AcquireOptions, LaunchOptions, Server } from 'wso2-launch';`;

  /** What the compiler says of a program; empty where it takes it. */
  async function complaints(file: string, text: string, module: string, resolution: string): Promise<string> {
    const path = project.write(file, text);
    const compiler = join(process.cwd(), 'node_modules/typescript/bin/tsc');
    const types = ['--typeRoots', join(process.cwd(), 'node_modules/@types'), '--types', 'node'];
    const how = ['--noEmit', '--strict', '--target', 'es2022', '--module', module, '--moduleResolution', resolution];
    return run(process.execPath, [compiler, ...how, ...types, path], { cwd: project.folder }).then(
      () => '',
      ({ stdout }) => stdout as string,
    );
  }

  test.each([
    ['an ES module', 'use.mts', 'nodenext', 'nodenext'],
    ['a CommonJS module', 'use.cts', 'nodenext', 'nodenext'],
    ["a bundler's module", 'bundled.ts', 'esnext', 'bundler'],
  ])('fit %s', async (_what, file, module, resolution) => {
    expect(await complaints(file, `${importing}\n${USE}`, module, resolution)).toBe('');
  });

  test.each([
    ['an unknown product', "void launch('mii');"],
    ['an option of a wrong type', "void launch('mi', { offset: '3' });"],
    ['an unknown option', "void launch('mi', { ofset: 3 });"],
    ['an option of acquire for launch', "void launch('mi', { lingerMs: 3 });"],
    ['an event that there is not', "void launch('mi', { onEvent: (event) => event.event === 'reddy' });"],
  ])('refuse %s', async (what, line) => {
    const file = `${what.replaceAll(' ', '-')}.mts`;
    const said = await complaints(file, `import { launch } from 'wso2-launch';\n${line}\n`, 'nodenext', 'nodenext');
    expect(said).toContain(`${file}(2,`);
  });
});
