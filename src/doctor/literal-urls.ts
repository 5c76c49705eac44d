import { basename } from 'node:path';
import {
  followingUrl,
  type LiteralUrl,
  literalUrls as literalUrlsIn,
  type StaleUrl,
  staleUrls,
} from '../domain/stale-urls.js';
import { mention, mentioning } from '../domain/text.js';
import { readToml } from '../domain/toml.js';
import { readIfPossible } from '../home/config-files.js';
import { liveServers } from '../launch/follow-offset.js';
import { copyFile } from '../state/configuration-copy.js';
import { stateFolder } from '../state/folder.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import { ownLeases, type PatientAtOffset } from './patient.js';

const LITERAL_URLS = kind('literal-urls', 'They send clients to where the server does not listen.');

export const literalUrls: Check<'literal-urls', PatientAtOffset> = {
  about: 'the URLs of the configuration',
  look: async (patient) => {
    const { inspection, ports, system } = patient;
    const urls = urlsOfCopy(patient) ?? inspection.urls;
    return judgeUrls(staleUrls(urls, ports, await liveServers(urls, system)));
  },
};

/** The URLs of the copy that an instance of ours reads in the configuration's place; undefined where there is none. */
function urlsOfCopy(patient: PatientAtOffset): readonly LiteralUrl[] | undefined {
  const { inspection, offset, request, system } = patient;
  const isMeant = (running: number): boolean => request.offset === undefined || running === offset;
  const folder = stateFolder(system);
  const [text] = ownLeases(patient)
    .filter((lease) => isMeant(lease.offset))
    .flatMap((lease) => readIfPossible(copyFile(lease, folder, system), system) ?? []);
  if (text === undefined) return undefined;
  const file = basename(inspection.facts.configFile);
  return literalUrlsIn(readToml(text, file).strings, file, inspection.facts.urlKeys);
}

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
