import assert from 'node:assert/strict';
import { test } from 'node:test';
import { server } from './server.js';

test('the server answers', async () => {
  const response = await fetch(`http://localhost:${server.port('servlet-http')}/services/Version`);
  assert.equal(response.status, 200);
});
