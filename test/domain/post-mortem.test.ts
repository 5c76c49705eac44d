import { expect, test } from '@jest/globals';
import { causeIn } from '../../src/domain/post-mortem.js';

test.each<[string, string]>([
  ['java.lang.UnsupportedClassVersionError: org/wso2/X has been compiled by', 'the JDK does not fit'],
  ['Unrecognized VM option MaxPermSize=256m', 'the JDK does not fit'],
  ['java.lang.OutOfMemoryError: Java heap space', 'memory ran out'],
  ['java.io.IOException: No space left on device', 'the disk is full'],
  ['java.net.SocketException: Too many open files', 'it may not open more files'],
  ['Database may be already in use: "Locked by another process"', 'its H2 database is in use'],
  ['java.io.IOException: Keystore was tampered with, or password was incorrect', 'a keystore cannot be opened'],
  ['Error while performing configuration changes', 'deployment.toml is not accepted'],
  ['java.net.BindException: Address already in use', 'a port was taken'],
])('%s means that %s', (line, what) => {
  expect(causeIn(['INFO - fine', line, 'INFO - over'])?.what).toContain(what);
});

test('the first of several explains the others', () => {
  expect(causeIn(['No space left on device', 'Keystore was tampered with'])?.what).toBe('the disk is full');
});

test('lines that name none explain nothing', () => {
  expect(causeIn(['WARN - something', ''])).toBeUndefined();
});
