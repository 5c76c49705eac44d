import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from '@jest/globals';

const documents = ['README.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => `docs/${name}`)];

const packed: ReadonlySet<string> = new Set(
  (
    JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8', stdio: 'pipe' }),
    )[0].files as { path: string }[]
  ).map(({ path }) => path),
);

/** Code shows what a link may look like; it holds none. */
const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** Where the relative links of a document lead: a path from the package's root, and an anchor or ''. */
function linksIn(document: string, text: string): { path: string; anchor: string }[] {
  const inline = [...withoutCode(text).matchAll(/\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g)];
  const defined = [...withoutCode(text).matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm)];
  return [...inline, ...defined].flatMap(([, target = '']) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return [];
    const [path = '', anchor = ''] = target.split('#');
    return [{ path: path === '' ? document : posix.join(posix.dirname(document), path), anchor }];
  });
}

/** As GitHub and npm make them of the headings. */
function anchorsIn(text: string): string[] {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6}\s+(.*?)\s*$/gm)];
  const slugs = headings.map(([, heading = '']) =>
    heading
      .replace(/[`*]/g, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
  return slugs.map((slug, at) => {
    const before = slugs.slice(0, at).filter((other) => other === slug).length;
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

function brokenIn(document: string, text: string, read = (path: string) => readFileSync(path, 'utf8')): string[] {
  return linksIn(document, text).flatMap(({ path, anchor }) => {
    if (!packed.has(path)) return [`${document}: ${path} is not in the package`];
    const isThere = anchor === '' || anchorsIn(path === document ? text : read(path)).includes(anchor);
    return isThere ? [] : [`${document}: ${path} has no heading #${anchor}`];
  });
}

test.each(documents)('every relative link of %s leads somewhere in the package', (document) => {
  expect(brokenIn(document, readFileSync(document, 'utf8'))).toEqual([]);
});

test('the documents belong to the package, and link to each other', () => {
  expect(documents.filter((document) => !packed.has(document))).toEqual([]);
  expect(linksIn('README.md', readFileSync('README.md', 'utf8')).length).toBeGreaterThan(2);
});

test('a link that leads nowhere is found, whatever its form', () => {
  const text = `# Some \`code\`, twice\n# Some code twice
[a](ports.md) [b](../src/run.ts "title") [c](#some-code-twice-1) [d](#none) \`[e](none)\`
[f](https://example.org/none) [g][ref] [h](ports.md#nowhere)\n\n[ref]: ../none.md\n`;
  expect(brokenIn('docs/platforms.md', text)).toEqual([
    'docs/platforms.md: src/run.ts is not in the package',
    'docs/platforms.md: docs/platforms.md has no heading #none',
    'docs/platforms.md: docs/ports.md has no heading #nowhere',
    'docs/platforms.md: none.md is not in the package',
  ]);
});
