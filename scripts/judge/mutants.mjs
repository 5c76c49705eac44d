// Files that differ from a good deployment.toml in one thing or two, as people's editors, hands and tools do it.
import { randomFrom } from '../random.mjs';

/**
 * Mutants of good files, no two the same, the same ones for the same seed: `{ name, how, bytes }`.
 * @param seeds good files: `{ name, text }`
 */
export function mutants(seeds, { size, seed }) {
  const dice = diceFrom(randomFrom(seed));
  const found = new Map();
  for (let turn = 0; found.size < size; turn++) {
    const { how, bytes } = mutant(seeds[turn % seeds.length], Math.floor(turn / seeds.length), dice);
    const key = bytes.toString('latin1');
    if (!found.has(key)) found.set(key, { name: `mutant-${String(found.size).padStart(5, '0')}.toml`, how, bytes });
  }
  return [...found.values()];
}

/** One in four is changed twice. */
function mutant({ name, text }, turn, dice) {
  const kinds = Object.keys(MUTATIONS);
  const steps = [kinds[turn % kinds.length], ...(dice.isOneIn(4) ? [dice.pick(kinds)] : [])];
  const made = steps.reduce((before, kind) => MUTATIONS[kind](before, dice), text);
  const encodings = dice.isOneIn(12) ? [dice.pick(Object.keys(ENCODINGS))] : [];
  return {
    how: [name, ...steps, ...encodings].join(', '),
    bytes: encodings.length === 0 ? utf8(made) : ENCODINGS[encodings[0]](made, dice),
  };
}

function diceFrom(random) {
  const below = (limit) => Math.floor(random() * limit);
  return { below, pick: (items) => items[below(items.length)], isOneIn: (many) => below(many) === 0 };
}

const KEYS = [
  '"offset"',
  "'offset'",
  'OFFSET',
  'off set',
  '"off set"',
  'off.set',
  'offset.',
  '.offset',
  'offset . x',
  '"offset".x',
  '"off\\u0073et"',
  '"offs\\et"',
  '"off.set"',
  "'off\"set'",
  '"off\'set"',
  '""',
  "''",
  '',
  '1',
  '1.2',
  '-',
  '_',
  'öffset',
  '"öffset"',
  '"""offset"""',
  "'''offset'''",
  'off=set',
  'offset#',
  '[offset]',
  '{offset}',
  'true',
  'inf',
  '"a]b"',
  '$ref{x}',
];

const HEADERS = [
  '[server]',
  '[ server ]',
  '["server"]',
  "['server']",
  '[server]]',
  '[[server]]',
  '[[server]',
  '[]',
  '[[]]',
  '[ ]',
  '[server] offset = 1',
  '[server] # comment',
  '[server.]',
  '[.server]',
  '[server..x]',
  '[server . x]',
  '[server.x.y]',
  '[server.offset]',
  '[server',
  'server]',
  '[ser ver]',
  '["ser.ver"]',
  '[ [server] ]',
  '[transport]',
  '[transport.https]',
  '[transport.https.properties.more]',
  '[transport.https.properties]',
  '[[transport.https.properties]]',
  '[[transport]]',
  '[judge.list]',
  '[[judge.list.more]]',
  '[[judge.list]]',
  '[[event_listener.properties]]',
  '[event_listener]',
  '[ünder]',
  '[[a]]\n[a]',
  '[[a]]\n[[a.b]]\n[a.b.c]',
  '[a]\n[[a]]',
  '[a.b]\n[a]',
  '[a]\nb.c = 1\n[a.b]',
  '[a.b]\nc = 1\n[a]\nb.d = 2',
  'a = []\n[[a]]',
  'a = [{}]\n[[a]]',
  'a = {}\n[a]',
  'a = {}\n[a.b]',
  'a.b = 1\n[a]',
  'a.b = 1\n[a.c]',
];

const NUMBERS = [
  '3',
  '+3',
  '-3',
  '-0',
  '03',
  '+03',
  '007',
  '0x1F',
  '0X1F',
  '-0x1',
  '0x',
  '0xfg',
  '0o17',
  '0o18',
  '017',
  '0b11',
  '0b12',
  '1_0',
  '1__0',
  '_1',
  '1_',
  '0_1',
  '0x_1',
  '65535',
  '65536',
  '99999999999',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '3.0',
  '3.',
  '.3',
  '3.5',
  '+3.5',
  '3e0',
  '3E2',
  '3e',
  '3.e2',
  '3.0e1',
  '03.0',
  '3e02',
  '1e400',
  '1e-400',
  '0e5',
  '1_0.0_1',
  'inf',
  '+inf',
  '-inf',
  'nan',
  '-nan',
  'infinity',
  '3x',
  '3 4',
  '3-4',
  '3:4',
  '٣',
];

const WORDS = ['true', 'false', 'True', 'TRUE', 'yes', 'null', '', 'truefalse', 'true1', '# none', '= 3', '"3" "4"'];

const TEXTS = [
  '"3"',
  "'3'",
  '"+3"',
  '" 3 "',
  '"3\\t"',
  '"03"',
  '"0x3"',
  '"3.0"',
  '""',
  "''",
  '"""3"""',
  "'''3'''",
  '"""\n3"""',
  '"""3\n"""',
  '"""\\\n  3"""',
  '"""\\  \n  3"""',
  "'''\n3'''",
  '"""3',
  "'''3",
  '"3',
  "'3",
  '3"',
  '"3""',
  '""3"',
  '""""3""""',
  "''''3''''",
  '"""""3"""""',
  '"""3\\"""',
  '"""3\\""""',
  '"3\\"',
  '"\\u0033"',
  '"\\U00000033"',
  '"\\u33"',
  '"\\uD800"',
  '"\\U00110000"',
  '"\\x33"',
  '"\\e"',
  '"\\/"',
  '"\\ "',
  '"\\b\\t\\n\\f\\r\\"\\\\"',
  "'\\u0033'",
  '"a\tb"',
  "'a\tb'",
  '"""a\tb"""',
  "'''a\tb'''",
  '"a\u0001b"',
  "'a\u0001b'",
  '"""a\u0001b"""',
  '"a\u007fb"',
  '"a\u0080b"',
  '"a\u00a0b"',
  '"ü"',
  '"😀"',
  "'😀'",
  '"a\rb"',
  '"""a\rb"""',
  '"a\nb"',
  "'a\nb'",
  '"a # b"',
  '"٣"',
  '"3#4"',
  '"database"',
  '"active_directory"',
  '"oracle"',
  '"15x"',
  '"2 h"',
  '"${carbon.home}"',
];

const LISTS = [
  '[]',
  '[ ]',
  '[3]',
  '[3,]',
  '[,]',
  '[3,,4]',
  '[,3]',
  '[3 4]',
  '[3, 4',
  '3, 4]',
  '[3, "4"]',
  '[3, 4.0]',
  '[true, false]',
  '[[3], ["4"]]',
  '[[3], 4]',
  '[{a = 1}, {b = 2}]',
  '[{a = 1}, 2]',
  '[{}]',
  '[{}, {a = 1}]',
  '[\n3,\n4\n]',
  '[\n3, # three\n4, # four\n]',
  '[\n# nothing\n]',
  '[3\n,4]',
  '[3,\n\n\n4,\n]',
  '["a", \'b\', """c""", \'\'\'d\'\'\']',
  '[1979-05-27, 1979-05-28]',
  '[1979-05-27]',
  '[07:32:00]',
  '[1979-05-27, 07:32:00]',
  '[[[[[]]]]]',
  '["3"] ["4"]',
];

const TABLES = [
  '{}',
  '{ }',
  '{a = 1}',
  '{a = 1,}',
  '{,}',
  '{a = 1 b = 2}',
  '{a = 1,, b = 2}',
  '{a = 1, a = 2}',
  '{a.b = 1, a.c = 2}',
  '{a = {b = 1}, a.c = 2}',
  '{a.b = 1, a = {c = 2}}',
  '{"a" = 1, \'b\' = 2}',
  '{a = 1\n}',
  '{\na = 1}',
  '{a = 1, # one\nb = 2}',
  '{a = [1, 2], b = {c = [\n3\n]}}',
  '{a = "x", b = true, c = 1.5, d = inf}',
  '{a = 1',
  'a = 1}',
  '{a}',
  '{a = }',
  '{= 1}',
  '{a = 1979-05-27}',
  '{a = 1979-05-27, b = 2}',
  '{a = 07:32:00 , b = 2}',
  '{ port = 9443 }',
];

const DATES = [
  '1979-05-27',
  '1979-05-27T07:32:00',
  '1979-05-27t07:32:00z',
  '1979-05-27 07:32:00',
  '1979-05-27T07:32:00Z',
  '1979-05-27T07:32:00.999999',
  '1979-05-27T07:32:00.999999999999',
  '1979-05-27T07:32:00+01:00',
  '1979-05-27T07:32:00-19:00',
  '1979-05-27T07:32',
  '1979-05-27T24:00:00',
  '1979-05-27T07:60:00',
  '1979-02-29',
  '1979-13-01',
  '1979-5-27',
  '79-05-27',
  '11979-05-27',
  '1979-05-27 ',
  '1979-05-27 # day',
  '1979-05-27x',
  '07:32:00',
  '7:32:00',
  '07:32',
  '07:32:00.5',
  '07:32:00.',
  '07:32:60',
  '24:00:00',
];

const REFERENCES = [
  '"$ref{transport.https.properties.port}"',
  '"$ref{server.offset}"',
  '"$ref{server.hostname}"',
  '"$ref{server.node_ip}x"',
  '"$ref{monitoring.jmx.rmi_server_start}"',
  '"$ref{clustering.members}"',
  '"x$ref{clustering.members}"',
  '"$ref{judge.list}"',
  '"$ref{no.such.key}"',
  '"$ref{}"',
  '"$ref{ server.node_ip }"',
  '"$ref{server.node_ip"',
  '"$ref server.node_ip}"',
  '"$ref{keystore.tls.password}"',
  '"$ref{hazelcast.\'hazelcast.shutdownhook.enabled\'}"',
  '["$ref{server.node_ip}", "$ref{no.such.key}"]',
  '["$ref{server.node_ip}", "b"]',
  '[["$ref{no.such.key}"]]',
  '[{a = "$ref{no.such.key}"}]',
  '{a = "$ref{no.such.key}"}',
  '"$env{JUDGE_OFFSET}"',
  '"$env{JUDGE_HOST}:$env{JUDGE_OFFSET}"',
  '"$env{JUDGE_EMPTY}"',
  '"$env{JUDGE_UNSET}"',
  '"$env{}"',
  '"$env{JUDGE_OFFSET"',
  '["$env{JUDGE_UNSET}"]',
  '[["$env{JUDGE_UNSET}"]]',
  '[{a = "$env{JUDGE_UNSET}"}]',
  '[{a = ["$env{JUDGE_UNSET}"]}]',
  '"$env{JUDGE_REFERENCE}"',
  '"$env{JUDGE_DOLLAR}"',
  '"$sys{judge.port}"',
  '"$sys{judge.empty}"',
  '"$sys{judge.unset}"',
  '"$sys{judge.dollar}"',
  '"$sys{}"',
  '["$sys{judge.unset}"]',
  '"$sys{judge.reference}"',
  '"$secret{database_password}"',
  '"$secret{unset}"',
  '["$secret{unset}"]',
  '[{a = "$secret{unset}"}]',
  '"$env{$env{JUDGE_HOST}}"',
  '"$ref{$ref{server.node_ip}}"',
  '"$ref{judge.self}"',
  '"\\u0024env{JUDGE_UNSET}"',
  "'$env{JUDGE_UNSET}'",
  '"""$env{JUDGE_UNSET}"""',
];

const SETTINGS = [
  ['server', 'offset'],
  ['server', 'hostname'],
  ['transport.http.properties', 'port'],
  ['transport.https.properties', 'port'],
  ['monitoring.jmx', 'rmi_server_start'],
  ['monitoring.jmx', 'rmi_registry_port'],
  ['monitoring.jmx', 'rmi_server_port'],
  ['clustering', 'membership_scheme'],
  ['clustering', 'local_member_port'],
  ['user_store', 'type'],
  ['tomcat.global', 'session_timeout'],
  ['server', 'default_cache_timeout'],
  ['encryption', 'type'],
  ['super_admin', 'username'],
  ['secrets', 'database_password'],
  ['runtime_secrets', 'enable'],
  ['judge', 'self'],
  ['database.shared_db', 'type'],
  ['database.shared_db.pool_options', 'max_active'],
  ['system.parameter', "'org.example.flag'"],
];

const isPair = (line) => /^[^#=[\]]+=/.test(line);
const isHeader = (line) => /^\s*\[/.test(line);

/** Changes one of the lines that fit; where none does the file stays as it is. */
function inLine(text, dice, fits, change) {
  const lines = text.split('\n');
  const places = lines.flatMap((line, index) => (fits(line) ? [index] : []));
  if (places.length === 0) return text;
  const place = dice.pick(places);
  lines[place] = change(lines[place]);
  return lines.join('\n');
}

const replaceValue = (values) => (text, dice) =>
  dice.isOneIn(2)
    ? inLine(text, dice, isPair, (line) => `${line.slice(0, line.indexOf('=') + 1)} ${dice.pick(values)}`)
    : withSetting(text, dice, dice.pick(values));

/** Puts a value where it counts: a setting that ports, or the rules, ask for; another of that name may stay. */
function withSetting(text, dice, value) {
  const [table, key] = dice.pick(SETTINGS);
  const lines = text.split('\n');
  const header = lines.indexOf(`[${table}]`);
  if (header < 0) {
    const line = dice.isOneIn(2) ? `[${table}]\n${key} = ${value}` : '';
    return line ? `${text.trimEnd()}\n${line}\n` : `${table}.${key} = ${value}\n${text}`;
  }
  const end = lines.findIndex((line, index) => index > header && isHeader(line));
  const own = lines.findIndex(
    (line, index) => index > header && (end < 0 || index < end) && line.split('=')[0].trim() === key,
  );
  if (own < 0) lines.splice(header + 1, 0, `${key} = ${value}`);
  else lines[own] = `${key} = ${value}`;
  return lines.join('\n');
}

const moveLine = (text, dice) => {
  const lines = text.split('\n');
  const [line] = lines.splice(dice.below(lines.length), 1);
  lines.splice(dice.below(lines.length + 1), 0, line);
  return lines.join('\n');
};

const copyLine = (text, dice) => {
  const lines = text.split('\n');
  lines.splice(dice.below(lines.length + 1), 0, dice.pick(lines));
  return lines.join('\n');
};

const SIGNS = [...'[]{}="\'#.,\\-_+:$ \t\r\n0aZ~é\u0000\u0007\u00a0\ufeff\u2028'];
const BLANKS = ['\t', '  ', '\u00a0', '\f', '\v', '\u3000', '\u2028', '\u0085', '\r', '\u200b'];
const COMMENTS = ['# é', '# \u0000', '# \u0007', '# \u007f', '# \r', '# \t', '#"', "#'''", '# \ud83d\ude00', '#\\'];

const at = (text, dice, change) => {
  const signs = [...text];
  const place = dice.below(signs.length);
  return [...signs.slice(0, place), ...change(signs[place] ?? ''), ...signs.slice(place + 1)].join('');
};

/** One step each, on a text that is not empty; the kinds take turns. */
const MUTATIONS = {
  key: (text, dice) => inLine(text, dice, isPair, (line) => `${dice.pick(KEYS)} ${line.slice(line.indexOf('='))}`),
  header: (text, dice) => inLine(text, dice, isHeader, () => dice.pick(HEADERS)),
  'added header': (text, dice) =>
    inLine(
      text,
      dice,
      () => true,
      (line) => `${dice.pick(HEADERS)}\n${line}`,
    ),
  number: replaceValue(NUMBERS),
  word: replaceValue(WORDS),
  text: replaceValue(TEXTS),
  list: replaceValue(LISTS),
  table: replaceValue(TABLES),
  date: replaceValue(DATES),
  reference: replaceValue(REFERENCES),
  'two references': (text, dice) => replaceValue(REFERENCES)(replaceValue(REFERENCES)(text, dice), dice),
  'moved line': moveLine,
  'copied line': copyLine,
  'removed line': (text, dice) =>
    text
      .split('\n')
      .toSpliced(dice.below(text.split('\n').length), 1)
      .join('\n'),
  'joined lines': (text, dice) =>
    inLine(
      text,
      dice,
      () => true,
      (line) => `${line}\u0000`,
    ).replace('\u0000\n', ' '),
  'removed sign': (text, dice) => at(text, dice, () => []),
  'added sign': (text, dice) => at(text, dice, (sign) => [dice.pick(SIGNS), sign]),
  'other sign': (text, dice) => at(text, dice, () => [dice.pick(SIGNS)]),
  'doubled sign': (text, dice) => at(text, dice, (sign) => [sign, sign]),
  blank: (text, dice) =>
    inLine(
      text,
      dice,
      (line) => line.includes(' '),
      (line) => line.replace(' ', dice.pick(BLANKS)),
    ),
  comment: (text, dice) =>
    inLine(
      text,
      dice,
      () => true,
      (line) => `${line} ${dice.pick(COMMENTS)}`,
    ),
  'cut short': (text, dice) => text.slice(0, dice.below(text.length)),
  'Windows line ends': (text) => text.replaceAll('\n', '\r\n'),
  'one Windows line end': (text, dice) =>
    inLine(
      text,
      dice,
      () => true,
      (line) => `${line}\r`,
    ),
  'nothing else': (text) => text,
};

const utf8 = (text) => Buffer.from(text, 'utf8');

/** Bytes that no UTF-8 has, put in at a random place. */
const withBytes = (bytes) => (text, dice) => {
  const good = utf8(text);
  const place = dice.below(good.length + 1);
  return Buffer.concat([good.subarray(0, place), Buffer.from(bytes), good.subarray(place)]);
};

const ENCODINGS = {
  'with a byte order mark': (text) => utf8(`\ufeff${text}`),
  'UTF-16, the low byte first': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16, the high byte first': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'Latin-1': (text) => Buffer.from(text.replace(/[a-z]/, 'é'), 'latin1'),
  'a stray byte': withBytes([0xe9]),
  'a cut-off sequence': withBytes([0xe2, 0x82]),
  'a surrogate': withBytes([0xed, 0xa0, 0x80]),
  'an overlong sequence': withBytes([0xc0, 0xaf]),
  'a byte beyond Unicode': withBytes([0xf5, 0x80, 0x80, 0x80]),
};
