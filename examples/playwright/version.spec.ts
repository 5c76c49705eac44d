import { expect, test } from '@playwright/test';

test('the server answers', async ({ request }) => {
  const response = await request.get(`${process.env.WSO2_APIM_SERVLET_HTTP_URL}/services/Version`);
  expect(response.status()).toBe(200);
});
