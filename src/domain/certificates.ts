/** The variable that names certificates which Node trusts besides its own. */
export const EXTRA_CERTIFICATES = 'NODE_EXTRA_CA_CERTS';
/** The variable that names all the certificates which curl, and whatever else uses OpenSSL, trusts. */
export const ALL_CERTIFICATES = 'SSL_CERT_FILE';

/** The variable that curl alone reads, in place of the one above. */
export const CURL_CERTIFICATES = 'CURL_CA_BUNDLE';
/** The variable for whose sake older versions of curl (7.88) pass over {@link ALL_CERTIFICATES}. */
export const CERTIFICATES_FOLDER = 'SSL_CERT_DIR';

const MARK = '# wso2-launch: the certificates of ';

/**
 * The certificates of a file, with those of an instance in place of what the file had of them: a shell may be given
 * those of several instances, one after the other, and of one again. Whoever reads PEM passes over what is between.
 */
export function withChain(text: string, name: string, chain: readonly string[]): string {
  const [others = '', ...sections] = text.split(MARK);
  const kept = sections.filter((section) => !section.startsWith(`${name}\n`)).map((section) => `${MARK}${section}`);
  const before = others === '' || others.endsWith('\n') ? others : `${others}\n`;
  return [before, ...kept, `${MARK}${name}\n`, ...chain].join('');
}
