import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { atOffset, Examination } from '../support/examination.js';
import { one, troubles } from '../support/findings.js';

let examination: Examination;
beforeEach(() => {
  examination = new Examination();
});
afterEach(() => examination.close());

test('ports are not looked at where no port range allows the offset', async () => {
  const findings = await examination.findings(examination.home('mi', '4.4.0'), atOffset(60_000));
  expect(troubles(findings)).toEqual(['error offset', 'warning unchecked']);
  expect(one(findings, 'offset').what).toContain('The offset 60000 of --offset is out of range');
  expect(one(findings, 'unchecked').what).toBe(
    'Not checked: the ports, the ports of outgoing connections, listeners on one port, the URLs of the configuration, the offset of its database, agents that know the configured offset only. There is no such offset.',
  );
});

test('ports are not looked at where the configuration is no use', async () => {
  const findings = await examination.findings(examination.home('mi', '4.4.0', '[server\n'));
  expect(troubles(findings)).toEqual(['error configuration', 'warning unchecked', 'warning unchecked']);
  expect(findings.at(-1)).toMatchObject({
    what: expect.stringMatching(/^Not checked: the ports, .*\. The configuration is unusable\.$/),
    mend: 'Mend the configuration, and look again.',
  });
});
