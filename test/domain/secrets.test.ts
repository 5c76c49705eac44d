import { expect, test } from '@jest/globals';
import { maskedArguments } from '../../src/domain/secrets.js';

test.each([
  ['-Dkeystore.password=abc', '-Dkeystore.password=***'],
  ['-Djavax.net.ssl.trustStorePassword=a=b', '-Djavax.net.ssl.trustStorePassword=***'],
  ['-Dapi.key=abc', '-Dapi.key=***'],
  ['-Daccess_token=abc', '-Daccess_token=***'],
  ['-DPASSWD=', '-DPASSWD=***'],
  ['-Dhome=/opt/password', '-Dhome=/opt/password'],
  ['--password', '--password'],
  ['=secret', '=secret'],
])('%s is shown as %s', (argument, shown) => {
  expect(maskedArguments(['--car', argument])).toEqual(['--car', shown]);
});
