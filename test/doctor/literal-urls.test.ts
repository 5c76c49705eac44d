import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeUrls } from '../../src/doctor/literal-urls.js';
import { atOffset, Examination } from '../support/examination.js';
import { liveLease } from '../support/fake-system.js';
import { inWords, one } from '../support/findings.js';

const STALE = {
  key: 'apim.gateway.environment[0].ws_endpoint',
  value: 'ws://localhost:9099',
  source: 'deployment.toml:7',
  meaning: { port: 'ws' },
  port: '9099',
  start: 15,
  shouldBe: 9100,
};

test('URLs that follow are well', () => {
  expect(judgeUrls([]).map(inWords)).toEqual(['ok literal-urls']);
});

test('a URL that does not follow is told with the one that would', () => {
  expect(judgeUrls([STALE]).map(inWords)).toEqual([
    'warning literal-urls: deployment.toml:7: apim.gateway.environment[0].ws_endpoint = "ws://localhost:9099" does not follow the offset. → Launch with --follow-offset, or write there: ws_endpoint = "ws://localhost:9100"',
  ]);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('the offset decides whether a URL stays behind', async () => {
    const toml = '[[apim.gateway.environment]]\nws_endpoint = "ws://localhost:9099"\n';
    const home = examination.home('apim', '4.5.0', toml);
    expect(one(await examination.findings(home), 'literal-urls').level).toBe('ok');
    expect(one(await examination.findings(home, atOffset(300)), 'literal-urls')).toMatchObject({
      level: 'warning',
      mend: expect.stringContaining('ws://localhost:9399'),
    });
  });

  test('the URLs of a server that runs with a copy are those of the copy, at its offset', async () => {
    const toml = '[[apim.gateway.environment]]\nws_endpoint = "ws://localhost:9099"\n';
    const home = examination.home('apim', '4.5.0', toml);
    examination.system.leases.live.push(liveLease({ name: 'blue', home, offset: 300 }));
    const levelAt = async (offset: number): Promise<string> =>
      one(await examination.findings(home, atOffset(offset)), 'literal-urls').level;
    expect(await levelAt(300)).toBe('warning');
    const copy = join(examination.env.WSO2_LAUNCH_STATE_DIR, 'generated/blue.toml');
    examination.write(copy, toml.replace('9099', '9399'));
    expect(await levelAt(300)).toBe('ok');
    expect(await levelAt(301)).toBe('warning');
  });
});
