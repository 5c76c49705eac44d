import assert from 'node:assert/strict';
import { test } from 'node:test';
import { server } from './server.js';

test('the publisher has an address', () => {
  assert.match(server.url('publisher'), /\/publisher$/);
});
