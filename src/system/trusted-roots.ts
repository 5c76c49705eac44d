import { readRegular } from './regular.js';

/** The files in which systems keep the certificates that they trust: those of Go's crypto/x509, and macOS' own. */
const PLACES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Arch, Alpine
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // Fedora, RHEL
  '/etc/pki/tls/certs/ca-bundle.crt', // older ones of these
  '/etc/ssl/ca-bundle.pem', // openSUSE
  '/etc/ssl/cert.pem', // macOS, FreeBSD
];

/** The certificates that this system trusts, in PEM; where it doesn't tell, those that Node brings. */
export async function trustedRoots(): Promise<string> {
  const found =
    process.platform === 'win32' ? undefined : PLACES.map(certificatesIn).find((text) => text !== undefined);
  if (found !== undefined) return found;
  // Node reads a system's own store from 22.15 on; its types here are those of the oldest one.
  const tls: { getCACertificates?(type: 'system'): string[] } & Pick<typeof import('node:tls'), 'rootCertificates'> =
    await import('node:tls');
  const ofTheSystem = tls.getCACertificates?.('system') ?? [];
  return `${(ofTheSystem.length > 0 ? ofTheSystem : tls.rootCertificates).join('\n')}\n`;
}

function certificatesIn(path: string): string | undefined {
  try {
    const text = readRegular(path).toString('utf8');
    return text.includes('-----BEGIN CERTIFICATE-----') ? text : undefined;
  } catch {
    return undefined; // another system's place
  }
}
