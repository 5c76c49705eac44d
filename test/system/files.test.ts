import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeFiles } from '../../src/system/files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: string | Buffer = '', mode = 0o644): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
};

describe('what is there', () => {
  test.each<[string, () => string, readonly boolean[]]>([
    ['a file', () => write('a'), [true, true, false, false]],
    ['a program', () => write('a', '', 0o755), [true, true, false, true]],
    ['a folder', () => folder, [true, false, true, false]],
    ['nothing', () => join(folder, 'a'), [false, false, false, false]],
    ['something behind a file', () => join(write('a'), 'b'), [false, false, false, false]],
  ])('%s', (_what, make, [exists, isFile, isFolder, isExecutable]) => {
    const path = make();
    expect(nodeFiles.exists(path)).toBe(exists);
    expect(nodeFiles.isFile(path)).toBe(isFile);
    expect(nodeFiles.isFolder(path)).toBe(isFolder);
    expect(nodeFiles.isExecutable(path)).toBe(isExecutable);
  });

  test('a link is what it leads to, a broken one nothing', () => {
    symlinkSync(write('a'), join(folder, 'link'));
    symlinkSync('gone', join(folder, 'broken'));
    expect(nodeFiles.isFile(join(folder, 'link'))).toBe(true);
    expect(nodeFiles.exists(join(folder, 'broken'))).toBe(false);
  });
});

describe('a text', () => {
  test('that is missing is no error', () => {
    expect(nodeFiles.readText(join(folder, 'a'))).toBeUndefined();
    expect(nodeFiles.readUtf8(join(folder, 'a'))).toBeUndefined();
    expect(nodeFiles.readUtf8(join(write('file'), 'a'))).toBeUndefined();
  });

  test('that can not be read is one', () => {
    expect(() => nodeFiles.readText(folder)).toThrow('EISDIR');
    expect(() => nodeFiles.readUtf8(folder)).toThrow('EISDIR');
  });

  test('that is no file is one at once: nobody may ever write to a pipe', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    symlinkSync(pipe, join(folder, 'link'));
    const socket = join(folder, 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    try {
      for (const path of [pipe, join(folder, 'link'), socket, '/dev/zero']) {
        expect(() => nodeFiles.readText(path)).toThrow('it is no file');
        expect(() => nodeFiles.readUtf8(path)).toThrow('it is no file');
        expect(() => nodeFiles.readExact(path)).toThrow('it is no file');
      }
    } finally {
      server.close();
    }
  });

  test('that is longer than anybody writes is one', () => {
    const file = write('a', 'x');
    truncateSync(file, 17 * 2 ** 20);
    expect(() => nodeFiles.readText(file)).toThrow('it has 17825792 bytes, and no more than 16777216 are read');
  });

  test('of the system itself, which has no size, is read to its end', () => {
    expect(nodeFiles.readText('/proc/self/limits') ?? 'Max open files').toContain('Max open files');
  });

  test('that is not UTF-8 is one, where that was asked for', () => {
    const file = write('a', Buffer.from([0x61, 0xff, 0x62]));
    expect(() => nodeFiles.readUtf8(file)).toThrow('not valid');
    expect(nodeFiles.readText(file)).toBe('a\ufffdb');
  });

  test('begins after its byte order mark, so that a configuration with one can be read', () => {
    expect(nodeFiles.readUtf8(write('a', '\ufeff[server]\r\noffset = 3\r\n'))).toBe('[server]\r\noffset = 3\r\n');
  });
});

test('a file is removed, and one that is not there has been', () => {
  const file = write('a');
  expect([nodeFiles.remove(file), nodeFiles.remove(file), nodeFiles.exists(file)]).toEqual([true, true, false]);
  mkdirSync(join(folder, 'b'));
  expect(nodeFiles.remove(join(folder, 'b'))).toBe(false);
});

test('the files of a folder come by name, none where there is no folder', () => {
  mkdirSync(join(folder, 'c.d'));
  for (const name of ['b.xml', 'a.xml', '.hidden']) write(name);
  expect(nodeFiles.filesIn(folder)).toEqual(['.hidden', 'a.xml', 'b.xml', 'c.d']);
  expect(nodeFiles.filesIn(join(folder, 'gone'))).toEqual([]);
  expect(nodeFiles.filesIn(join(folder, 'a.xml'))).toEqual([]);
});

describe('a path', () => {
  test('is real once its links are followed, and stays as it is where nothing is there', () => {
    symlinkSync(folder, join(folder, 'link'));
    write('a');
    expect(nodeFiles.realPath(join(folder, 'link', 'a'))).toBe(join(folder, 'a'));
    expect(nodeFiles.realPath(join(folder, 'gone', '..', 'b'))).toBe(join(folder, 'b'));
    expect(nodeFiles.realPath('gone/b')).toBe('gone/b');
  });

  test('above a script follows links of the script, and keeps those of folders', () => {
    mkdirSync(join(folder, 'home/bin'), { recursive: true });
    write('home/bin/run.sh');
    symlinkSync(join(folder, 'home'), join(folder, 'current'));
    symlinkSync('home/bin/run.sh', join(folder, 'run'));
    symlinkSync('run', join(folder, 'again'));
    expect(nodeFiles.folderAboveScript(join(folder, 'current/bin/run.sh'))).toBe(join(folder, 'current'));
    expect(nodeFiles.folderAboveScript(join(folder, 'again'))).toBe(join(folder, 'home'));
  });
});

describe('a program', () => {
  test('is found as a shell finds it: the first that may be run', () => {
    mkdirSync(join(folder, 'one'));
    mkdirSync(join(folder, 'two'));
    mkdirSync(join(folder, 'two', 'dir'));
    write('one/tool', '', 0o644);
    write('two/tool', '', 0o755);
    const path = `${join(folder, 'one')}:${join(folder, 'gone')}:${join(folder, 'two')}`;
    expect(nodeFiles.findProgram('tool', path)).toBe(join(folder, 'two/tool'));
    expect(nodeFiles.findProgram('dir', path)).toBeUndefined();
    expect(nodeFiles.findProgram('other', path)).toBeUndefined();
    expect(nodeFiles.findProgram('tool', undefined)).toBeUndefined();
  });

  test('with a path is that one or none', () => {
    const file = write('tool', '', 0o755);
    expect(nodeFiles.findProgram(file, '')).toBe(file);
    expect(nodeFiles.findProgram(`${file}s`, folder)).toBeUndefined();
  });
});

test('a private folder is for its user alone, and its owner is known', () => {
  const path = join(folder, 'a/b');
  nodeFiles.makePrivateFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(nodeFiles.ownerOf(path)).toBe(process.getuid?.());
  expect(nodeFiles.ownerOf(join(folder, 'gone'))).toBeUndefined();
  expect(() => nodeFiles.makePrivateFolder(write('file'))).toThrow('EEXIST');
});

describe('a folder of links', () => {
  const made = (): string => {
    const home = join(folder, 'home');
    mkdirSync(join(home, 'etc'), { recursive: true });
    writeFileSync(join(home, 'etc/inner'), 'inner');
    writeFileSync(join(home, 'a.xml'), 'a');
    writeFileSync(join(home, 'b.xml'), 'b');
    if (!nodeFiles.filesIn(home).includes('broken')) symlinkSync('gone', join(home, 'broken'));
    const path = join(folder, 'made');
    nodeFiles.makeLinkedFolder(path, home, { name: 'a.xml', text: 'own \udce4' });
    return path;
  };

  test('has its own file in the place of one, and is private', () => {
    const path = made();
    expect(nodeFiles.filesIn(path)).toEqual(['a.xml', 'b.xml', 'broken', 'etc']);
    const texts = ['a.xml', 'b.xml', 'etc/inner'].map((name) => nodeFiles.readText(join(path, name)));
    expect(texts).toEqual(['own \ufffd', 'b', 'inner']);
    expect(nodeFiles.sizeOf(join(path, 'a.xml'))).toBe(5);
    expect([statSync(path).mode & 0o777, statSync(join(path, 'a.xml')).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(nodeFiles.readText(join(folder, 'home/a.xml'))).toBe('a');
  });

  test('is made anew, and removed, without what its links lead to', () => {
    const path = made();
    writeFileSync(join(path, 'left'), 'by a server');
    expect(nodeFiles.filesIn(made())).toEqual(['a.xml', 'b.xml', 'broken', 'etc']);
    expect(nodeFiles.removeLinkedFolder(path)).toBe(true);
    expect(nodeFiles.exists(path)).toBe(false);
    const home = ['etc/inner', 'a.xml', 'b.xml'].map((name) => nodeFiles.readText(join(folder, 'home', name)));
    expect(home).toEqual(['inner', 'a', 'b']);
    expect(nodeFiles.removeLinkedFolder(path)).toBe(true);
  });

  test('that is a link itself goes alone', () => {
    const path = made();
    symlinkSync(join(folder, 'home'), join(folder, 'link'));
    expect(nodeFiles.removeLinkedFolder(join(folder, 'link'))).toBe(true);
    expect(nodeFiles.readText(join(folder, 'home/b.xml'))).toBe('b');
    expect(nodeFiles.readText(join(path, 'b.xml'))).toBe('b');
  });
});

describe('a new file', () => {
  test('is private, and written over nothing', () => {
    const path = join(folder, 'new');
    nodeFiles.writeNew(path, Buffer.from('new'));
    expect(nodeFiles.readText(path)).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const aim = write('aim', 'old');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    for (const taken of [path, aim, join(folder, 'link')]) {
      expect(() => nodeFiles.writeNew(taken, Buffer.from('newer'))).toThrow('EEXIST');
    }
    expect([nodeFiles.readText(path), nodeFiles.readText(aim)]).toEqual(['new', 'old']);
    expect(nodeFiles.exists(join(folder, 'nowhere'))).toBe(false);
  });
});
