import { describe, expect, test } from '@jest/globals';
import { maskedArguments, maskedCommand, shownValue } from '../../src/domain/secrets.js';

describe('hidden is', () => {
  test.each([
    ['-Dkeystore.password=abc', '-Dkeystore.password=***'],
    ['-Djavax.net.ssl.trustStorePassword=a=b', '-Djavax.net.ssl.trustStorePassword=***'],
    ['-Dapi.key=abc', '-Dapi.key=***'],
    ['-DapiKey=abc', '-DapiKey=***'],
    ['-Dmy.apikey.of=abc', '-Dmy.apikey.of=***'],
    ['-Dencryption.key=abc', '-Dencryption.key=***'],
    ['-Daccess_token=abc', '-Daccess_token=***'],
    ['-Dclient-secret=abc', '-Dclient-secret=***'],
    ['-DPASSWD=', '-DPASSWD=***'],
    ['-DkeyStorePass=x', '-DkeyStorePass=***'],
    ['-Ddb.pwd=x', '-Ddb.pwd=***'],
    ['--credentials=x', '--credentials=***'],
  ])('by its name: %s as %s', (argument, shown) => {
    expect(maskedArguments(['--car', argument])).toEqual(['--car', shown]);
  });

  test.each([
    ['a JWT', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl'],
    ['a UUID, as the products issue tokens', '3f2a1b4c-5d6e-7f80-91a2-b3c4d5e6f708'],
    ['32 hexadecimal digits', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a key of AWS', 'AKIAIOSFODNN7EXAMPLE'],
    ['a secret key of AWS', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['a token of GitHub', 'ghp_0123456789abcdef'],
    ['a token of GitLab', 'glpat-abcdefghij12345'],
    ['a header', 'Bearer:abc'],
    ['PEM', '-----BEGIN PRIVATE KEY-----'],
    ['20 characters of mixed case and digits', 'Abcdefghijklmnopqr12'],
    ['base64', 'c2VjcmV0LXNlY3JldC1TZWNyZXQ5=='],
  ])('by its form: %s', (_what, value) => {
    expect(maskedArguments([`-Dmy.plain=${value}`, value])).toEqual(['-Dmy.plain=***', '***']);
  });

  test.each([
    ['-Durl=jdbc:mysql://root:s3c@ret@db:3306/x?a=b', '-Durl=jdbc:mysql://root:***@db:3306/x?a=b'],
    ['-Dproxy=http://:pw@proxy:80', '-Dproxy=http://:***@proxy:80'],
    ['-Durl=jdbc:h2:./db;USER=sa;PASSWORD=abc;X=1', '-Durl=jdbc:h2:./db;USER=sa;PASSWORD=***;X=1'],
    ['-Durl=https://h/p?access_token=abc&b=2', '-Durl=https://h/p?access_token=***&b=2'],
    ['https://u:p@h/', 'https://u:***@h/'],
  ])('a part of it: %s as %s', (argument, shown) => {
    expect(maskedArguments([argument])).toEqual([shown]);
  });

  test('the word behind an option that names it', () => {
    expect(maskedArguments(['--password', 'abc', '--token', '--debug', '5005'])).toEqual([
      '--password',
      '***',
      '--token',
      '--debug',
      '5005',
    ]);
  });

  test('in the environment of a command, among the options of a JVM too', () => {
    const set = { JAVA_OPTS: '-Xmx1g -Dkeystore.password=abc -DportOffset=1', MY_TOKEN: 'a b', JAVA_HOME: '/jdk' };
    const command = { file: '/bin/x.sh', args: ['-Da.secret=x'], cwd: '/', env: { set, unset: ['PORT'] } };
    expect(maskedCommand(command)).toEqual({
      ...command,
      args: ['-Da.secret=***'],
      env: {
        set: { ...set, JAVA_OPTS: '-Xmx1g -Dkeystore.password=*** -DportOffset=1', MY_TOKEN: '***' },
        unset: ['PORT'],
      },
    });
  });
});

test.each([
  '-DportOffset=12',
  '-Dprofile=gateway-worker',
  '-Dfoo=bar',
  '-Dmy.plain=SECRET',
  '-Dhome=/opt/password',
  '-Ddeployment.config.file.path=/opt/Wso2/apim-4.5.0/Conf/deployment.toml',
  '-Dconfig=/home/Me/.local/state/wso2-launch/generated/si.yaml',
  '-Djava.io.tmpdir=/tmp/Some/Folder/Number1234',
  '-Dpassthrough.http.port=8281',
  '-Dkeystore.path=repository/resources/security/wso2carbon.jks',
  '-Dkeymanager.host=localhost',
  '-Dhost=https://localhost:9443/services',
  '-Dclass=org.wso2.carbon.identity.Sha256Provider',
  '-Xmx2g',
  '-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005',
  '--env-file=/opt/Some/Place/With99Words/env',
  '--optimize',
  '--debug',
  '5005',
  '=secret',
  '',
])('%j is shown exactly', (argument) => {
  expect(maskedArguments([argument])).toEqual([argument]);
});

test('a setting is judged by its key, too', () => {
  expect(shownValue('keystore.tls.password', 'abc')).toBe('***');
  expect(shownValue('server.hostname', 'abc')).toBe('abc');
});
