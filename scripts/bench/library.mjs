import { spawn } from 'node:child_process';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { makeFifo, makeHome, now, over, timed } from './setting.mjs';
import { untilScriptRuns } from './start.mjs';

const LIBRARY = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), '../../dist/index.mjs')).href;

/**
 * What a program pays: the import, over that of an empty module; and a launch, from its call to the start script's first
 * line, beside one by the command from its start, of which a bare start of Node is taken off.
 */
export async function library({ runs }) {
  const setting = makeHome('#!/bin/sh\necho started > started\n');
  const fifo = join(setting.home, 'started');
  makeFifo(fifo);
  const program = (name, text) => {
    const file = join(setting.folder, name);
    writeFileSync(file, text);
    return file;
  };
  const empty = program('empty.mjs', 'export {};\n');
  const importing = {
    nothing: program('nothing.mjs', `import ${JSON.stringify(pathToFileURL(empty).href)};\n`),
    library: program('library.mjs', `import ${JSON.stringify(LIBRARY)};\n`),
  };
  const launching = program(
    'launching.mjs',
    `import { launch } from ${JSON.stringify(LIBRARY)};
process.stdout.write(String(performance.timeOrigin + performance.now()));
await launch('mi', { home: ${JSON.stringify(setting.home)}, offset: 'auto', minOffset: 6000 }).catch(() => {});
`,
  );
  const warming = program(
    'warming.mjs',
    `${readFileSync(launching)}await new Promise((resolve) => setTimeout(resolve, 2_000));\n`,
  );
  const [bare, nothing, all, byCommand, byLibrary] = [[], [], [], [], []];
  try {
    await fromCallToScript(warming, setting, fifo); // compiled code is kept once it was used for a while
    for (let run = 0; run < runs; run++) {
      bare.push(await timed(process.execPath, ['-e', '0']));
      nothing.push(await timed(process.execPath, [importing.nothing]));
      all.push(await timed(process.execPath, [importing.library]));
      byCommand.push((await untilScriptRuns(setting, fifo)) - bare.at(-1));
      byLibrary.push(await fromCallToScript(launching, setting, fifo));
    }
  } finally {
    setting.close();
  }
  return [over('import', all, nothing), over('launch, from its call to the script', byLibrary, byCommand)];
}

async function fromCallToScript(program, { env }, fifo) {
  const written = new Promise((resolve) =>
    createReadStream(fifo).once('data', () => resolve(performance.timeOrigin + now())),
  );
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let calledAt = '';
  for await (const text of child.stdout) calledAt += text;
  const ranAt = await written;
  await exited;
  return ranAt - Number(calledAt);
}
