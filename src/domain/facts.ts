import type { Rules } from './configuration.js';
import type { ManagementFact } from './management.js';
import type { Placings } from './private-home.js';
import type { Version } from './version.js';

/** The shape of what is known about a product: facts, no logic. They stand in `products/`, and in the catalogue. */

export type Scheme = 'http' | 'https' | 'ws' | 'wss' | 'tcp' | 'tls';

/** A setting, by its key after key mapping, or a system property. */
export type Switch = ({ readonly key: string } | { readonly property: string }) & {
  readonly otherwise: boolean;
  /**
   * `java`: on where it says `true`, as Boolean.parseBoolean has it. `same`: on where it is that truth value and no
   * text, as `is sameas true` has it. `defined`: on where it is set at all. Absent: off where it says `false`, nothing, or
   * is the number 0, as templates have it.
   */
  readonly reads?: 'java' | 'same' | 'defined';
};

/** A setting that is a list of words with blanks between them, and has this one. */
export interface Listed {
  readonly key: string;
  readonly lists: string;
  readonly otherwise: string;
}

export type Condition =
  | Switch
  | Listed
  | { readonly not: Condition }
  | { readonly anyOf: readonly Condition[] }
  | { readonly allOf: readonly Condition[] };

/** A listener as the product ships it: the number before any offset. */
export interface PortFact {
  readonly name: string;
  /** Absent: there is no such listener until something sets its port. */
  readonly base?: number;
  readonly scheme: Scheme;
  /** Absent: the port moves with the offset. `true`: it never does. */
  readonly fixed?: true;
  /** Where it is taken the server itself goes on to another one: the base is only where it begins to look. */
  readonly movesOn?: true;
  /** Where it begins to look for a free port if it is told 0; absent: anywhere. For a fixed one only. */
  readonly searchesFrom?: number;
  /** The switch that has to be on for the port to move. */
  readonly shiftedWhen?: Switch;
  /** The key, after key mapping, that sets the base; absent where a template has it as a literal. */
  readonly key?: string;
  /** Present where a number with blanks round it is none: the server reads it as it stands. */
  readonly isReadAsIs?: true;
  /** A system property that sets the number itself, to which no offset is added. */
  readonly property?: string;
  /** The listener opens only while all of these are on. */
  readonly openWhen?: readonly Condition[];
}

/** Listeners that a configuration adds under names of its own; each is called by its key. */
export interface ExtraFact {
  /** Matches the key, as it stands in the file, that sets the base. */
  readonly key: RegExp;
  readonly scheme: Scheme;
  readonly fixed?: true;
  /** The `class` that adds the offset, though others don't; it stands beside the key, in a table of a list. */
  readonly movedBy?: RegExp;
  /** The `class` beside the key that opens no port by it. */
  readonly unusedBy?: RegExp;
}

/** An address worth showing: a port's URL plus a path. */
export interface UrlFact {
  readonly name: string;
  readonly port: string;
  readonly path: string;
}

/** The meaning of a URL in the configuration: a port of this very server, or of another one. */
export interface UrlMeaning {
  readonly port: string;
  /** The products that it may be, equals in one list and the likeliest list first; absent: this server itself. */
  readonly of?: readonly (readonly string[])[];
}

/** The health check on 127.0.0.1, made only once the server says that it has started. */
export type HealthFact =
  /** A request over plain HTTP. */
  | {
      readonly port: string;
      readonly path: string;
      /** The port for a TLS connection instead, where `port` is closed by configuration. */
      readonly otherwiseTls?: string;
    }
  /** Whether somebody takes a connection, on each of them that the configuration opens. */
  | { readonly connectTo: readonly string[] };

/** The logging of a product: the configuration, a log4j2.properties, and the logger that writes the ready line. */
export interface LoggingFact {
  /** A path in the home. */
  readonly configFile: string;
  readonly readyLogger: string;
  /** Properties that the start script sets and the configuration may speak of, as paths in the home. */
  readonly folders: Readonly<Record<string, string>>;
}

/** The phases of a boot: `jvm` until the first line of another one. */
export type BootPhase = 'jvm' | 'bundles' | 'artifacts' | 'listeners';

/** What a server says of its boot. */
export interface BootFacts {
  /** A line with the text begins the phase. */
  readonly phases: readonly { readonly phase: Exclude<BootPhase, 'jvm'>; readonly text: string }[];
  /** The lines about one artifact, whose name is the first group. `begins` is absent where only its end is told. */
  readonly artifacts: readonly { readonly begins?: RegExp; readonly deployed: RegExp }[];
}

/** The place from which a server takes artifacts of one kind. */
export interface DeployerFact {
  /** The ending of their files (`.car`), as it is written. */
  readonly ending: string;
  /** The root element of their files, where the ending does not tell the kind. */
  readonly root?: string;
  /** A folder in the home. */
  readonly folder: string;
  /** The bundle that takes them, where not every server has it. */
  readonly bundle?: string;
  /** Absent where they are read at a start alone. */
  readonly words?: DeploymentWords;
  /** The bundle without which they are read at a start alone. */
  readonly watchedBy?: string;
  /** Present where a removal that fails keeps the server from others that were to be removed with it. */
  readonly isRemovedAlone?: true;
}

/**
 * What a log says of an artifact, as patterns: `{file}` is the name of its file, `{name}` each name that the server has
 * for it. Without a name it may be any.
 */
export interface DeploymentWords {
  /** None where nothing is said. */
  readonly deployed: readonly string[];
  readonly undeployed: readonly string[];
  /** It is not as it should be, after whatever was asked. */
  readonly faulty: readonly string[];
  /** The beginning of its deployment, and what then is said of its faults without its name. */
  readonly begun?: { readonly by: string; readonly faulty: string };
  /** The ends that may come without a word. */
  readonly unsaid?: readonly ('deployed' | 'undeployed')[];
}

/** What a server deploys. */
export interface DeploymentFacts {
  readonly deployers: readonly DeployerFact[];
  /** The line of a file by which it deploys nothing while it runs. */
  readonly suspendedBy?: { readonly file: string; readonly pattern: RegExp };
}

export interface AgentFact {
  readonly title: string;
  /** The key that switches it on where it says `true`. */
  readonly key: string;
}

/** The inbound endpoints and proxy services that lie in a home as files. */
export interface InboundFacts {
  /** Whether the ports of HTTP ones move with the offset; absent: never. */
  readonly shiftedWhen?: Switch;
  /**
   * The endpoints that the product ships, and the names of their ports. Where a key sets that port the file is rendered
   * anew by each start and says nothing; else the file itself is what counts.
   */
  readonly shipped: Readonly<Record<string, string>>;
  /** The transports that open ports for proxy services, by their names, where keys switch them; absent: axis2.xml tells. */
  readonly transports?: Readonly<Record<string, Condition>>;
}

/** The URLs of its own that a server writes into its database and keeps, wherever it listens later. */
export interface BirthFacts {
  /** The name of the database's file; absent, or where there is no such file: each of them may be meant. */
  readonly database?: RegExp;
  /** The console first. */
  readonly urls: readonly (UrlFact & { readonly since?: Version })[];
  /** A URL of these as it stands in the database, whose first group is the port. */
  readonly written?: RegExp;
}

/** The paths that a server writes, in its home; of a runtime of Carbon 5, in its own folder. */
export interface WrittenFacts {
  /** Equinox's own folder. */
  readonly osgi: string;
  /** Present where it is never ready without the files of the H2 databases that its configuration names. */
  readonly needsDatabases?: true;
  /** The paths without which it starts all the same, and what is wrong then. */
  readonly wanted: Readonly<Record<string, string>>;
}

/** A runtime of Carbon 5: several may lie in one home, and each runs once. */
export interface RuntimeFacts {
  /** The start script, as a path in the home without `.sh` or `.bat`. */
  readonly script: string;
  /** The runtime's own folder in the home: its pid file, logs and databases are there. */
  readonly folder: string;
  readonly configFile: string;
  /** Present where that file is one of MSF4J alone, whose listeners stand at its top. */
  readonly isFlat?: true;
  readonly defaultOffset: number;
  /** The ports as shipped, for looking without a home. */
  readonly ports: readonly PortFact[];
}

/**
 * A home of Carbon 5. Its runtimes take no -DportOffset, and their configuration is a deployment.yaml, in which every
 * listener is named; an offset is passed by an overlay.
 */
export interface Carbon5Facts {
  /** The default one first. */
  readonly profiles: Readonly<Record<string, RuntimeFacts>>;
  /** Whether the listeners of `wso2.transport.http` add the offset to their ports: MSF4J does from 2.7.5 on. */
  readonly movesHttp: boolean;
  /** Whether `-Dconfig=` is read: carbon-config does from 2.1.11 on. */
  readonly takesOverlay: boolean;
}

/** The facts that change between versions. A row holds from `since` on, until a newer row takes over. */
export interface VersionRow {
  readonly since: Version;
  /** The start script in `bin/`, without `.sh` or `.bat`. */
  readonly script: string;
  /** Oldest and newest Java feature release that the start script accepts. */
  readonly jdk: readonly [oldest: number, newest?: number];
  readonly ports: readonly PortFact[];
  readonly extras?: readonly ExtraFact[];
  /** The rules of a home that carries none of its own. */
  readonly rules: Rules;
  /** The configuration itself where there is no deployment.toml. */
  readonly carbonXml?: string;
  /** The places of that file in homes that have none at the usual one. */
  readonly carbonXmlOtherwise?: readonly string[];
  /** Present where a deployment.toml says nothing to this version, which reads `carbonXml`. */
  readonly knowsNoToml?: true;
  /** Starts with the files that it is unpacked with, where there is no deployment.toml to render them from. */
  readonly startsUnrendered?: true;
  /** A file of system properties. */
  readonly propertiesFile?: string;
  /** Present where that file is read after the arguments, and beats them; else they beat it. */
  readonly propertiesAreReadLast?: true;
  readonly inbound?: InboundFacts;
  /** Present where the home is one of Carbon 5; `script` then only tells the home from others. */
  readonly carbon5?: Carbon5Facts;
  /** The start script writes `[encryption] key` into the deployment.toml of the home where there is none. */
  readonly writesEncryptionKey?: true;
}

/** A server that a home holds beside others, each with a folder that it takes for its home. */
export interface ProfileFacts {
  /** The folder in the home; absent: the home itself. */
  readonly within?: string;
  /** The versions of the home that have it, both included; absent: all that are known. */
  readonly known?: readonly [oldest: Version, newest: Version];
  /** The name of its runtime, where its home is one of Carbon 5 with several. */
  readonly runtime?: string;
  /** The facts of the server, in the place of the product's own. */
  readonly facts: ServerFacts;
}

/** The facts of one server of a product, which differ between its profiles and its editions. */
export type ServerFacts = Omit<ProductFacts, 'aliases' | 'names' | 'homeVariable' | 'within' | 'servers' | 'editions'>;

export interface ProductFacts {
  readonly aliases: readonly string[];
  readonly title: string;
  /** NAME in `bin/version.txt` (`NAME vVERSION`). */
  readonly names: readonly string[];
  readonly homeVariable?: string;
  /**
   * The products that are called by this id without one of their own, by NAME in `bin/version.txt`, and the facts in
   * which they differ.
   */
  readonly editions?: Readonly<Record<string, Partial<ServerFacts>>>;
  /** Present where a home holds several servers, each a profile; the default one first. */
  readonly servers?: Readonly<Record<string, ProfileFacts>>;
  /** The folder of another product's home in which its own may lie. */
  readonly within?: string;
  readonly configFile: string;
  /** The offset of a server that is told none. */
  readonly defaultOffset: number;
  /** The offset in the configuration that it ships, for looking without a home; absent: the default one. */
  readonly shippedOffset?: number;
  /** The log says this once start-up is over, whether or not every port could be bound. */
  readonly readyText: string;
  readonly boot: BootFacts;
  /** Absent where nothing is deployed by a file. */
  readonly deployment?: DeploymentFacts;
  /** The logging that decides where that line goes; absent: always to the console. */
  readonly logging?: LoggingFact;
  /** Present where the files of XML that lie beside its carbon.xml say which ports it opens, whatever made them. */
  readonly opensByXml?: true;
  /** Versions that the rows were checked against, both included; absent where versions say nothing. */
  readonly known?: readonly [oldest: Version, newest: Version];
  /**
   * Present where its rows are versions of the kernel: many products are built on one, each with versions of its own.
   */
  readonly goesByKernel?: true;
  /** Newest first. */
  readonly versions: readonly [VersionRow, ...VersionRow[]];
  /** The ports without which the server is of no use, where its configuration opens them. */
  readonly required: readonly string[];
  /** The ports that are required with `-Dprofile=`, by which some listeners stay closed. */
  readonly requiredInProfile?: readonly string[];
  /** The first one is what a bare `url NAME` prints; absent: every port that a URL can name. */
  readonly urls?: readonly UrlFact[];
  readonly health: HealthFact;
  readonly written: WrittenFacts;
  /** Absent: no offset is the one of its database. */
  readonly birth?: BirthFacts;
  /** What its files become in a private home. */
  readonly placings: Placings;
  /** Keys of deployment.toml that may hold a URL, or a list of them, with a port written out. */
  readonly urlKeys: Readonly<Record<string, UrlMeaning>>;
  /** The only way to ask for an end where there are no signals. */
  readonly management?: ManagementFact;
  /** The agent that reports the server's ports elsewhere by the offset of the configuration, whatever is passed. */
  readonly agent?: AgentFact;
  /** Kernel versions (`bin/wso2carbon-version.txt`) by product version, for homes without `version.txt`. */
  readonly kernels?: Readonly<Record<string, Version>>;
}
