import { describe, expect, test } from '@jest/globals';
import { changedText } from '../../src/domain/changed-settings.js';
import { type MaskedFormat, maskedText } from '../../src/domain/masked-text.js';

/** Every secret of these files. */
const PLANTED = /hunter|s3cr3t|eyJhbGci|MIIE|91827364/;

const TOML = `# password = "hunter0"
[super_admin]
username = "admin"
password = "hunter1" # was password=hunter2
create_admin_account = true

[database.apim_db]
url = "jdbc:mysql://localhost/db?user=a&password=hunter3&ssl=true"
remote = "https://user:hunter4@host/x"
port = 3306
pool_options = { maxActive = 50, key_password = 'hunter5' }

[keystore.tls]
file_name = "wso2carbon.jks"
alias = "wso2carbon"
pin.password = 91827364
note = """
hunterless text
"""
secret_text = """
s3cr3t one
s3cr3t two
"""
certificate = """-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBg
-----END PRIVATE KEY-----
"""

[[users]]
name = "x"
credentials = ["hunter6", "hunter7"]
header = "eyJhbGciOi.eyJzdWI"
`;

const YAML = `# keyStorePassword: hunter0 of two words hunter1
wso2.carbon:
  id: server
  ports:
    offset: 1
listenerConfigurations:
  -
    id: "default"
    port: 9090
    keyStorePassword: hunter2
    certPass: 'hunter3' # hunter-free
    url: jdbc:h2:x;PASSWORD=hunter4;USER=a
    list: {password: hunter5, port: 1}
  - name: connection.password
    value: hunter6
  - name: connection.url
    value: shown
    token: |
      s3cr3t one
      s3cr3t two
    pin: {password: 91827364}
credentials:
  - hunter7
`;

const XML = `<Server>
    <!-- <Password>hunter0</Password> <Property name="password">hunter1</Property> -->
    <Port>9443</Port>
    <KeyStore keyPassword="hunter2">
        <Type>JKS</Type>
        <Password>hunter3</Password>
        <KeyPassword><![CDATA[hunter4]]></KeyPassword>
        <KeyPassword>
          s3cr3t
          s3cr3t
        </KeyPassword>
        <Pin password="hunter5">x</Pin>
    </KeyStore>
    <Property name="ConnectionPassword">hunter6</Property>
    <Property name="ConnectionUrl">jdbc:mysql://user:hunter7@host/db?x=1</Property>
    <TokenLifetimeEnabled>true</TokenLifetimeEnabled>
    <clientAxis2XmlLocation>x</clientAxis2XmlLocation>
    <Password>91827364</Password>
    <Key>eyJhbGciOi.eyJzdWI</Key>
</Server>
`;

describe.each<[MaskedFormat, string]>([
  ['toml', TOML.replace('hunterless', 'plain')],
  ['yaml', YAML.replace('hunter-free', 'free')],
  ['xml', XML],
])('of %s', (format, text) => {
  test('no secret is left, and no line lost', () => {
    const masked = maskedText(text, format);
    expect(masked).not.toMatch(PLANTED);
    expect(masked.split('\n')).toHaveLength(text.split('\n').length);
  });

  test('with the line ends of Windows neither', () => {
    const masked = maskedText(text.replaceAll('\n', '\r\n'), format);
    expect(masked).not.toMatch(PLANTED);
    expect(masked.split('\r\n')).toHaveLength(text.split('\n').length);
  });

  test('nor where it is no such file any more', () => {
    const cut = text.split('\n').filter((line) => !/s3cr3t|hunter[67]|91827364/.test(line));
    expect(maskedText(`${cut.join('\n')}\n[[[ : {`, format)).not.toMatch(PLANTED);
  });
});

test('all the rest is shown', () => {
  const shown = maskedText(TOML, 'toml').split('\n');
  expect(shown.slice(0, 12)).toEqual([
    '# password = ***',
    '[super_admin]',
    'username = "admin"',
    'password = *** # was password=***',
    'create_admin_account = true',
    '',
    '[database.apim_db]',
    'url = "jdbc:mysql://localhost/db?user=a&password=***&ssl=true"',
    'remote = "https://user:***@host/x"',
    'port = 3306',
    'pool_options = { maxActive = 50, key_password = *** }',
    '',
  ]);
  expect(maskedText(YAML, 'yaml').split('\n').slice(0, 13)).toEqual([
    '# keyStorePassword: ***',
    'wso2.carbon:',
    '  id: server',
    '  ports:',
    '    offset: 1',
    'listenerConfigurations:',
    '  -',
    '    id: "default"',
    '    port: 9090',
    '    keyStorePassword: ***',
    '    certPass: *** # hunter-free',
    '    url: jdbc:h2:x;PASSWORD=***;USER=a',
    '    list: {password: ***, port: 1}',
  ]);
});

test('of XML with bytes of another encoding, no secret is left either', () => {
  const text = XML.replace('JKS', 'J\udce4S');
  expect(maskedText(text, 'xml')).not.toMatch(PLANTED);
  expect(maskedText(text, 'xml')).toContain('J\udce4S');
});

test('of XML, all the rest is shown', () => {
  const shown = maskedText(XML, 'xml').split('\n');
  expect(shown.slice(1, 6)).toEqual([
    '    <!-- <Password>***</Password> <Property name="password">***</Property> -->',
    '    <Port>9443</Port>',
    '    <KeyStore keyPassword=***>',
    '        <Type>JKS</Type>',
    '        <Password>***</Password>',
  ]);
  expect(shown.slice(13, 18)).toEqual([
    '    <Property name="ConnectionPassword">***</Property>',
    '    <Property name="ConnectionUrl">jdbc:mysql://user:***@host/db?x=1</Property>',
    '    <TokenLifetimeEnabled>true</TokenLifetimeEnabled>',
    '    <clientAxis2XmlLocation>x</clientAxis2XmlLocation>',
    '    <Password>***</Password>',
  ]);
});

test('a change is shown among its neighbours, none of which tells a secret', () => {
  const before = '[a]\npassword = "hunter1"\nport = 1\nsecret = "s3cr3t"\n';
  const after = '[a]\npassword = "hunter2"\nport = 2\nsecret = "s3cr3t"\n';
  expect(changedText({ path: '/h/deployment.toml', format: 'toml', before, after })).toBe(
    [
      '--- /h/deployment.toml',
      '+++ /h/deployment.toml',
      '@@ -1,4 +1,4 @@',
      ' [a]',
      '-password = ***',
      '-port = 1',
      '+password = ***',
      '+port = 2',
      ' secret = ***',
      '',
    ].join('\n'),
  );
});
