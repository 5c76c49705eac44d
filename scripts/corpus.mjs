// The ports of a home built round each configuration file of a folder, for a person to read against the products:
// WSO2_CONFIG_CORPUS=DIR node scripts/corpus.mjs
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const cli = join(import.meta.dirname, '..', 'bin', 'wso2-launch.cjs');
const corpus = process.env['WSO2_CONFIG_CORPUS'];
if (!corpus || !existsSync(corpus)) {
  process.stderr.write(
    'WSO2_CONFIG_CORPUS has to name a folder of configuration files, one folder a product and version.\n',
  );
  process.exit(2);
}

// Folder names as `apim-4.7-gateway`; what they hold is found by the name before the version.
const KINDS = [
  { is: /^apim-(?<version>[\d.]+)-api-control-plane$/, name: 'WSO2 API Control Plane', script: 'api-cp' },
  { is: /^apim-(?<version>[\d.]+)-gateway$/, name: 'WSO2 Universal Gateway', script: 'gateway' },
  { is: /^apim-(?<version>[\d.]+)-traffic-manager$/, name: 'WSO2 Traffic Manager', script: 'traffic-manager' },
  { is: /^apim-(?<version>[23][\d.]+)/, name: 'WSO2 API Manager', script: 'wso2server' },
  { is: /^apim-(?<version>[\d.]+)/, name: 'WSO2 API Manager', script: 'api-manager' },
  { is: /^is-(?<version>[\d.]+)/, name: 'WSO2 Identity Server', script: 'wso2server' },
  { is: /^mi-(?<version>[\d.]+)/, name: 'WSO2 Micro Integrator', script: 'micro-integrator', conf: 'conf' },
];
const RULES = ['key-mappings.json', 'infer.json', 'default.json'];

/** The rule files that a home of this product would carry, its own laid over the kernel's. */
function modelFor(folder) {
  const model = join(corpus, 'model');
  if (!existsSync(model)) return undefined;
  const wanted = folder.startsWith('mi-') ? ['mi'] : folder.startsWith('apim-') ? ['kernel', 'apim'] : ['kernel'];
  const parts = wanted.flatMap((part) => readdirSync(model).filter((name) => name.startsWith(`${part}-`)));
  const read = (file) =>
    Object.assign({}, ...parts.map((part) => JSON.parse(readFileSync(join(model, part, file), 'utf8'))));
  return Object.fromEntries(RULES.map((file) => [file, read(file)]));
}

function buildHome(home, file, { kind, version }, rules) {
  const config = join(home, kind.conf ?? 'repository/conf', 'deployment.toml');
  for (const folder of ['bin', dirname(config).slice(home.length), 'repository/resources/conf']) {
    mkdirSync(join(home, folder), { recursive: true });
  }
  copyFileSync(file, config);
  writeFileSync(join(home, 'bin/version.txt'), `${kind.name} v${version}\n`);
  writeFileSync(join(home, `bin/${kind.script}.sh`), '#!/bin/sh\n', { mode: 0o755 });
  for (const [name, rule] of Object.entries(rules ?? {})) {
    writeFileSync(join(home, 'repository/resources/conf', name), JSON.stringify(rule));
  }
}

/** The runtimes of Carbon 5, as `si-4.3` and `ei-6.6-analytics-worker`. */
const RUNTIME = /^(?:si|ei)-(?<version>[\d.]+)(?:-analytics-(?<profile>worker|dashboard))?$/;

const ports = (home, ...more) =>
  execFileSync(process.execPath, [cli, 'ports', ...more, '--home', home], { encoding: 'utf8' });

const root = mkdtempSync(join(tmpdir(), 'wso2-launch-corpus-'));
try {
  for (const folder of readdirSync(corpus).filter((name) => existsSync(join(corpus, name, 'deployment.toml')))) {
    const kind = KINDS.find(({ is }) => is.test(folder));
    if (!kind) continue;
    const { version } = kind.is.exec(folder).groups;
    const file = join(corpus, folder, 'deployment.toml');
    buildHome(join(root, folder, 'bare'), file, { kind, version });
    buildHome(join(root, folder, 'ruled'), file, { kind, version }, modelFor(folder));
    const [bare, ruled] = ['bare', 'ruled'].map((form) => ports(join(root, folder, form)));
    process.stdout.write(`\n${folder}: ${kind.name} ${version}\n${ruled}`);
    if (bare !== ruled) process.stdout.write(`  without rule files in the home:\n${bare}`);
  }
  for (const folder of readdirSync(corpus)) {
    const { version, profile } = RUNTIME.exec(folder)?.groups ?? {};
    if (version === undefined) continue;
    const [product, script] = profile ? ['analytics', 'worker'] : ['si', 'server'];
    const home = join(root, folder);
    mkdirSync(join(home, 'conf', profile ?? 'server'), { recursive: true });
    mkdirSync(join(home, 'bin'));
    copyFileSync(join(corpus, folder, 'deployment.yaml'), join(home, 'conf', profile ?? 'server', 'deployment.yaml'));
    writeFileSync(
      join(home, 'bin/version.txt'),
      `${profile ? 'WSO2 Enterprise Integrator' : 'WSO2 Streaming Integrator'} v${version}\n`,
    );
    writeFileSync(join(home, `bin/${script}.sh`), '#!/bin/sh\n', { mode: 0o755 });
    process.stdout.write(
      `\n${folder}: ${product} ${version}\n${ports(home, product, ...(profile ? ['--profile', profile] : []))}`,
    );
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
