import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of an archive, and what its headers lie about it. */
export interface ZipEntry {
  readonly content: string | Buffer;
  /** Kept as it is, not deflated. */
  readonly isStored?: true;
  /** The length that the archive claims. */
  readonly claims?: number;
  readonly method?: number;
  readonly flags?: number;
}

type ZipContents = Readonly<Record<string, string | Buffer | ZipEntry>>;

/** Makes a zip archive; its checksums are right. */
export function zip(contents: ZipContents): Buffer {
  const bodies: Buffer[] = [];
  const table: Buffer[] = [];
  let position = 0;
  for (const [name, given] of Object.entries(contents)) {
    const entry: ZipEntry = typeof given === 'string' || Buffer.isBuffer(given) ? { content: given } : given;
    const content = Buffer.from(entry.content);
    const packed = entry.isStored ? content : deflateRawSync(content);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(entry.flags ?? 0, 2);
    shared.writeUInt16LE(entry.method ?? (entry.isStored ? 0 : 8), 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(entry.claims ?? content.length, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([word(0x04034b50), shared, Buffer.from(name), packed]);
    table.push(
      Buffer.concat([word(0x02014b50), half(20), shared, Buffer.alloc(10), word(position), Buffer.from(name)]),
    );
    bodies.push(local);
    position += local.length;
  }
  const directory = Buffer.concat(table);
  const count = half(table.length);
  const end = [word(0x06054b50), word(0), count, count, word(directory.length), word(position), half(0)];
  return Buffer.concat([...bodies, directory, ...end]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function half(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** An artifact of a carbon application: its name, its type and the file's text. */
export type Packed = readonly [name: string, type: 'synapse/proxy-service' | 'synapse/inbound-endpoint', text: string];

/** A carbon application (`.car`), as the tools of the products make one. */
export const carbonApplication = (artifacts: readonly Packed[], more: ZipContents = {}): Buffer =>
  zip({
    'artifacts.xml': listOf(artifacts.map(([name]) => name)),
    ...Object.fromEntries(
      artifacts.flatMap(([name, type, text]) => [
        [
          `${name}_1.0.0/artifact.xml`,
          `<artifact name="${name}" version="1.0.0" type="${type}" serverRole="EnterpriseServiceBus"><file>${name}-1.0.0.xml</file></artifact>`,
        ],
        [`${name}_1.0.0/${name}-1.0.0.xml`, text],
      ]),
    ),
    ...more,
  });

/** The list of a carbon application's artifacts. */
export const listOf = (names: readonly string[]): string =>
  `<artifacts><artifact name="App" version="1.0.0" type="carbon/application">${names
    .map((name) => `<dependency artifact="${name}" version="1.0.0" include="true" serverRole="EnterpriseServiceBus"/>`)
    .join('')}</artifact></artifacts>`;
