import { describe, expect, test } from '@jest/globals';
import { type ConfiguredHome, inbound, inspectConfigured, inWords } from '../support/configured-home.js';
import { carbonApplication, listOf, type Packed, zip } from '../support/zip.js';

const FOLDER = 'repository/deployment/server/carbonapps';

const endpoint = (name: string, port: number): Packed => [
  name,
  'synapse/inbound-endpoint',
  inbound(name, 'http', { 'inbound.http.port': port }),
];

interface Found {
  /** The ports besides those of every Micro Integrator. */
  readonly ports: readonly string[];
  readonly warnings: readonly string[];
}

function found(archives: Readonly<Record<string, string | Buffer>>, more: Partial<ConfiguredHome> = {}): Found {
  const files = Object.fromEntries(Object.entries(archives).map(([name, bytes]) => [`${FOLDER}/${name}`, bytes]));
  const { ports, warnings } = inspectConfigured({ of: 'mi 4.4.0', ...more, files: { ...files, ...more.files } });
  return { ports: ports.slice(4).map(inWords), warnings };
}

describe('a carbon application', () => {
  test('declares what its artifacts declare', () => {
    const proxy: Packed = [
      'Lab',
      'synapse/proxy-service',
      '<proxy name="Lab" transports="hl7">\n<target/><parameter name="transport.hl7.Port">9292</parameter></proxy>',
    ];
    const hl7 = '[[custom_transport.listener]]\nclass = "org.example.HL7TransportListener"\nprotocol = "hl7"\n';
    expect(found({ 'Shop_1.0.0.car': carbonApplication([endpoint('Orders', 8085), proxy]) }, { toml: hl7 })).toEqual({
      ports: [
        'Orders =8085 Shop_1.0.0.car/Orders_1.0.0/Orders-1.0.0.xml:3',
        'Lab =9292 Shop_1.0.0.car/Lab_1.0.0/Lab-1.0.0.xml:2',
      ],
      warnings: [],
    });
  });

  test('is read in every product that has the engine, by the rules of that one', () => {
    const { ports } = inspectConfigured({
      of: 'apim 4.7.0',
      files: { [`${FOLDER}/A.car`]: carbonApplication([endpoint('Orders', 8085)]) },
    });
    expect(ports.map(inWords).at(-1)).toBe('Orders 8085 A.car/Orders_1.0.0/Orders-1.0.0.xml:3');
  });

  test('deploys what its list names, in the version that it names, and nothing else', () => {
    const archive = (list: string): Buffer =>
      carbonApplication([endpoint('Orders', 8085), endpoint('Spare', 8086)], { 'artifacts.xml': list });
    expect(found({ 'A.car': archive(listOf(['Orders'])) }).ports).toHaveLength(1);
    expect(
      found({ 'A.car': archive(listOf(['Orders']).replace('version="1.0.0" include', 'version="2" include')) }),
    ).toEqual({
      ports: [],
      warnings: [],
    });
  });

  test('has its newer list counted, where it has both', () => {
    const archive = carbonApplication([endpoint('Orders', 8085)], { 'metadata.xml': listOf([]) });
    expect(found({ 'A.car': archive })).toEqual({ ports: [], warnings: [] });
  });

  test('may hold others, each of which is read', () => {
    const inner = carbonApplication([endpoint('Inner', 8086)]);
    const outer = carbonApplication([endpoint('Outer', 8085)], {
      'descriptor.xml': '<project><fatCarEnabled>true</fatCarEnabled></project>',
      'dependencies/inner_1.0.0.car': inner,
    });
    expect(found({ 'outer.car': outer })).toEqual({
      ports: [
        'Outer =8085 outer.car/Outer_1.0.0/Outer-1.0.0.xml:3',
        'Inner =8086 outer.car/dependencies/inner_1.0.0.car/Inner_1.0.0/Inner-1.0.0.xml:3',
      ],
      warnings: [],
    });
  });

  test('found twice counts once', () => {
    const archive = carbonApplication([endpoint('Orders', 8085)]);
    expect(found({ 'A.car': archive, 'B.car': archive }).ports).toHaveLength(1);
  });

  test('of another name is none', () => {
    expect(found({ 'A.car.bak': 'x', 'A.zip': carbonApplication([endpoint('Orders', 8085)]) }).ports).toEqual([]);
  });
});

describe('what can not be looked into is a warning, and the rest is read', () => {
  const blind = (subject: string, problem: string): string =>
    `${subject} can't be looked into, so that nobody looks after the ports of what is in it: ${problem}.`;
  const good = { 'Good.car': carbonApplication([endpoint('Orders', 8085)]) };
  const ports = ['Orders =8085 Good.car/Orders_1.0.0/Orders-1.0.0.xml:3'];

  test('an archive that is none', () => {
    const warnings = [blind(`HOME/${FOLDER}/Bad.car`, 'it is no zip archive')];
    expect(found({ ...good, 'Bad.car': 'no archive' })).toEqual({ ports, warnings });
  });

  test('an archive without a list', () => {
    const warnings = ["Bad.car has no artifacts.xml: the server can't deploy it."];
    expect(found({ ...good, 'Bad.car': zip({ 'a.txt': 'x' }) })).toEqual({ ports, warnings });
  });

  test('a list, or an artifact, that is not well-formed', () => {
    const bad = carbonApplication([['X', 'synapse/inbound-endpoint', '<inboundEndpoint>\n']]);
    const worse = carbonApplication([], { 'artifacts.xml': '<artifacts>' });
    expect(found({ ...good, 'X.car': bad, 'Y.car': worse })).toEqual({
      ports,
      warnings: [
        "X.car/X_1.0.0/X-1.0.0.xml, line 2, column 1: unclosed tag: inboundEndpoint: the server can't deploy it.",
        "Y.car/artifacts.xml, line 1, column 12: unclosed tag: artifacts: the server can't deploy it.",
      ],
    });
  });

  test('an artifact that the server may be able to read', () => {
    const text = '<!DOCTYPE x [<!ENTITY port "8085">]><inboundEndpoint name="&port;"/>';
    expect(found({ ...good, 'X.car': carbonApplication([['X', 'synapse/inbound-endpoint', text]]) })).toEqual({
      ports,
      warnings: [
        'X.car/X_1.0.0/X-1.0.0.xml, line 1, column 66: it names an entity that is none of XML itself, and those are not followed, so that nobody looks after its ports.',
      ],
    });
  });

  test('an artifact whose file is missing', () => {
    const bad = carbonApplication([], {
      'artifacts.xml': listOf(['X']),
      'X_1.0.0/artifact.xml':
        '<artifact name="X" version="1.0.0" type="synapse/inbound-endpoint"><file>x.xml</file></artifact>',
    });
    expect(found({ ...good, 'X.car': bad })).toEqual({
      ports,
      warnings: [blind('X.car/X_1.0.0/x.xml', 'it is missing')],
    });
  });

  test('archives ten deep', () => {
    const nested = Array.from({ length: 10 }).reduce<Buffer>(
      (inner) => carbonApplication([], { 'dependencies/n.car': inner }),
      carbonApplication([endpoint('Deep', 8086)]),
    );
    const path = `Deep.car${'/dependencies/n.car'.repeat(4)}`;
    const warnings = [blind(path, 'it lies more than 3 archives deep')];
    expect(found({ ...good, 'Deep.car': nested })).toEqual({ ports, warnings });
  });

  test('content that goes on for longer than it claims, or for too long', () => {
    const long = ' '.repeat(8 * 2 ** 20);
    const bad = carbonApplication([endpoint('A', 1), endpoint('B', 2)], {
      'A_1.0.0/A-1.0.0.xml': { content: long, claims: 100 },
      'B_1.0.0/B-1.0.0.xml': long,
    });
    expect(found({ ...good, 'Bomb.car': bad })).toEqual({
      ports,
      warnings: [
        blind('Bomb.car/A_1.0.0/A-1.0.0.xml', 'it is longer than the 100 bytes that it claims to have'),
        blind(
          'Bomb.car/B_1.0.0/B-1.0.0.xml',
          `it has ${long.length} bytes, and no more than ${4 * 2 ** 20} of an artifact are read`,
        ),
      ],
    });
  });

  test('a bomb of many, none of which is long', () => {
    const inner = zip({ 'artifacts.xml': listOf([]), filler: { content: Buffer.alloc(30 * 2 ** 20), isStored: true } });
    const bomb = carbonApplication([], { 'a.car': inner, 'b.car': inner, 'c.car': inner });
    expect(found({ ...good, 'Bomb.car': bomb })).toEqual({
      ports,
      warnings: [blind('Bomb.car/c.car', `with it, more than ${64 * 2 ** 20} bytes would be read of one archive`)],
    });
  });

  test.each(['../evil.xml', '/etc/evil.xml', 'a/../../evil.xml', 'C:\\evil.xml', '..\\evil.xml'])(
    'an entry %s that leads out of the archive',
    (name) => {
      const bad = carbonApplication([endpoint('Inside', 8086)], { [name]: 'x' });
      expect(found({ 'Bad.car': bad })).toEqual({
        ports: ['Inside =8086 Bad.car/Inside_1.0.0/Inside-1.0.0.xml:3'],
        warnings: [blind(`Bad.car/${name}`, 'its path leads out of the archive')],
      });
    },
  );
});
