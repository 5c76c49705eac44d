import { factsOf, type ProductId } from './catalogue.js';
import type { DeployerFact, DeploymentFacts, ServerFacts } from './facts.js';
import { isFolderOf } from './product.js';

// Which artifacts a server takes, and where.

/** The facts of the server that runs in a folder: of a product with several, that of its profile. */
export function serverFactsIn(product: string, folder: string): ServerFacts {
  const facts = factsOf(product as ProductId);
  const profile = Object.entries(facts.servers ?? {}).find(([name]) => isFolderOf(name, folder, facts));
  return profile?.[1].facts ?? facts;
}

/** The list of a profile's bundles (Equinox's simpleconfigurator), from the home. */
export const bundleListOf = ({ written }: ServerFacts): string =>
  `${written.osgi}/org.eclipse.equinox.simpleconfigurator/bundles.info`;

/** What a server takes: of that which its product may, what it has the bundles for. @param bundleList undefined: any */
export function deployersWith(bundleList: string | undefined, { deployers }: DeploymentFacts): readonly DeployerFact[] {
  if (bundleList === undefined) return deployers;
  const has = (bundle: string | undefined): boolean =>
    bundle === undefined || new RegExp(`^${bundle.replaceAll('.', '\\.')},`, 'm').test(bundleList);
  return deployers
    .filter(({ bundle }) => has(bundle))
    .map(({ words, ...fact }) => ({ ...fact, ...(words && has(fact.watchedBy) && { words }) }));
}

/** What a product could take, if its server had the bundles for it. */
export const lackingFrom = (taken: readonly DeployerFact[], { deployers }: DeploymentFacts): readonly DeployerFact[] =>
  deployers.filter(({ folder }) => !taken.some((one) => one.folder === folder));

/** `.car, .aar, .xml (api, endpoint)`: what deployers take, for messages. */
export function listDeployers(deployers: readonly DeployerFact[]): string {
  const endings = [...new Set(deployers.map(({ ending }) => ending))];
  return endings
    .map((ending) => {
      const roots = deployers.flatMap((one) =>
        one.ending === ending && one.ending === '.xml' ? (one.root ?? []) : [],
      );
      return roots.length > 0 ? `${ending} (${roots.join(', ')})` : ending;
    })
    .join(', ');
}
