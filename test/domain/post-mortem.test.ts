import { describe, expect, test } from '@jest/globals';
import { type Cause, postMortem } from '../../src/domain/post-mortem.js';

const causeIn = (lines: readonly string[]): Cause | undefined => postMortem(lines).cause;

// Lines as they stand in the logs of real servers.
test.each<[string, string]>([
  ['java.lang.UnsupportedClassVersionError: org/wso2/X has been compiled by', 'the JDK does not fit'],
  ["Unrecognized VM option 'MaxPermSize=256m'", 'the JDK does not fit'],
  ['Unrecognized option: -Xfooo', 'the JVM does not take an option'],
  ["Unrecognized VM option 'UseFooGC'", 'the JVM does not take an option'],
  ['Invalid maximum heap size: -Xmx1x', 'the JVM does not take an option'],
  ['Error: Could not find or load main class Dfoo', 'the JVM does not take an option'],
  ['Error: Could not find or load main class org.wso2.carbon.bootstrap.Bootstrap', 'a jar of the product is missing'],
  ['java.lang.OutOfMemoryError: Java heap space', 'memory ran out'],
  ['Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', 'memory ran out'],
  ['java.io.IOException: No space left on device', 'the disk is full'],
  ['java.net.SocketException: Too many open files', 'it may not open more files'],
  ['Database may be already in use: "Locked by another process"', 'its H2 database is in use'],
  ['The file is locked: /opt/is/repository/database/WSO2CARBON_DB.mv.db [2.2.224/7]', 'its H2 database is in use'],
  [
    'org.h2.jdbc.JdbcSQLNonTransientException: File corrupted while reading record [90030-224]',
    'a database file is damaged',
  ],
  [
    'org.h2.jdbc.JdbcSQLNonTransientException: The database is read only [90097-224]',
    'a database file can only be read',
  ],
  ['JdbcSQLInvalidAuthorizationSpecException: Wrong user name or password [28000-224]', 'a database refuses its user'],
  ['com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure', 'a database does not answer'],
  ['org.h2.jdbc.JdbcSQLNonTransientConnectionException: Connection is broken: "java.net', 'a database does not answer'],
  ['java.sql.SQLException: Unable to load class: org.postgresql.Driver from', 'a database driver is missing'],
  ['javax.naming.CommunicationException: localhost:10390', 'a directory (LDAP) does not answer'],
  ['com.hubspot.jinjava.interpret.FatalTemplateErrorsException: X', 'a template of the configuration'],
  ['java.io.IOException: Keystore was tampered with, or password was incorrect', 'a keystore cannot be used'],
  ['java.io.IOException: keystore password was incorrect', 'a keystore cannot be used'],
  ['Caused by: java.io.IOException: Alias name [foo] does not identify a key entry', 'a keystore cannot be used'],
  [
    'Caused by: java.security.UnrecoverableKeyException: Get Key failed: Given final block',
    'a keystore cannot be used',
  ],
  [
    'Caused by: java.io.FileNotFoundException: /opt/is/nothere.p12 (No such file or directory)',
    'a keystore cannot be used',
  ],
  [
    "ERROR {o.w.c.c.p.i.X} - An error occurred while activating 'org.wso2.carbon.crypto.provider' component. org.wso2.carbon.crypto.api.CryptoException: An error occurred while loading the internal keystore using the configurations in 'Security.InternalKeyStore' block.",
    'a keystore cannot be used',
  ],
  [
    'Caused by: org.wso2.carbon.user.core.UserStoreException: Admin user can not be created in primary user store. Add-Admin has been set to false. Please pick a User name which is exist in the primary user store as Admin user',
    'its super admin is not in the user store',
  ],
  [
    'Caused by: org.xml.sax.SAXParseException; lineNumber: 133; columnNumber: 1; XML document structures must start and end within the same entity.',
    'a file of the configuration is not well-formed XML',
  ],
  [
    'FATAL {org.wso2.carbon.core.init.CarbonServerManager} - WSO2 Carbon initialization Failed org.apache.axiom.om.OMException: com.ctc.wstx.exc.WstxEOFException: Unexpected EOF; was expecting a close tag for element <axisconfig>',
    'a file of the configuration is not well-formed XML',
  ],
  ["ConfigParserException: Configuration with key server.node_ip doesn't exist", 'deployment.toml is not accepted'],
  ['Caused by: java.io.IOException: Permission denied', 'it may not use a file'],
  ['java.io.FileNotFoundException: /opt/is/repository/conf/carbon.xml (Permission denied)', 'it may not use a file'],
  ['BundleException: Could not resolve module: org.wso2.carbon.core [102]', 'a bundle is missing'],
  ['java.net.BindException: Address already in use', 'a port was taken'],
])('%s means that %s', (line, what) => {
  expect(causeIn(['INFO - fine', line, 'INFO - over'])?.what).toContain(what);
});

test('the first of several explains the others', () => {
  expect(causeIn(['No space left on device', 'Keystore was tampered with'])?.what).toBe('the disk is full');
});

test('a file that is no XML explains only what nothing else does, but for a bundle that is not resolved', () => {
  const xml = 'Caused by: org.xml.sax.SAXParseException; lineNumber: 1';
  expect(causeIn([xml, 'Keystore was tampered with'])?.what).toContain('keystore');
  expect(causeIn(['Could not resolve module: my.own [1]', xml])?.what).toContain('XML');
});

test('a bundle that is not resolved explains only what nothing else does', () => {
  const lines = ['Could not resolve module: my.own [1]', 'Keystore was tampered with'];
  expect(causeIn(lines)?.what).toBe('a keystore cannot be used');
});

test.each([
  'WARN - something',
  '[2026-11-29 07:29:39,379]  INFO {org.wso2.X} - Locked by another process',
  'Error while performing configuration changes',
  'org.wso2.config.mapper.ConfigParserException: Error while store new configurations',
  '\tat org.wso2.OutOfMemoryError.x(X.java:1)',
  '[2026-11-29 09:58:16,632]  WARN {com.acme.iot.Hub} - java.net.BindException: Address already in use',
])('%s explains nothing', (line) => {
  expect(causeIn([line, ''])).toBeUndefined();
});

test.each([
  [
    '[2026-11-29 07:30:45,656] ERROR {org.wso2.X} - Wrong user name or password [28000-224]',
    'Wrong user name or password [28000-224]',
  ],
  [
    'TID: [-1234] [] [2026-11-29 07:30:45,656] ERROR {org.wso2.X} - The disk: No space left on device',
    'The disk: No space left on device',
  ],
  ['[2026-11-29 07:30:45,656] ERROR - X No space left on device', 'X No space left on device'],
  ['Caused by: java.io.IOException: No space left on device', 'java.io.IOException: No space left on device'],
  [`No space left on device ${'x'.repeat(300)}`, `No space left on device ${'x'.repeat(176)}…`],
])('of %s the evidence is %s', (line, evidence) => {
  expect(causeIn([line])?.evidence).toBe(evidence);
});

describe('the lines that explain a failure', () => {
  const relevantLines = (lines: readonly string[]): readonly string[] => postMortem(lines).lines;
  const chatter = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, index) => `INFO - line ${from + index}`);
  const frames = (count: number): string[] => Array.from({ length: count }, (_, index) => `\tat a.b(C.java:${index})`);

  test('are all of a short log, without colours and empty lines', () => {
    expect(relevantLines(['\u001b[31mERROR - a\u001b[0m  ', '', '   ', 'b\r'])).toEqual(['ERROR - a', 'b']);
    expect(relevantLines([])).toEqual([]);
  });

  test('are the last ten, and before them the errors that would have been cut off', () => {
    const lines = ['ERROR - the cause', ...chatter(1, 30), 'Caused by: it', ...frames(1), ...chatter(31, 40)];
    expect(relevantLines(lines)).toEqual(['ERROR - the cause', 'Caused by: it', ...chatter(31, 40)]);
  });

  test('are never more than twenty, the latest warnings kept', () => {
    const warnings = Array.from({ length: 30 }, (_, index) => `WARN - number ${index}`);
    expect(relevantLines([...warnings, ...chatter(1, 10)])).toEqual([...warnings.slice(-10), ...chatter(1, 10)]);
  });

  test('have the exception of any name that a trace begins with, and its frames only where there is room', () => {
    const first = ['SEVERE - Error', "org.wso2.ConfigParserException: key server.node_ip doesn't exist"];
    expect(relevantLines([...first, ...frames(15)])).toEqual([...first, ...frames(15).slice(-10)]);
    const errors = Array.from({ length: 18 }, (_, index) => `a.B${index}Exception: it`);
    expect(relevantLines([...errors, ...frames(12)])).toEqual([...errors, ...frames(12).slice(-2)]);
  });

  test('always have the one that decides', () => {
    const errors = Array.from({ length: 60 }, (_, index) => `ERROR - number ${index}`);
    const lines = ['ERROR - No space left on device', ...errors];
    expect(relevantLines(lines)).toEqual(['ERROR - No space left on device', ...errors.slice(-19)]);
  });
});
