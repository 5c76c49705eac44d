import { maskedProperties } from './properties.js';
import type { MaskedConfiguration } from './setting.js';
import { maskedText } from './text.js';
import { maskedToml } from './toml.js';
import { maskedXml } from './xml.js';
import { maskedYaml } from './yaml.js';

const FORMS: Readonly<Record<string, (text: string, file: string) => MaskedConfiguration>> = {
  toml: maskedToml,
  xml: maskedXml,
  yaml: maskedYaml,
  yml: maskedYaml,
  properties: maskedProperties,
};

/** Whether a file of this name is a configuration that can be shown: keystores and what is all secret are none. */
export const isShownConfiguration = (name: string): boolean =>
  formOf(name) !== undefined && !/cipher|secret|password|credential|token|keystore|truststore/i.test(name);

/** A configuration without its secrets and its comments, in whatever form its name tells. */
export function maskedConfiguration(text: string, name: string): MaskedConfiguration {
  try {
    const masked = formOf(name)?.(text.replace(/^\ufeff/, ''), name);
    if (masked) return masked;
  } catch {
    // broken, as it may be where a server does not start
  }
  return { text: maskedText(withoutComments(text)), secrets: new Set() };
}

const formOf = (name: string): (typeof FORMS)[string] | undefined => {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(FORMS, ending) ? FORMS[ending] : undefined;
};

/** What begins a comment in any of the forms, to its end: more is left out than has to be. */
const withoutComments = (text: string): string =>
  text.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '').replaceAll(/(^|\s)[#!][^\n]*/g, '$1#');
