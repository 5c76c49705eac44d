import { describe, expect, test } from '@jest/globals';
import { maskedText } from '../../../src/domain/masking/text.js';

describe('in a text, masked is', () => {
  test.each([
    ['a property of a JVM', 'java -Dkey.password=hunter2 -Xmx1g', 'java -Dkey.password=*** -Xmx1g'],
    ['one with blanks and signs', 'jvm_args: -Da.secret=a b,c;d&e -Db=c', 'jvm_args: -Da.secret=*** -Db=c'],
    ['one at the end of a line', '-Ddb.pwd=two words\nnext', '-Ddb.pwd=***\nnext'],
    ['the word behind an option', 'run --password hunter2 --debug 5005', 'run --password *** --debug 5005'],
    ['a value', 'DB_PASSWORD=hunter2; user=me', 'DB_PASSWORD=***; user=me'],
    ['a value in quotes', `export API_TOKEN='a b c'`, `export API_TOKEN='***'`],
    ['a value behind a colon', 'clientSecret: hunter2', 'clientSecret: ***'],
    ['JSON', '{"user":"me","password":"hun\\"ter2"}', '{"user":"me","password":"***"}'],
    ['JSON in JSON', 'said {\\"password\\":\\"hunter 2\\",\\"a\\":1}', 'said {\\"password\\":\\"***\\",\\"a\\":1}'],
    ['a value in braces', 'password={hun;ter 2};a=b', 'password=***;a=b'],
    ['a user of curl', 'curl -u me:hunter2 https://h', 'curl -u me:*** https://h'],
    ['an element', '<Password>hunter2</Password>', '<Password>***</Password>'],
    ['an element over lines', '<a:Secret x="1">\n hunter2\n</a:Secret>', '<a:Secret x="1">***</a:Secret>'],
    [
      'a named element',
      '<property name="db.password">hunter2</property>',
      '<property name="db.password">***</property>',
    ],
    ['a named attribute', `<p name='pwd' value='hunter2'/>`, `<p name='pwd' value='***'/>`],
    ['an attribute', '<p password="hunter2"/>', '<p password="***"/>'],
    ['the password of a URL', 'at jdbc:mysql://root:hun@ter2@db/x', 'at jdbc:mysql://root:***@db/x'],
    ['a password in a URL', 'jdbc:h2:./db;PASSWORD=hunter2;X=1', 'jdbc:h2:./db;PASSWORD=***;X=1'],
    ['both', 'url=jdbc:mysql://u:hunter2@db/x?password=hunter2', 'url=jdbc:mysql://u:***@db/x?password=***'],
    ['a value in a value', 'options: -Xa:b:secret=hunter2', 'options: -Xa:b:secret=***'],
    ['a token in a URL', 'GET /x?access_token=hunter2&b=2', 'GET /x?access_token=***&b=2'],
    ['the password of Oracle', 'jdbc:oracle:thin:scott/tiger@//db/x', 'jdbc:oracle:thin:scott/***@//db/x'],
    ['a header', 'Authorization: Basic dXNlcjpwYXNz abc\nHost: x', 'Authorization: ***\nHost: x'],
    ['a cookie', 'set-cookie: a=b; c=d', 'set-cookie: ***'],
    ['a bearer', 'with Bearer abc.def', 'with Bearer ***'],
    ['a reference', 'at $secret{alias}', 'at $secret{***}'],
    ['a JWT', 'got eyJhbGciOiJS.eyJzdWIi.c2ln-x!', 'got ***!'],
    ['a key of AWS', '(AKIAIOSFODNN7EXAMPLE)', '(***)'],
    ['a token of GitHub', 'ghp_0123456789abcdef', '***'],
    ['a UUID', '[3f2a1b4c-5d6e-7f80-91a2-b3c4d5e6f708]', '[***]'],
    ['hexadecimal digits', 'd41d8cd98f00b204e9800998ecf8427e', '***'],
    ['a drawn key', 'key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY ', 'key *** '],
    ['PEM', 'a\n-----BEGIN RSA PRIVATE KEY-----\nMIIB+/=\nab\n-----END RSA PRIVATE KEY-----\nb', 'a\n***\nb'],
    ['PEM with headers', '-----BEGIN A KEY-----\nDEK: 4,X\n\nMII=\n-----END A KEY-----', '***'],
    ['PEM that was cut off', '-----BEGIN PRIVATE KEY-----\nMIIB', '***'],
  ])('%s', (_what, text, shown) => {
    expect(maskedText(text)).toBe(shown);
    expect(maskedText(maskedText(text))).toBe(shown);
  });

  test('what is known to be secret, in any form, but not what everybody has', () => {
    const known = new Set(['hunt"er&2', 'hunt"er&2-and-more', 'admin', 'abc']);
    expect(maskedText('a hunt"er&2 hunt\\"er&2 hunt&quot;er&amp;2 hunt%22er%262 hunt"er&2-and-more', known)).toBe(
      'a *** *** *** *** ***',
    );
    expect(maskedText('admin abc', known)).toBe('admin abc');
  });
});

describe('in a text, shown is', () => {
  test.each([
    'TID: [-1234] [] [2026-11-29 07:29:39,379]  INFO {org.wso2.carbon.core.OAuth2TokenServiceComponent} - Started',
    '\tat org.wso2.carbon.identity.oauth2.TokenValidation.validate(TokenValidation.java:12)',
    'INFO - OAuth2ServiceComponent Identity OAuth bundle is activated',
    '"PassThroughMessageProcessor-12" #45 prio=5 os_prio=0 cpu=1.2ms elapsed=3s tid=0x00007f12ac0 nid=0x1 waiting',
    '  12:       1234      56789  java.util.concurrent.ConcurrentHashMap$Node (java.base@17.0.9)',
    'java.lang.SecurityTokenException: refused',
    'repository/resources/security/wso2carbon.jks',
    '/home/Me/.local/state/wso2-launch/logs/Some1Thing2Longer3Name4.log',
    'Basic authentication is off',
    'https://localhost:9443/carbon/',
    '-Dcarbon.home=/opt/wso2 -Xmx1g',
  ])('%s', (text) => {
    expect(maskedText(text)).toBe(text);
  });
});

test('a long text takes time that grows with it: with its square, these would take many minutes', () => {
  const hard = [
    'a',
    '-',
    'a-',
    '<a ',
    'name="',
    'name="a" ',
    '://:',
    'eyJ-',
    'thin:',
    ' -a',
    '-Da=',
    'Basic ',
    '=',
    '"',
    'pwd={',
    'pwd=\\"',
    '-----BEGIN A-----',
  ];
  for (const part of hard) expect(maskedText(part.repeat(100_000))).not.toBe('');
});
