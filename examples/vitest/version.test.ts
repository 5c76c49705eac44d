import { expect, inject, test } from 'vitest';

const { apim } = inject('wso2');

test('the server answers', async () => {
  const response = await fetch(`http://localhost:${apim.ports['servlet-http']}/services/Version`);
  expect(response.status).toBe(200);
});

test('the publisher has an address', () => {
  expect(apim.urls.publisher).toBe(process.env.WSO2_APIM_PUBLISHER_URL);
});
