import { expect, test } from '@jest/globals';
import { h2Databases, lackingText, listPaths, mendWriting } from '../../src/domain/written.js';

const refused = (...paths: string[]) => paths.map((path) => ({ path, code: 'EACCES' }));

test.each<[what: string, paths: string[], words: string]>([
  ['a file', ['/k/wso2carbon.pid'], 'wso2carbon.pid'],
  ['the home, which says nothing of what lies in it', ['/k', '/k/tmp'], 'the home itself, tmp'],
  ['one file of a folder', ['/k/repository/conf/etc/jmx.xml'], 'repository/conf/etc/jmx.xml'],
  [
    'several of one',
    ['/k/repository/conf/etc/jmx.xml', '/k/repository/conf/carbon.xml', '/k/repository/conf/etc/jmx.xml'],
    'repository/conf (2 files and folders)',
  ],
  ['a folder and what lies in it', ['/k/repository/conf', '/k/repository/conf/etc/jmx.xml'], 'repository/conf'],
])('%s is listed', (_what, paths, words) => {
  expect(listPaths('/k', refused(...paths))).toBe(words);
});

test('of many files that are another user’s, the whole home is to be taken', () => {
  const many = refused('/k/a', '/k/b', '/k/c', '/k/d');
  const owners = { home: '/k', user: 7, owner: 0, homeOwner: 7 };
  expect(mendWriting(many, owners)).toMatch(/ sudo chown -R 7 \/k$/);
  expect(mendWriting(many.slice(1), owners)).toMatch(/ sudo chown -R 7 \/k\/b \/k\/c \/k\/d$/);
});

test('what is lacking is told by what comes of it', () => {
  const lacking = [
    { path: '/k/repository/logs', code: 'EACCES', without: 'no logs' },
    { path: '/k/tmp', code: 'EACCES', without: 'nothing new' },
    { path: '/k/repository/logs/audit.log', code: 'EACCES', without: 'no logs' },
  ];
  expect(lackingText('/k', lacking)).toBe(
    'In /k this user may not write repository/logs (no logs), tmp (nothing new).',
  );
});

test.each([
  [
    { user: 7, owner: 0, homeOwner: 7 },
    'EACCES',
    "They belong to user 0, the home does not: make them yours with sudo chown -R 7 '/my k/tmp'",
  ],
  [
    { user: 7, owner: 0, homeOwner: 0 },
    'EACCES',
    "Start as its owner, user 0, or make it yours: sudo chown -R 7 '/my k'",
  ],
  [{ user: 7, owner: 7 }, 'EACCES', "Let it be written to: chmod -R u+w '/my k'"],
  [{ user: undefined, owner: undefined }, 'EPERM', "Let it be written to: '/my k'"],
  [
    { user: 0, owner: 0 },
    'EROFS',
    'It lies on a read-only file system: mount that to be written to, or copy the home to another one.',
  ],
])('%j, %s is mended', (owners, code, words) => {
  expect(mendWriting([{ path: '/my k/tmp', code }], { home: '/my k', homeOwner: undefined, ...owners })).toBe(words);
});

test.each([
  ['jdbc:h2:./repository/database/A;DB_CLOSE_ON_EXIT=FALSE', ['./repository/database/A']],
  ['jdbc:h2:async:./repository/database/A;B=C', ['./repository/database/A']],
  ['jdbc:h2:/data/A', ['/data/A']],
  ['jdbc:h2:mem:A', []],
  ['jdbc:h2:tcp://localhost/A', []],
  ['jdbc:mysql://localhost/A', []],
])('%s is in the files %j', (url, files) => {
  expect(h2Databases([url])).toEqual(files);
});
