import { describe, expect, test } from '@jest/globals';
import { inCommandLine } from '../../src/cli/wording.js';
import { birthIn, birthWarning, databaseHead, isLaterThan } from '../../src/domain/birth.js';
import type { ProductId } from '../../src/domain/catalogue.js';
import { inspectedHome } from '../support/fake-home.js';

const born = (id: ProductId, version: string | null = null) => ({ ...inspectedHome(id), ...(version && { version }) });

describe('the warning names what was written at the offset of then', () => {
  const api = (portal: string): string =>
    `${portal}'s callback https://localhost:9444/${portal}/services/auth/callback/login`;
  const console = 'console https://localhost:9444/carbon';

  test.each<[id: ProductId, version: string, urls: readonly string[]]>([
    ['apim', '4.5.0', [console, api('publisher'), api('devportal'), api('admin')]],
    ['apim', '3.2.0', [console, api('publisher'), api('devportal')]],
    ['apim', '2.6.0', [console]],
    ['control-plane', '4.6.0', [console, api('publisher'), api('devportal'), api('admin')]],
    ['gateway', '4.6.0', [console]],
    ['server', '4.10.32', [console]],
    ['is', '5.10.0', [console]],
    [
      'is',
      '6.1.0',
      [
        console,
        "console's callback https://localhost:9444/console",
        "myaccount's callback https://localhost:9444/myaccount",
      ],
    ],
  ])('%s %s', (id, version, urls) => {
    expect(inCommandLine(birthWarning({ offset: 1 }, 0, born(id, version)))).toBe(
      `The database of this home was first started at offset 1, not 0: what was written into it then keeps the ports of then (${urls.join(', ')}). --sticky takes offset 1.`,
    );
  });

  test('by the base that the configuration gives', () => {
    const { ports } = inspectedHome('server');
    const moved = ports.map((port) => (port.name === 'servlet-https' ? { ...port, base: 9543 } : port));
    expect(inCommandLine(birthWarning({ offset: 2 }, 0, { ...born('server'), ports: moved }))).toContain(
      'console https://localhost:9545/carbon',
    );
  });

  test('and as it stands in the database, where it was found there', () => {
    const url = 'https://am.example:9446/publisher/services/auth/callback/login';
    expect(inCommandLine(birthWarning({ offset: 3, url }, 0, born('apim', '4.5.0')))).toContain(
      `keeps the ports of then (${url} stands there). --sticky takes offset 3.`,
    );
  });
});

describe('the URLs in a database tell its offset', () => {
  const publisher = (port: number): string => `https://localhost:${port}/publisher/services/auth/callback/login`;
  const page = (port: number, path = 'console'): string => `regexp=(https://localhost:${port}/${path}`;

  test.each<[what: string, id: ProductId, matches: readonly string[], birth: object | undefined]>([
    ['of API Manager', 'apim', [publisher(9445)], { offset: 2, url: publisher(9445) }],
    [
      'that agree',
      'apim',
      [publisher(9445), 'https://localhost:9445/devportal/services/auth/callback/login'],
      { offset: 2, url: publisher(9445) },
    ],
    [
      'of Identity Server',
      'is',
      [page(9444), page(9444, 't/carbon.super/myaccount')],
      { offset: 1, url: 'https://localhost:9444/console' },
    ],
    ['of which there are none', 'apim', [], undefined],
    ['that contradict each other', 'apim', [publisher(9445), publisher(9443)], undefined],
    ['of a proxy, whose port is below the base', 'apim', [publisher(443)], undefined],
    ['of a server that writes none', 'server', [publisher(9445)], undefined],
  ])('%s', (_what, id, matches, birth) => {
    expect(birthIn(matches, born(id))).toEqual(birth);
  });

  test('but not where the port does not move', () => {
    const ports = inspectedHome('apim').ports.map((port) => ({ ...port, shifted: false }));
    expect(birthIn([publisher(9445)], { ...born('apim'), ports })).toBeUndefined();
  });
});

describe('the head of a database', () => {
  test('of H2 tells when it was made and how far it is', () => {
    const text = 'H:2,block:3,blockSize:1000,chunk:2,clean:1,created:194851127bf,format:3,version:1a,fletcher:b94e43e2';
    expect(databaseHead(text)).toEqual({ created: '194851127bf', version: 26 });
    expect(databaseHead('started at offset 0')).toBeUndefined();
  });

  test.each<[now: number | undefined, then: number | undefined, isLater: boolean]>([
    [5, 2, true],
    [2, 2, true],
    [2, 5, false],
    [undefined, 5, true],
    [2, undefined, true],
  ])('%j can have become of %j: %j', (now, then, isLater) => {
    const head = (version: number | undefined) => (version === undefined ? undefined : { created: 'a', version });
    expect(isLaterThan(head(now), head(then))).toBe(isLater);
    if (now !== undefined && then !== undefined)
      expect(isLaterThan({ created: 'b', version: now }, { created: 'a', version: then })).toBe(false);
  });
});
