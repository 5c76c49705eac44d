import { relative } from 'node:path';
import { factsOf } from '../domain/catalogue.js';
import { isFolderOf } from '../domain/product.js';
import { type LocatedHome, locateHomeIfAny } from '../home/locate.js';
import { type Instance, isLive, listInstances } from '../instance/list.js';
import { nodeSystem } from '../system/index.js';
import type { LaunchRequest } from './request.js';

/** The running instance that could take the place of a launch, or the reason why there is none. */
export type Reusable =
  | { readonly kind: 'one'; readonly instance: Instance }
  /** `canLaunch`: whether a home or a name was given, so that it is known what to launch instead. */
  | { readonly kind: 'none'; readonly canLaunch: boolean }
  | { readonly kind: 'several'; readonly names: readonly string[] };

/**
 * The live instance of the name or the home that is asked for, with the offset and the profile that may be asked for
 * as well; without either the only one of that product.
 * @throws LaunchError where the home can't be used
 */
export async function findReusable(request: LaunchRequest): Promise<Reusable> {
  const { product, name, named, offset } = request;
  // A variable's home is for whoever names nothing.
  const located = name === undefined || (named && !named.isGeneral) ? locateHomeIfAny(request) : undefined;
  const isItsHome = (one: Instance): boolean =>
    located ? isOf(one, located, request) : hasProfile(one.runtimeHome ?? one.home, request);
  const live = (await listInstances()).filter(
    (one) =>
      isLive(one) &&
      one.product === product &&
      (name === undefined || one.name === name) &&
      isItsHome(one) &&
      (offset.kind !== 'fixed' || one.offset === offset.offset.value),
  );
  const [only, ...others] = live;
  if (!only) return { kind: 'none', canLaunch: name !== undefined || located !== undefined };
  return others.length === 0
    ? { kind: 'one', instance: only }
    : { kind: 'several', names: live.map((one) => one.name) };
}

/** Whether an instance runs in a home, or in a private home of it where one is asked for. */
export function isOf(
  { home, runtimeHome = home, installation }: Instance,
  located: Pick<LocatedHome, 'unpacked' | 'runtimeHome'>,
  { ownHome }: Pick<LaunchRequest, 'ownHome'>,
): boolean {
  const { files } = nodeSystem;
  if (!ownHome) return files.realPath(runtimeHome) === files.realPath(located.runtimeHome);
  const inner = relative(located.unpacked, located.runtimeHome);
  return installation === files.realPath(located.unpacked) && runtimeHome.endsWith(inner);
}

/** Whether a runtime of a home with several is of the profile that may be asked for, by its folder. */
function hasProfile(runtimeHome: string, { product, profile }: LaunchRequest): boolean {
  if (!product || !profile) return true;
  const isFolder = isFolderOf(profile.name, runtimeHome, factsOf(product));
  // A variable is meant for whom it concerns.
  return isFolder ?? profile.isGeneral === true;
}
