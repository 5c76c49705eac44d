import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { factsOf, type ProductId } from '../domain/catalogue.js';
import type { Carbon5Facts, PortFact, ProductFacts, ProfileFacts } from '../domain/facts.js';
import { basePorts } from '../domain/ports.js';
import { rowFor } from '../domain/product.js';
import { batchScript, carbonBatchScript, runtimeBatchScript } from './batch.js';
import type { StandInBehaviour } from './jvm.js';

/** The looks of a stand-in home. */
export interface StandInHome {
  readonly product: ProductId;
  readonly version: string;
  /** The server of a home that holds several; absent: the default one. */
  readonly profile?: string;
  /** The ways in which the stand-in JVM differs from a well-behaved server. */
  readonly behaviour?: StandInBehaviour;
  /** Text of its configuration file: deployment.toml, carbon.xml up to 2.6, or deployment.yaml. */
  readonly configuration?: string;
}

const DEPLOYMENT_TOML = '[server]\nhostname = "localhost"\n';
const carbonXml = (offset: number): string =>
  `<Server xmlns="http://wso2.org/projects/carbon/carbon.xml">\n  <Ports>\n    <Offset>${offset}</Offset>\n  </Ports>\n</Server>\n`;

/** Written beside the home's configuration; the stand-in JVM reads it. */
export const BEHAVIOUR_FILE = 'stand-in.json';

/** Makes a home whose start script has the shape of the products' own, with a stand-in in the JVM's place. */
export function createStandInHome(home: string, wanted: StandInHome): void {
  const facts = factsOf(wanted.product);
  const { servers } = facts;
  if (!servers) {
    createServer(home, facts, wanted);
    return;
  }
  const { within = '.', facts: own } = servers[wanted.profile ?? (Object.keys(servers)[0] as string)] as ProfileFacts;
  write(join(home, 'bin/version.txt'), `${facts.names[0]} v${wanted.version}\n`);
  write(join(home, 'bin', `${facts.versions[0].script}.sh`), startScript(facts.title), 0o755);
  createServer(join(home, within), { ...facts, ...own }, wanted);
}

function createServer(
  home: string,
  facts: ProductFacts,
  { version, behaviour = {}, configuration }: StandInHome,
): void {
  const { row } = rowFor(facts, version, []);
  if (row.carbon5) {
    createRuntimes(home, facts, row.carbon5, {
      version,
      behaviour,
      ...(configuration !== undefined && { configuration }),
    });
    return;
  }
  const ports = basePorts(row.ports, facts.required).map(({ name, base }) => ({ name, base }));
  const isXml = row.carbonXml !== undefined;
  const offset = facts.shippedOffset ?? facts.defaultOffset;
  const text = configuration ?? (isXml ? carbonXml(offset) : DEPLOYMENT_TOML);
  write(join(home, 'bin/version.txt'), `${facts.names[0] ?? facts.title} v${version}\n`);
  write(join(home, 'bin', `${row.script}.sh`), startScript(facts.title), 0o755);
  if (IS_WINDOWS) write(join(home, 'bin', `${row.script}.bat`), batchScript(facts.title, jvmProgram()));
  write(join(home, 'diagnostics-tool/bin/diagnostics.sh'), '#!/bin/sh\nexec sleep 86400\n', 0o755);
  write(join(home, row.carbonXml ?? facts.configFile), text);
  mkdirSync(join(home, 'tmp'), { recursive: true });
  mkdirSync(join(home, 'repository/logs'), { recursive: true });
  const config = row.carbonXml ?? facts.configFile;
  const { title, readyText, health, management } = facts;
  const server = { title, version, readyText, health, hasManagementApi: management !== undefined, ports, config };
  write(join(home, BEHAVIOUR_FILE), JSON.stringify({ ...server, offset: facts.defaultOffset, ...behaviour }));
}

/** A home of Carbon 5: each of its runtimes with its configuration, its script and a stand-in. */
function createRuntimes(
  home: string,
  facts: ProductFacts,
  { profiles, movesHttp, takesOverlay }: Carbon5Facts,
  { version, behaviour, configuration }: Omit<StandInHome, 'product'>,
): void {
  write(join(home, 'bin/version.txt'), `${facts.names[0] ?? facts.title} v${version}\n`);
  mkdirSync(join(home, 'tmp'), { recursive: true });
  for (const [profile, { script, folder, configFile, defaultOffset, ports }] of Object.entries(profiles)) {
    const isHttp = (name: string): boolean => name.startsWith('http');
    // A base counts from the offset; a listener that adds none has the whole in its file.
    const inFile = ({ name, base = 0 }: PortFact): [string, number] => [
      name,
      (isHttp(name) && !movesHttp) || name.startsWith('store') ? base + defaultOffset : base,
    ];
    const numbers = Object.fromEntries(ports.map(inFile));
    write(join(home, configFile), configuration ?? deploymentYaml(facts.title, defaultOffset, numbers));
    write(join(home, folder, 'bin/carbon.sh'), carbonScript(facts.title), 0o755);
    mkdirSync(join(home, folder, 'logs'), { recursive: true });
    // A runtime that starts elsewhere has a script in bin/ that only tells this home from others.
    const started = script.startsWith('bin/') ? script : `bin/${profile}`;
    write(join(home, `${started}.sh`), runtimeScript(folder), 0o755);
    if (IS_WINDOWS) {
      write(join(home, folder, 'bin/carbon.bat'), carbonBatchScript(facts.title, jvmProgram()));
      write(join(home, `${started}.bat`), runtimeBatchScript(folder));
    }
    const runtime = { configFile: join(home, configFile), movesHttp, takesOverlay };
    const server = {
      title: facts.title,
      version,
      readyText: `${facts.title} started in `,
      offset: 0,
      ports: [],
      runtime,
    };
    write(join(home, folder, BEHAVIOUR_FILE), JSON.stringify({ ...server, ...behaviour }));
  }
}

/** The listeners of one transport as the products' own files have them: a dash alone, then an indented mapping. */
const listenersYaml = (section: string, plain: number | undefined, secured: number | undefined): string => {
  const plainOne =
    plain === undefined ? '' : `    -\n      id: "default"\n      host: "0.0.0.0"\n      port: ${plain}\n`;
  const securedOne =
    secured === undefined
      ? ''
      : `    -\n      id: "msf4j-https"\n      host: "0.0.0.0"\n      port: ${secured}\n      scheme: https\n      keyStoreFile: "\${carbon.home}/resources/security/wso2carbon.jks"\n`;
  return plainOne + securedOne === '' ? '' : `\n${section}:\n  listenerConfigurations:\n${plainOne}${securedOne}`;
};

const receiverYaml = (type: string, plain: number | undefined, secured: number | undefined): string =>
  `  -\n    dataReceiver:\n      type: ${type}\n      properties:\n        tcpPort: '${plain}'\n        sslPort: '${secured}'\n`;

const deploymentYaml = (name: string, offset: number, ports: Readonly<Record<string, number>>): string =>
  [
    `  # Carbon Configuration Parameters\nwso2.carbon:\n  id: stand-in\n  name: ${name}\n  ports:\n    # port offset\n    offset: ${offset}\n`,
    listenersYaml('wso2.transport.http', ports['http'], ports['https']),
    listenersYaml('siddhi.stores.query.api', ports['store-http'], ports['store-https']),
    '\ndatabridge.config:\n  workerThreads: 10\n  dataReceivers:\n',
    receiverYaml('Thrift', ports['thrift'], ports['thrift-ssl']),
    receiverYaml('Binary', ports['binary'], ports['binary-ssl']),
  ].join('');

/** Makes a folder that passes for a JDK and runs the stand-in JVM with our own Node. */
export function createStandInJdk(folder: string, { version }: { readonly version: string }): void {
  write(join(folder, 'release'), `IMPLEMENTOR="stand-in"\nJAVA_VERSION="${version}"\n`);
  write(join(folder, 'bin/java'), javaProgram(version), 0o755);
  // Node itself goes by the name of java on Windows, and the batch file names the stand-in as its program.
  if (IS_WINDOWS) copyFileSync(process.execPath, join(folder, 'bin/java.exe'));
}

const IS_WINDOWS = process.platform === 'win32';

function write(file: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

declare const WSO2_LAUNCH_STAND_IN: string | undefined;

/** The bundle carries the stand-in JVM as a file of its own; from the sources it has to be built first. */
const jvmProgram = (): string =>
  typeof WSO2_LAUNCH_STAND_IN === 'string'
    ? join(__dirname, WSO2_LAUNCH_STAND_IN)
    : join(process.cwd(), 'dist/stand-in-jvm.cjs');

const javaProgram = (version: string): string => `#!/bin/sh
if [ "$1" = "-version" ]; then
  echo 'openjdk version "${version}"' >&2
  exit 0
fi
exec ${quote(process.execPath)} ${quote(jvmProgram())} "$@"
`;

// The script's faults are the products' own: it takes CARBON_HOME and CMD from the environment, splits its arguments,
// wipes tmp, starts a helper in the background, loops while the JVM asks for a restart, and ends with code 0.
const startScript = (title: string): string => `#!/bin/sh
# A stand-in for the start script of ${title}.
[ -z "$CARBON_HOME" ] && CARBON_HOME=$(cd "$(dirname "$0")/.."; pwd)
[ -z "$JAVACMD" ] && JAVACMD="$JAVA_HOME/bin/java"
if [ ! -x "$JAVACMD" ]; then
  echo "Error: JAVA_HOME is not defined correctly."
  exit 1
fi

for c in $*; do
  case $c in
    --stop|-stop|stop) CMD=stop ;;
    --version|-version|version) CMD=version ;;
    --debug|-debug|debug) CMD=debug ;;
    *) if [ "$CMD" = debug ] && [ -z "$PORT" ]; then PORT=$c; fi ;;
  esac
done
case $CMD in
  stop) kill -TERM "$(cat "$CARBON_HOME/wso2carbon.pid")"; exit 0 ;;
  version) cat "$CARBON_HOME/bin/version.txt"; exit 0 ;;
  debug) echo "Please start the remote debugging client to continue... ($PORT)" ;;
esac

"$JAVACMD" -version 2>/dev/null
echo "JAVA_HOME environment variable is set to $JAVA_HOME"
echo "CARBON_HOME environment variable is set to $CARBON_HOME"
cd "$CARBON_HOME"
rm -rf "$CARBON_HOME"/tmp/*

"$CARBON_HOME"/diagnostics-tool/bin/diagnostics.sh &
helper=$!
cleanup() {
  kill "$helper"
}
trap 'cleanup' EXIT INT

status=121
while [ "$status" = 121 ]; do
  $JAVACMD \\
    $JVM_MEM_OPTS $JAVA_OPTS \\
    -Dcarbon.home="$CARBON_HOME" \\
    -Djava.command="$JAVACMD" \\
    org.wso2.carbon.bootstrap.Bootstrap $*
  status=$?
done
`;

// The outer script of a Carbon 5 runtime: a tool by whatever java is on PATH first, then the inner script.
const runtimeScript = (folder: string): string => `#!/bin/sh
[ -z "$CARBON_HOME" ] && CARBON_HOME=$(cd "$(dirname "$0")/.."; pwd)
[ -z "$RUNTIME_HOME" ] && RUNTIME_HOME=$(cd "$(dirname "$0")/../${folder}"; pwd)
java -cp "$CARBON_HOME/bin/tools/*" install-jars "$CARBON_HOME"
SCRIPT="$CARBON_HOME/${folder}/bin/carbon.sh"
$SCRIPT $*
exit;
`;

const carbonScript = (title: string): string => `#!/bin/sh
# A stand-in for the start script of ${title}.
[ -z "$RUNTIME_HOME" ] && RUNTIME_HOME=$(cd "$(dirname "$0")/.."; pwd)
[ -z "$CARBON_HOME" ] && CARBON_HOME=$(cd "$(dirname "$0")/../../../"; pwd)
[ -z "$RUNTIME" ] && RUNTIME=\${RUNTIME_HOME##*/}
[ -z "$JAVACMD" ] && JAVACMD="$JAVA_HOME/bin/java"

for c in $*; do
  case $c in
    --stop|-stop|stop) kill -TERM "$(cat "$RUNTIME_HOME/runtime.pid")"; exit 0 ;;
    --version|-version|version) cat "$CARBON_HOME/bin/version.txt"; exit 0 ;;
  esac
done

echo "JAVA_HOME environment variable is set to $JAVA_HOME"
echo "CARBON_HOME environment variable is set to $CARBON_HOME"
echo "RUNTIME_HOME environment variable is set to $RUNTIME_HOME"
cd "$RUNTIME_HOME"

status=121
while [ "$status" = 121 ]; do
  $JAVACMD \\
    $JAVA_OPTS \\
    -Dcarbon.home="$CARBON_HOME" \\
    -Dwso2.runtime.path="$RUNTIME_HOME" \\
    -Dwso2.runtime="$RUNTIME" \\
    org.wso2.carbon.launcher.Main $*
  status=$?
done
`;
