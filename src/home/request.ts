import type { ProductId } from '../domain/catalogue.js';
import type { ScriptArguments } from '../domain/command.js';

/** How something was given. */
export interface Given {
  /** For messages: an option, a variable. */
  readonly by: string;
  /** It was not given for this launch alone, as a variable is not: whom it does not concern passes it over. */
  readonly isGeneral?: true;
}

/** Where to look for a home. */
export interface HomeRequest {
  /** Absent: whatever product the home holds. */
  readonly product?: ProductId;
  /** Of a home that holds several runtimes; absent: its default one. */
  readonly profile?: { readonly name: string } & Given;
  /** A folder that was named. Absent: the current folder and those above it. */
  readonly named?: { readonly path: string } & Given;
  readonly script: ScriptArguments;
  /** Whether the server is going to be told its offset. */
  readonly isOffsetPassed: boolean;
}

/** How the server of a home is to be started, whatever its ports. */
export interface StartRequest extends HomeRequest {
  readonly javaHome?: { readonly path: string; readonly by: string };
  /** Whether URLs of the configuration are to follow the offset, in a copy of it. */
  readonly followsOffset: boolean;
}
