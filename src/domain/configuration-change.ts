/** Something that is laid over a home's configuration, whatever kind of file that is. */
export interface ConfigurationChange {
  /** Who gives it, for messages: an option, or a file's path. */
  readonly by: string;
  /** The dotted key that is given a value; absent: the text is a whole one of the configuration's own kind. */
  readonly key?: string;
  readonly text: string;
}

/** A part of a dotted key; one in quotes may hold dots. */
export interface KeyPart {
  readonly name: string;
  readonly isQuoted: boolean;
}

/** The parts of a dotted key, `'wso2.carbon'.ports.offset`; undefined for what is none. */
export function keyParts(key: string): readonly KeyPart[] | undefined {
  if (!WHOLE_KEY.test(key)) return undefined;
  return [...key.matchAll(PART)].map(([part]) => {
    const isQuoted = /^["']/.test(part);
    return { name: isQuoted ? part.slice(1, -1) : part, isQuoted };
  });
}

const PART = /"[^"\r\n]*"|'[^'\r\n]*'|[^\s."'=[\]{}]+/g;
const WHOLE_KEY = new RegExp(`^(?:${PART.source})(?:[ \\t]*\\.[ \\t]*(?:${PART.source}))*$`);
