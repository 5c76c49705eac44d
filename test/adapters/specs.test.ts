import { describe, expect, test } from '@jest/globals';
import * as jest from '../../src/adapters/jest.js';
import { checkConfiguration } from '../../src/adapters/specs.js';
import type { ServerSpecs } from '../../src/adapters/types.js';
import * as vitest from '../../src/adapters/vitest.js';

const later = Promise.resolve({});

describe.each([
  ['jest', jest.withServers],
  ['vitest', vitest.withServers],
])('%s refuses', (_runner, withServers) => {
  const messageOf = (servers: unknown, config?: unknown): string => {
    try {
      withServers(servers as ServerSpecs, config as object);
    } catch (error) {
      return String(error);
    }
    throw new Error('nothing was refused');
  };

  test.each([
    [() => ({}), 'a function'],
    [later, 'a promise'],
    [3, '3'],
    ['jest.config.js', '"jest.config.js"'],
    [[{}], '[{}]'],
  ])('a configuration whose content would be lost: %p', (config, shown) => {
    const words = `LaunchError: The configuration is ${shown}, not an object.\nGive it what that returns, or resolves to.`;
    expect(messageOf({ mi: {} }, config)).toBe(words);
  });

  test.each([
    [undefined, 'The servers are undefined, not an object with one for each name.'],
    [['mi'], 'The servers are ["mi"], not an object with one for each name.'],
    [() => ({}), 'The servers are a function, not an object with one for each name.'],
    [{ mi: null }, 'The server mi is null, not an object of options.'],
    [{ mi: { onEvent: () => {} } }, 'onEvent of mi is nothing that JSON can hold.'],
  ])('servers that are none: %j', (servers, says) => {
    expect(messageOf(servers)).toContain(says);
  });
});

test('a configuration is an object, or absent', () => {
  for (const config of [{}, Object.create({}), null, undefined]) expect(() => checkConfiguration(config)).not.toThrow();
});
