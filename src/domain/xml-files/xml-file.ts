import type { PortFact } from '../facts.js';
import type { XmlElement } from '../xml.js';

/** A listener without its number, which a file has. */
export type XmlListenerFact = Omit<PortFact, 'base' | 'key' | 'openWhen' | 'shiftedWhen'>;

/** A listener as a file of XML has it. */
export interface XmlListener {
  readonly fact: XmlListenerFact;
  /** The base port as it stands there; undefined where the file says none. */
  readonly value: string | undefined;
  /** The element, attribute or parameter that holds it, for messages. */
  readonly key: string;
  readonly line: number;
  /** Present where the number stands in carbon.xml, to which the file refers. */
  readonly isInCarbonXml?: true;
}

/** The things that a file is read by, besides its own text. */
export interface XmlSurroundings {
  /** The root of carbon.xml; undefined where that file is missing. */
  readonly carbon: XmlElement | undefined;
  /** Whether axis2.xml makes the server one of a cluster. */
  readonly isClustered: boolean;
  /** Whether its data receivers start at all: not with `-Ddisable.receiver=true`. */
  readonly hasReceivers: boolean;
}

/** A file of XML that opens ports, and lies beside carbon.xml where that is the configuration itself. */
export interface XmlFile {
  /** Its places below the folder of carbon.xml, of which the first counts where it is. */
  readonly paths: readonly [string, ...string[]];
  /** The name of its root element; absent: any will do. */
  readonly root?: string;
  /** The ports that it decides about: where it is there, what the product ships says nothing of them. */
  readonly decides: readonly string[];
  /** Present where the server does not start without being able to read it. */
  readonly isNeeded?: true;
  read(root: XmlElement, surroundings: XmlSurroundings): readonly XmlListener[];
}

export const namesOf = (facts: readonly XmlListenerFact[]): string[] => facts.map(({ name }) => name);

/** The facts of a listener whose switches and base are its file's own affair. */
export const bare = ({ base: _, key: __, openWhen: ___, shiftedWhen: ____, ...fact }: PortFact): XmlListenerFact =>
  fact;

export const isTrue = (text: string | undefined): boolean => text?.trim().toLowerCase() === 'true';

/** A switch that is on where nothing is said. */
export const isOnUnlessSaid = (text: string | undefined): boolean => text === undefined || isTrue(text);
