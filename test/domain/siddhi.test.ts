import { describe, expect, test } from '@jest/globals';
import { annotationsIn, filledIn } from '../../src/domain/siddhi.js';

describe('the annotations of an application', () => {
  test('have their elements, in any quotes and over any lines, and not those of annotations within them', () => {
    const text = `@App:name('Orders')
@App:description("Says: don't")
-- @source(type = 'tcp')
/* @source(type = 'hl7',
   port = '1') */
@Source(type = 'http',
        receiver.url="""http://0.0.0.0:8006/x""", -- the port's own
        basic.auth.enabled = 'false',
        @map(type = 'json', port = '1', @attributes(a = 'b(c', d = ')')), 'last')
define stream S (symbol string, price float);
@index('symbol') @primaryKey
define table T (symbol string);
from S#window.time(1 min) select symbol, count() as n insert into O;
`;
    expect(annotationsIn(text)).toEqual([
      { name: 'app:name', elements: { value: 'Orders' }, line: 1 },
      { name: 'app:description', elements: { value: "Says: don't" }, line: 2 },
      {
        name: 'source',
        elements: {
          type: 'http',
          'receiver.url': 'http://0.0.0.0:8006/x',
          'basic.auth.enabled': 'false',
          value: 'last',
        },
        line: 6,
      },
      { name: 'index', elements: { value: 'symbol' }, line: 11 },
      { name: 'primarykey', elements: {}, line: 11 },
    ]);
  });

  test.each([
    ['', []],
    ['define stream S (a int);', []],
    ['@', ['']],
    ["@source(type = 'http'", ['source']],
    ['-- @source()', []],
    ['/* @source()', []],
    ["'@source()'", []],
    ["it's\n@source(type = 'a')", ['source']],
  ])('of %j are %j', (text, names) => {
    expect(annotationsIn(text).map(({ name }) => name)).toEqual(names);
  });
});

describe('variables', () => {
  const meaningOf = (name: string): string | undefined => ({ PORT: '8006', HOST: 'a' })[name];

  test.each([
    ['http://${HOST}:${PORT}/${PORT}', 'http://a:8006/8006'],
    ['$PORT ${} ${a.b}', '$PORT ${} ${a.b}'],
  ])('are filled in: %j', (text, filled) => {
    expect(filledIn(text, meaningOf)).toBe(filled);
  });

  test('that nothing says are told, the first with its line', () => {
    expect(filledIn('\n${PORT}\n ${NONE} ${OTHER}', meaningOf)).toEqual({ name: 'NONE', line: 3 });
  });
});
