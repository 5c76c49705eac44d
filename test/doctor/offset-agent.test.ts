import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeAgent } from '../../src/doctor/offset-agent.js';
import { atOffset, Examination } from '../support/examination.js';
import { inWords, one, troubles } from '../support/findings.js';

test.each<[isOn: boolean, configured: number | undefined, words: string]>([
  [false, 10, 'ok offset-agent'],
  [true, 3, 'ok offset-agent'],
  [true, undefined, 'ok offset-agent'],
  [
    true,
    10,
    'warning offset-agent: The Agent is on (icp.enabled) and reports the ports of offset 10 (default), where the server runs at 3. → Write it into deployment.toml, below [server]: offset = 3',
  ],
])('an agent that is on (%j) and knows offset %j, at offset 3', (isOn, configured, words) => {
  const agent = { title: 'Agent', key: 'icp.enabled' };
  expect(inWords(judgeAgent(agent, { isOn, offset: 3, configured, source: 'default' }))).toBe(words);
});

describe('the agent of the Integration Control Plane', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  const ON = '[icp_config]\nenabled = true\n';

  test.each<[toml: string, offset: number | undefined, what: string | undefined]>([
    ['', 3, undefined],
    [ON.replace('true', 'false'), 3, undefined],
    [ON, undefined, undefined],
    [ON, 10, undefined],
    [ON, 3, 'offset 10 (default), where the server runs at 3'],
    [`[server]\noffset = 3\n${ON}`, undefined, undefined],
    [`[server]\noffset = 3\n${ON}`, 3, undefined],
    [`[server]\noffset = 3\n${ON}`, 4, 'offset 3 (deployment.toml:2), where the server runs at 4'],
    [`[server]\noffset = "$sys{portOffset}"\n${ON}`, 4, undefined],
  ])('%j at offset %j', async (toml, offset, what) => {
    examination.jdk('21.0.2');
    const findings = await examination.findings(
      examination.home('mi', '4.6.0', toml),
      offset === undefined ? {} : atOffset(offset),
    );
    expect(troubles(findings)).toEqual(what === undefined ? [] : ['warning offset-agent']);
    expect(one(findings, 'offset-agent').what).toContain(what ?? '');
  });

  test('is no affair of other products', async () => {
    expect(
      one(await examination.findings(examination.home('apim', '4.5.0', ON), atOffset(3)), 'offset-agent'),
    ).toBeUndefined();
  });
});
