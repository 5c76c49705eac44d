import { expect, test } from '@jest/globals';
import type { ConfigurationChange } from '../../src/domain/configuration-change.js';
import { mergeXml } from '../../src/domain/xml-merge.js';
import { refusal } from '../support/refusal.js';

const HOME = `<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- a banner -->
<Server xmlns="http://wso2.org/projects/carbon/carbon.xml">
    <Name>WSO2 Carbon</Name>
    <!-- <HostName>www.wso2.org</HostName> -->
    <Ports>
        <!-- comment -->
        <Offset>0</Offset>
        <JMX>
            <RMIRegistryPort>9999</RMIRegistryPort>
        </JMX>
    </Ports>
    <HideMenuItemIds/>
    <Cache enabled="true">
        <Size>10</Size>
    </Cache>
    <ServerRoles>
        <Role>one</Role>
        <Role>two</Role>
    </ServerRoles>
    <Empty></Empty>
</Server>
`;

const set = (key: string, text: string): ConfigurationChange => ({ by: '--set', key, text });
const over = (inner: string): ConfigurationChange => ({ by: 'other.xml', text: `<Server>${inner}</Server>` });
const merged = (...changes: readonly ConfigurationChange[]) => mergeXml(HOME, changes, 'carbon.xml');

test.each<[change: ConfigurationChange, from: string, to: string]>([
  [set('Ports.Offset', '3'), '<Offset>0', '<Offset>3'],
  [set('Server.Ports.Offset', '3'), '<Offset>0', '<Offset>3'],
  [set('Ports.JMX.RMIRegistryPort', '9998'), '9999', '9998'],
  [set('Name', 'a < b & c'), 'WSO2 Carbon', 'a &lt; b &amp; c'],
  [set('Name', '"in \\"quotes\\""'), 'WSO2 Carbon', 'in "quotes"'],
  [set('Name', "'in quotes'"), 'WSO2 Carbon', 'in quotes'],
  [set('Name', ''), 'WSO2 Carbon', ''],
  [set('HideMenuItemIds', 'x'), '<HideMenuItemIds/>', '<HideMenuItemIds>x</HideMenuItemIds>'],
  [set('Cache.Size', '20'), '<Size>10', '<Size>20'],
  [set('HostName', 'my.host'), '    <Empty></Empty>\n', '    <Empty></Empty>\n    <HostName>my.host</HostName>\n'],
  [set('Ports.New.Deep', '1'), '        </JMX>\n', '        </JMX>\n        <New><Deep>1</Deep></New>\n'],
  [set('Empty.Inner', '1'), '<Empty></Empty>', '<Empty>\n        <Inner>1</Inner>\n    </Empty>'],
  [
    set('HideMenuItemIds.Id', '1'),
    '<HideMenuItemIds/>',
    '<HideMenuItemIds>\n        <Id>1</Id>\n    </HideMenuItemIds>',
  ],
  [over('<Ports><Offset>5</Offset></Ports>'), '<Offset>0', '<Offset>5'],
  [over('<Ports><Extra a="1"/></Ports>'), '        </JMX>\n', '        </JMX>\n        <Extra a="1"/>\n'],
  [
    over('<ServerRoles><Role>three</Role></ServerRoles>'),
    '<Role>one</Role>\n        <Role>two</Role>',
    '<Role>three</Role>\n        ',
  ],
  [
    over('<HideMenuItemIds><Id>a</Id><Id>b</Id></HideMenuItemIds>'),
    '<HideMenuItemIds/>',
    '<HideMenuItemIds><Id>a</Id><Id>b</Id></HideMenuItemIds>',
  ],
])('only what is given differs: %j', (change, from, to) => {
  expect(merged(change).text).toBe(HOME.replace(from, () => to));
});

test('line ends stay those of Windows', () => {
  const { text } = mergeXml(HOME.replaceAll('\n', '\r\n'), [set('Ports.New', '1'), set('Empty.A', '1')], 'carbon.xml');
  expect(text.replaceAll('\r\n', '')).not.toContain('\n');
});

test('bytes of another encoding stay, and what is given means the same in each', () => {
  const { text } = mergeXml(
    HOME.replace('a banner', 'a b\udce4nner'),
    [set('Name', 'ä𝄞'), over('<New>é</New>')],
    'carbon.xml',
  );
  expect(text).toContain('<!-- a b\udce4nner -->');
  expect(text).toContain('<Name>&#228;&#119070;</Name>');
  expect(text).toContain('<New>&#233;</New>');
});

test('the later of two changes counts', () => {
  expect(merged(over('<Ports><Offset>5</Offset></Ports>'), set('Ports.Offset', '6')).text).toContain('<Offset>6<');
});

test.each<[change: ConfigurationChange, code: number, says: string]>([
  [set('Ports', '5'), 2, '--set gives Ports a value, and it has elements in carbon.xml, line 6.'],
  [set('Ports.Offset.x', '5'), 2, '--set gives Ports.Offset elements, and it has a value in carbon.xml, line 8.'],
  [set('ServerRoles.Role', 'x'), 2, '--set names ServerRoles.Role, of which carbon.xml has 2, in lines 18, 19.'],
  [set('Name', '["a"]'), 2, '--set gives Name a list, and an element holds a text.'],
  [set('Name', '{}'), 2, '--set gives Name a mapping, and an element holds a text.'],
  [set('Name', '"a'), 2, "--set gives Name a value whose quotes don't fit."],
  [over('<Ports>5</Ports>'), 2, 'other.xml gives Ports a value, and it has elements in carbon.xml, line 6.'],
  [over('<Name><a/></Name>'), 2, 'other.xml gives Name elements, and it has a value in carbon.xml, line 4.'],
  [{ by: 'o.xml', text: '<Server>\n<a>\n</Server>' }, 3, 'o.xml, line 3, column'],
  [{ by: 'o.xml', text: '<Other/>' }, 3, 'o.xml, line 1: the root element is <Other>, not <Server>.'],
])('%j is refused', (change, code, says) => {
  const { message, ...refused } = refusal(() => merged(change));
  expect(message).toContain(says);
  expect(refused).toMatchObject({ code });
});

test.each<[change: ConfigurationChange, warnings: readonly string[]]>([
  [
    set('Ports.Ofset', '3'),
    [
      'carbon.xml has no Ports.Ofset, in comments neither, and no server is known to read it. Did you mean Ports.Offset?',
    ],
  ],
  [set('HostName', 'x'), []], // in a comment
  [set('MgtHostName', 'x'), []],
  [
    set('MgtHostNam', 'x'),
    ['carbon.xml has no MgtHostNam, in comments neither, and no server is known to read it. Did you mean MgtHostName?'],
  ],
  [
    set('Ports.Offset', 'three'),
    ['--set gives Ports.Offset a text, and carbon.xml has a number there: the server may refuse it.'],
  ],
  [
    over('<Ports><Offset>true</Offset></Ports>'),
    ['other.xml gives Ports.Offset true or false, and carbon.xml has a number there: the server may refuse it.'],
  ],
  [set('Ports.Offset', '${offset}'), []],
])('%j is warned of: %j', (change, warnings) => {
  expect(merged(change).warnings).toEqual(warnings);
});
