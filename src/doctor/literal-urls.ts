import { followingUrl, type StaleUrl, staleUrls } from '../domain/stale-urls.js';
import { mention, mentioning } from '../domain/text.js';
import { liveServers } from '../launch/follow-offset.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import type { PatientAtOffset } from './patient.js';

const LITERAL_URLS = kind('literal-urls', 'They send clients to where the server does not listen.');

export const literalUrls: Check<'literal-urls', PatientAtOffset> = {
  about: 'the URLs of the configuration',
  look: async ({ inspection: { urls }, ports, system }) =>
    judgeUrls(staleUrls(urls, ports, await liveServers(urls, system))),
};

export function judgeUrls(stale: readonly StaleUrl[]): Finding<'literal-urls'>[] {
  if (stale.length === 0) return [LITERAL_URLS.fine('Every URL of the configuration fits the offset.')];
  return stale.map((url) => {
    const { source, key, value } = url;
    const name = key.slice(key.lastIndexOf('.') + 1);
    return LITERAL_URLS.warning(
      `${source}: ${key} = "${value}" does not follow the offset.`,
      mentioning`Launch with ${mention.option('followOffset')}, or write there: ${name} = "${followingUrl(url)}"`,
    );
  });
}
