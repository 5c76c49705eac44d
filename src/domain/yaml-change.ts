import { isScalar, parseDocument, visit } from 'yaml';
import type { ConfigurationChange } from './configuration-change.js';
import { parseDeploymentYaml, readLikeServer, type YamlMap } from './deployment-yaml.js';
import { LaunchError } from './failure.js';

/** The tree of a file that is laid over a deployment.yaml. @throws LaunchError `unusable-configuration` */
export const fileTree = ({ by, text }: ConfigurationChange): YamlMap =>
  checked(parseDeploymentYaml(text, by).tree, by) as YamlMap;

/**
 * The value that is given to one key, as YAML has it; what is none is a string.
 * @throws LaunchError `usage` for a string, a list or a mapping that does not end, or a value that the server refuses
 */
export function settingValue({ by, key, text }: ConfigurationChange): unknown {
  // Who begins a string, a list or a mapping means one.
  if (/^\s*["'[{]/.test(text)) return checked(flowValue(text, `${by} gives ${key}`), by);
  const { contents, errors, warnings } = parseDocument(text, { version: '1.1', prettyErrors: false });
  const isWhole = isScalar(contents) && contents.type === 'PLAIN' && contents.source === text;
  if (!isWhole || errors.length > 0 || warnings.length > 0) return text;
  readLikeServer(contents);
  return checked(contents.value, by);
}

function flowValue(text: string, given: string): unknown {
  const document = parseDocument(text, { version: '1.1', prettyErrors: false });
  const [error] = document.errors;
  if (error) throw usage(`${given} a value that is no YAML: ${error.message.replace(/[.:]$/, '')}.`);
  visit(document, { Scalar: (_key, node) => readLikeServer(node) });
  return document.toJS();
}

/** carbon-config's YmlMerger takes texts, booleans, ints and doubles, lists and mappings of them, and nothing else. */
function checked(value: unknown, by: string): unknown {
  if (Array.isArray(value)) return value.map((one) => checked(one, by));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, checked(inner, by)]));
  if (typeof value === 'bigint' || (Number.isInteger(value) && Math.abs(value as number) > LARGEST_INT))
    throw usage(`${by} gives a number beyond ${LARGEST_INT}, which what is laid over a deployment.yaml can't hold.`);
  return value;
}

const LARGEST_INT = 2 ** 31 - 1;

const usage = (what: string): LaunchError =>
  new LaunchError({
    kind: 'usage',
    what,
    hint: 'Give it as deployment.yaml would have it: \'wso2.carbon.id="a b"\'.',
  });
