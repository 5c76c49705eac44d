import { describe, expect, test } from '@jest/globals';
import { managementAccess } from '../../src/domain/management.js';
import { flatten } from '../../src/domain/toml.js';
import { portsOf } from '../support/fake-server.js';

const FACT = { https: 'management', http: 'internal' };
const HTTPS = { port: 9157, isSecure: true };
const HTTP = { port: 9194, isSecure: false };
const ADMIN = { user: 'admin', password: 'admin' };

const user = (name: string, password: string, more = ''): string =>
  `[[internal_apis.users]]\nuser.name = "${name}"\nuser.password = "${password}"\n${more}\n`;

const accessBy = (toml: string) => managementAccess(FACT, portsOf('mi', 3), flatten(toml, 'deployment.toml'));

describe('the way to ask a Micro Integrator to shut down', () => {
  test.each([
    ['as it is shipped', '', { ...HTTPS, ...ADMIN }],
    ['over both', '[management_api]\nprotocols = "http https"', { ...HTTPS, ...ADMIN }],
    ['over http alone', '[management_api]\nprotocols = "http"', { ...HTTP, ...ADMIN }],
    ['with a user of its own', user('me', 'pass'), { ...HTTPS, user: 'me', password: 'pass' }],
    [
      'with an admin among others',
      user('me', 'pass') + user('boss', 'word', 'user.is_admin = true'),
      { ...HTTPS, user: 'boss', password: 'word' },
    ],
    [
      'with an admin whose password is a secret',
      user('boss', '$secret{boss}', 'user.is_admin = true') + user('me', 'pass'),
      { ...HTTPS, user: 'me', password: 'pass' },
    ],
    ['with nothing but secrets', user('me', '$secret{me}'), undefined],
    ['with a user without a password', '[[internal_apis.users]]\nuser.name = "me"', undefined],
    ['with users kept elsewhere', '[internal_apis.file_user_store]\nenable = false', undefined],
    ['without its tokens', '[management_api.jwt_token_security_handler]\nenable = false', undefined],
  ])('%s', (_what, toml, expected) => {
    expect(accessBy(toml)).toEqual(expected);
  });

  test('is closed where its ports are', () => {
    expect(managementAccess(FACT, [], [])).toBeUndefined();
  });
});
