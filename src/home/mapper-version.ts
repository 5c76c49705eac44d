import { join } from 'node:path';
import type { System } from '../system/index.js';

/** The version of a home's config-mapper, by which its start renders its configuration; undefined where it has none. */
export function mapperVersion(home: string, { files }: Pick<System, 'files'>): string | undefined {
  const libraries = ['lib', 'wso2/lib'].flatMap((folder) => files.filesIn(join(home, folder)));
  return libraries.map((name) => /^config-mapper[-_]([\d.]+\d)\b/.exec(name)?.[1]).find(Boolean);
}
