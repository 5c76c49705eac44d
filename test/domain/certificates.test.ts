import { describe, expect, test } from '@jest/globals';
import { withChain } from '../../src/domain/certificates.js';

const A = '-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n';
const B = '-----BEGIN CERTIFICATE-----\nQg==\n-----END CERTIFICATE-----\n';

describe('certificates of an instance', () => {
  test('follow on what is in the file, whether or not that ends its last line', () => {
    const whole = `${A}# wso2-launch: the certificates of mi\n${B}`;
    expect(withChain(A, 'mi', [B])).toBe(whole);
    expect(withChain(A.trimEnd(), 'mi', [B])).toBe(whole);
    expect(withChain('', 'mi', [A, B])).toBe(`# wso2-launch: the certificates of mi\n${A}${B}`);
  });

  test('take the place of those that it had before, and leave those of others', () => {
    const both = withChain(withChain(A, 'mi', [A]), 'mi-2', [B]);
    expect(withChain(both, 'mi', [B])).toBe(
      `${A}# wso2-launch: the certificates of mi-2\n${B}# wso2-launch: the certificates of mi\n${B}`,
    );
    expect(withChain(withChain(both, 'mi', [B]), 'mi', [B])).toBe(withChain(both, 'mi', [B]));
  });
});
