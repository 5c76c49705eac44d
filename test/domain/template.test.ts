import { describe, expect, test } from '@jest/globals';
import { servletHttp, servletHttps } from '../../src/domain/products/kernel.js';
import { TemplateError } from '../../src/domain/template/expression.js';
import { renderTemplate } from '../../src/domain/template/render.js';
import { scopeOf } from '../../src/domain/template/scope.js';
import { isAsShipped } from '../../src/domain/template/shipped.js';

const SETTINGS: Readonly<Record<string, unknown>> = {
  'server.hostname': 'localhost',
  'transport.http.properties.port': 9763,
  'transport.http.properties.scheme': 'http',
  "transport.https.'a.b'": true,
  'off.text': 'false',
  'off.number': 0,
  'list[0].name': 'one',
  'list[1].name': 'two',
  words: ['a', 'b'],
};
const scope = scopeOf(Object.keys(SETTINGS), (key) => ({ value: SETTINGS[key] }));
const render = (template: string): string => renderTemplate(template, scope, /<Connector/).text;

// Verdicts of jinjava 2.6.0, as config-mapper 1.0.22 sets it up.
describe('a template is rendered', () => {
  test.each<[template: string, text: string]>([
    ['a {{server.hostname}} {{ none.of.it }}.', 'a localhost .'],
    ["{{none | default('7')}} {{server.hostname|default('7')|upper}}", '7 LOCALHOST'],
    ["{{transport.https['a.b']}} {{words[1]}} {{words|length}}", 'true b 2'],
    ['{# a {{server.hostname}} #}{%- set x = 5 -%}{{x}}', '5'],
    ['{% if server.hostname is defined %}a{% else %}b{% endif %}', 'a'],
    ['{% if none is not defined and not none %}a{% endif %}', 'a'],
    ['{% if off.text %}a{% elif off.number %}b{% elif words %}c{% else %}d{% endif %}', 'c'],
    [
      "{% if transport.https['a.b'] is sameas true %}a{% endif %}{% if server.hostname is sameas true %}b{% endif %}",
      'a',
    ],
    ["{% if server.hostname == 'localhost' && words|length > 1 || false %}a{% endif %}", 'a'],
    ["{% if 'a' in words and (1 != 2) %}a{% endif %}", 'a'],
    ['{% for k,v in transport.http.properties.items() %}{{k}}={{v}} {% endfor %}', 'port=9763 scheme=http '],
    ['{% for one in list %}{{one.name}},{% endfor %}{% for x in none %}a{% else %}b{% endfor %}', 'one,two,b'],
    ['{% for x in words %}{% for y in words %}{% if x == y %}{{x}}{{y}} {% endif %}{% endfor %}{% endfor %}', 'aa bb '],
    ['{% if false %}{% for x in words %}{% if x %}a{% endif %}{% endfor %}{% endif %}b', 'b'],
    ['{{ server.hostname | reverse }}{{ list.stream().map() }}a', 'a'],
    ['{% if server.hostname.split(",")[0] == "a" %}x{% else %}y{% endif %}z', 'z'],
  ])('%s', (template, text) => {
    expect(render(template)).toBe(text);
  });

  test.each([
    '{% if server.hostname.split(",")[0] == "a" %}<Connector/>{% endif %}',
    '{% for x in server.hostname.split(",") %}<Connector/>{% endfor %}',
    '{% if server.hostname %}a',
    '{% for x in words %}a{% endif %}{% endfor %}',
    '{% macro x() %}a{% endmacro %}',
  ])('but not %s', (template) => {
    expect(() => render(template)).toThrow(TemplateError);
  });

  test('with the line of the template for each line', () => {
    const template =
      'a\n{% if server.hostname %}\nb\n{% for x in words %}\nc{{x}}\n{% endfor %}\n{# d\n #}{% endif %}\ne\n';
    const { text, lineOf } = renderTemplate(template, scope, /<Connector/);
    const lines = text.split('\n').map((line, index) => [line, lineOf(index + 1)]);
    expect(lines.filter(([line]) => line !== '')).toEqual([
      ['a', 1],
      ['b', 3],
      ['ca', 5],
      ['cb', 5],
      ['e', 9],
    ]);
  });
});

test.each<[template: string, message: string, line: number | undefined]>([
  ['<a>\n{% if x %}\n<b>', 'a block is not closed', 2],
  ['{% if true %}\n{% for x in words %}\n', 'a block is not closed', 2],
  ['a\n\n{% include "x" %}', '{% include %} is more than is understood here', 3],
  ['{% if true %}\n{% endfor %}', '{% endfor %} ends no {% if %}', 1],
  ['a\n{% endif %}\n<Connector port="1"/>', '{% endif %} ends no block', undefined],
])('%j is no template, and where it is not is said', (template, message, line) => {
  const expected = expect.objectContaining({ message, line });
  let error: unknown;
  try {
    renderTemplate(template, new Map(), /<Connector/);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toEqual(expected);
});

describe('a template need not be rendered where it opens what is known, by the switches that are known,', () => {
  const facts = [servletHttps, { ...servletHttp, openWhen: [{ key: 'transport.http.enable', otherwise: true }] }];
  const isShipped = (template: string): boolean =>
    isAsShipped(template, facts, ['servlet-https', 'servlet-http'], (key) => key === 'my.off');
  const connector = (name: string): string =>
    `<Connector x="{{y}}" {% for k,v in ${name}.properties.items() %}{{k}}="{{v}}"{% endfor %}>{% for k,v in z.items() %}{% endfor %}</Connector>\n`;
  const [http, https] = [
    `{% if transport.http.enable %}${connector('transport.http')}{% endif %}`,
    connector('transport.https'),
  ];

  test.each([
    http + https,
    `${http}<!-- <Connector port="1"/> -->{# <Connector port="1"/> #}${https}`,
    `${http}${https}{% if my.off %}${connector('mine')}{% endif %}`,
    `{% for one in custom_transport %}${connector('one')}{% endfor %}${http}${https}`,
    `${http}{% if a %}<Connector a="b" {% else %}<Connector a="c" {% endif %}${https.replace('<Connector', '')}`,
  ])('as in %s', (template) => {
    expect(isShipped(template)).toBe(true);
  });

  test.each([
    http,
    https + connector('transport.http'),
    `${http}${https}<Connector port="9800"/>`,
    `${http}${https}<Connector port="{{my.port}}"/>`,
    `${http}${https}${connector('mine')}`,
    `${http}${https}{% if my.on %}${connector('mine')}{% endif %}`,
    `${http}<!-- ${https} -->`,
    `${http}{% if my.on %}${https}{% endif %}`,
    `${http}{% if my.on %}{% else %}${https}{% endif %}`,
    http + https + https,
  ])('and not as in %s', (template) => {
    expect(isShipped(template)).toBe(false);
  });
});
