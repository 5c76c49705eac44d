import { describe, expect, test } from '@jest/globals';
import { isShownConfiguration, maskedConfiguration } from '../../../src/domain/masking/configuration.js';

const SECRETS = ['s1-hunter', 's2 with "blanks"', 's3,with;signs', 's4-hunter', 's5-hunter', 's6-hunter', 's7-hunter'];
const [S1, S2, S3, S4, S5, S6, S7] = SECRETS;

/** Whether a text has any of the planted secrets, however it is written there. */
const secretsIn = (text: string): string[] =>
  SECRETS.filter((secret) => [secret, JSON.stringify(secret).slice(1, -1)].some((form) => text.includes(form)));

const masked = (name: string, text: string): string => {
  const { text: shown } = maskedConfiguration(text, name);
  expect(secretsIn(shown)).toEqual([]);
  return shown;
};

describe('of a configuration, secrets and comments are left out:', () => {
  test('TOML, and its lines stay where they were', () => {
    const text = `# ${S1}
[server]
hostname = "localhost" # ${S2}
offset = 3
[super_admin]
username = "admin"
password = '${S1}'
[database.db]
url = "jdbc:mysql://root:${S1}@db/x;password=${S4}"
password = """
${S3}"""
pool_options.test = true
[keystore]
tls = { password = "${S4}", alias = "wso2carbon" }
tokens = ["${S5}", 'a']
[secrets]
alias = "[${S6}]"
[[listener.properties]]
name = "trustStorePassword"
value = "${S7}"
[oauth]
access_token_validity = 3600
pin_token = 1234
aliased_password = "$secret{alias}"
other = "$secret{alias}"
[passwords]
db = "${S5}"
`;
    const shown = masked('deployment.toml', text);
    expect(shown).toBe(`#
[server]
hostname = "localhost" #
offset = 3
[super_admin]
username = "admin"
password = "***"
[database.db]
url = "jdbc:mysql://root:***@db/x;password=***"
password = "***"
pool_options.test = true
[keystore]
tls = { password = "***", alias = "wso2carbon" }
tokens = ["***", "***"]
[secrets]
alias = "***"
[[listener.properties]]
name = "trustStorePassword"
value = "***"
[oauth]
access_token_validity = 3600
pin_token = "***"
aliased_password = "***"
other = "$secret{***}"
[passwords]
db = "***"
`);
  });

  test('XML', () => {
    const shown = masked(
      'carbon.xml',
      `<?xml version="1.0"?>
<Server xmlns="http://wso2.org/x">
  <!-- <Password>${S1}</Password> -->
  <Name>WSO2 &amp; more</Name>
  <KeyStore><Location>a.jks</Location><Password>${S2}</Password><KeyPassword><![CDATA[${S3}]]></KeyPassword></KeyStore>
  <property name="connection.password" value="${S4}"/>
  <property name="password">
    ${S5}
  </property>
  <x:Property xmlns:x="y" name="url">jdbc:x://a:${S6}@h</x:Property>
  <Secrets><One>${S7}</One></Secrets>
  <init-param><param-name>pwd</param-name><param-value>${S1}</param-value></init-param>
  <init-param><param-name>user</param-name><param-value>me</param-value></init-param>
  <Token validity="3600" enabled="true">true</Token>
</Server>
`,
    );
    expect(shown).toBe(`<Server xmlns="http://wso2.org/x">
  
  <Name>WSO2 &amp; more</Name>
  <KeyStore><Location>a.jks</Location><Password>***</Password><KeyPassword>***</KeyPassword></KeyStore>
  <property name="connection.password" value="***"/>
  <property name="password">
    ***
  </property>
  <x:Property xmlns:x="y" name="url">jdbc:x://a:***@h</x:Property>
  <Secrets><One>***</One></Secrets>
  <init-param><param-name>pwd</param-name><param-value>***</param-value></init-param>
  <init-param><param-name>user</param-name><param-value>me</param-value></init-param>
  <Token validity="3600" enabled="true">true</Token>
</Server>
`);
  });

  test('YAML', () => {
    const shown = masked(
      'deployment.yaml',
      `# ${S1}
wso2.carbon:
  id: server # ${S2}
  ports:
    offset: 0
wso2.datasources:
  dataSources:
    - name: DB
      definition:
        configuration:
          jdbcUrl: 'jdbc:h2:./db;PASSWORD=${S4}'
          username: wso2carbon
          password: ${S5}
          pin_token: 0123
          isAutoCommit: false
properties:
  - name: keyStorePassword
    value: '${S6}'
passwords: [${S7}, "${S1}"]
folded:
  secret: >
    ${S3}
    and more
`,
    );
    expect(shown).toContain('jdbcUrl: "jdbc:h2:./db;PASSWORD=***"');
    expect(shown).toContain('username: wso2carbon\n          password: "***"\n          pin_token: "***"');
    expect(shown).toContain('isAutoCommit: false');
    expect(shown).toContain('passwords: [ "***", "***" ]');
  });

  test('properties', () => {
    const shown = masked(
      'log4j2.properties',
      `# ${S1}\n! ${S2}\nappender.MAIL.smtpPassword = ${S3}\nname=log\nsecret : ${S4}\\\n  ${S5}\nurl=http://a:${S6}@h/\npath=C:\\\\x\n`,
    );
    expect(shown).toBe('\n\nappender.MAIL.smtpPassword=***\nname=log\nsecret=***\nurl=http://a:***@h/\npath=C:\\\\x\n');
  });

  test.each([
    ['deployment.toml', `[server\npassword = "${S1}" # ${S2}\n#${S3}`],
    ['carbon.xml', `<Server><Password>${S1}</Password><!-- ${S2} --><a value="1"`],
    ['deployment.yaml', `a: [\npassword: ${S1}\n# ${S2}`],
  ])('a broken %s, as far as it can be told', (name, text) => {
    expect(masked(name, text)).toContain('***');
  });
});

test('the secrets of a configuration are known from then on, but no mere names and forms', () => {
  const text = `[a]
password = "${S1}"
other = "b"
reference_password = "$env{X}"
key = "InternalKeyStore"
encryption_key = "wJalrXUtnFEMI/K7MDENG"
PasswordDigest = "SHA-256"
class = "SAML2SSOAuthenticator"
`;
  expect(maskedConfiguration(text, 'deployment.toml').secrets).toEqual(new Set([S1, 'wJalrXUtnFEMI/K7MDENG']));
});

test.each([
  ...[
    ['deployment.toml', true],
    ['carbon.xml', true],
    ['log4j2.properties', true],
    ['a.YML', true],
  ],
  ...[
    ['wso2carbon.jks', false],
    ['a.p12', false],
    ['cipher-text.properties', false],
    ['password-tmp', false],
  ],
  ...[
    ['secret-conf.properties', false],
    ['client-truststore.jks', false],
    ['README', false],
    ['a.sh', false],
  ],
] as const)('%s is shown: %s', (name, isShown) => {
  expect(isShownConfiguration(name)).toBe(isShown);
});
