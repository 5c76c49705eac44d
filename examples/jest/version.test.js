test('the server answers', async () => {
  const response = await fetch(`${process.env.WSO2_APIM_SERVLET_HTTP_URL}/services/Version`);
  expect(response.status).toBe(200);
});
