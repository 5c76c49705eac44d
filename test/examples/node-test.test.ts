import { afterEach, expect, test } from '@jest/globals';
import { Project, said } from './run.js';

let project: Project;
afterEach(() => project.close());

test('the example runs on one server, and nothing is left when it has ended', async () => {
  project = new Project('node-test').withExample();
  const home = project.sandbox.home('apim', { product: 'apim', version: '4.5.0' });
  const run = project.startNode(['--test'], { APIM_HOME: home });
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({
    code: 0,
    said: expect.stringMatching(/pass 2\b/),
  });
  await project.allGone();
  expect(project.sandbox.records).toMatchObject([{ name: 'apim', status: 'exited', restarts: 0 }]);
});
