import type { ProductId } from '../domain/catalogue.js';
import type { ScriptArguments } from '../domain/command.js';
import type { ConfigurationChange } from '../domain/configuration-change.js';
import type { Mention } from '../domain/text.js';

/** The way in which something was given. */
export interface Given {
  /** An option, or the name of a variable or of whoever gave it: for messages. */
  readonly by: Mention | string;
  /** Present where it was given for more than this launch, as by a variable: whom it doesn't concern passes it over. */
  readonly isGeneral?: true;
}

/** A request for a home: the place to look, and what its server is to be told. */
export interface HomeRequest {
  /** Absent: whatever product the home holds. */
  readonly product?: ProductId;
  /** The profile, of a home that holds several runtimes; absent: its default one. */
  readonly profile?: { readonly name: string } & Given;
  /** A folder that was named. Absent: the current folder and those above it. */
  readonly named?: { readonly path: string } & Given;
  readonly script: ScriptArguments;
  /** Laid over its configuration, in a copy of it. */
  readonly changes?: readonly ConfigurationChange[];
  /** Whether the server is going to be told its offset. */
  readonly isOffsetPassed: boolean;
  /** Present where nothing is going to be started: a variable that is not set here is a warning then. */
  readonly onlyLooks?: true;
}

/** A request to start the server of a home, whatever its ports. */
export interface StartRequest extends HomeRequest {
  readonly javaHome?: { readonly path: string } & Given;
  /** The feature release of the JDK, of which the newest one of this machine is meant; beats `javaHome`. */
  readonly java?: { readonly feature: number } & Given;
  /** Whether URLs of the configuration are to follow the offset, in a copy of it. */
  readonly followsOffset: boolean;
}
