import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';

/** The same job by each library's own means: one offset after another, up to the first that has all its ports free. */
const searchBy = (isFree) => `
export const search = ({ bases, min }) => async () => {
  for (let offset = min; ; offset++) {
    let areFree = true;
    for (let index = 0; areFree && index < bases.length; index++) areFree = await isFree(bases[index] + offset);
    if (areFree) return offset;
  }
};
${isFree}`;

// get-port remembers what it has answered, and a product's ports meet one another at other offsets: forget each time.
const PEERS = {
  'get-port': `
    import getPort, { clearLockedPorts } from 'get-port';
    const isFree = async (port) => {
      clearLockedPorts();
      return (await getPort({ port })) === port;
    };`,
  'get-port, :: only': `
    import getPort, { clearLockedPorts } from 'get-port';
    const isFree = async (port) => {
      clearLockedPorts();
      return (await getPort({ port, host: '::' })) === port;
    };`,
  portfinder: `
    import { getPortPromise } from 'portfinder';
    const isFree = async (port) => {
      try {
        return (await getPortPromise({ port, stopPort: port })) === port;
      } catch {
        return false;
      }
    };`,
  'detect-port': `
    import { detect } from 'detect-port';
    const isFree = async (port) => (await detect(port)) === port;`,
};
// Before anybody takes a certificate's place out of it: npm may need that.
const env = { ...process.env };
const FETCHED = ['portfinder', 'detect-port'];

/** The bundled searches by name; the libraries that this project has no use for are fetched into the folder. */
export async function bundlePeers(folder) {
  const missing = FETCHED.filter((name) => !fetch(name, folder));
  const bundles = {};
  for (const [name, source] of Object.entries(PEERS)) {
    if (missing.includes(name)) continue;
    const outfile = join(folder, `${name.replace(/\W+/g, '-')}.cjs`);
    bundles[name] = await bundle(outfile, { text: searchBy(source), nodePaths: [join(folder, name, 'node_modules')] });
  }
  return { bundles, missing };
}

function fetch(name, folder) {
  const prefix = join(folder, name);
  mkdirSync(prefix);
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', prefix, name];
  spawnSync('npm', args, { stdio: 'ignore', timeout: 60_000, env });
  return existsSync(join(prefix, 'node_modules', name));
}
