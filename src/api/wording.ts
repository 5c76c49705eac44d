import {
  type CommandMention,
  type MentionedCommand,
  type MentionedOption,
  type OptionMention,
  type Wording,
  wordingBy,
} from '../domain/text.js';

/** A text as the library words it: `javaHome`, `offset: 3`, `instances({ all: true })`. */
export const inLibrary: Wording = wordingBy((mentioned) => {
  switch (mentioned.kind) {
    case 'option':
      return optionText(mentioned);
    case 'command':
      return commandText(mentioned);
    case 'product':
      return `the product ${literal(mentioned.id)}`;
    case 'script-arguments':
      return 'among args';
    case 'overview':
      return 'docs/library.md lists what there is';
  }
});

/** Options that the library calls by other names. */
const OTHER_NAMES: Partial<Record<MentionedOption, string>> = {
  arg: 'args',
  jvmArg: 'jvmArgs',
  readyTimeout: 'readyTimeoutMs',
};

const optionText = ({ name, value }: OptionMention): string => {
  if (name === 'autoOffset') return "offset: 'auto'";
  const property = OTHER_NAMES[name] ?? name;
  return value === undefined ? property : `${property}: ${literal(value)}`;
};

/** The functions that do what a command does. A server that another program holds is stopped by the command alone. */
const FUNCTIONS: Readonly<Record<Exclude<MentionedCommand, 'homes rm' | 'stop'>, string>> = {
  doctor: 'doctor',
  launch: 'launch',
  'offset set': 'offset.set',
  ports: 'ports',
  ps: 'instances',
  wait: 'wait',
};

function commandText({ name, words = [], options = [] }: CommandMention): string {
  const called = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name as keyof typeof FUNCTIONS] : undefined;
  if (called === undefined) return `wso2-launch ${[name, ...words].join(' ')}`;
  const product = name === 'launch' ? words.map(literal) : [];
  const set = options.map(propertyText);
  return `${called}(${[...product, ...(set.length > 0 ? [`{ ${set.join(', ')} }`] : [])].join(', ')})`;
}

/** An option within an object: a switch is on. */
const propertyText = (option: OptionMention): string => {
  const text = optionText(option);
  return text.includes(': ') ? text : `${text}: true`;
};

const literal = (value: string | number): string =>
  typeof value === 'number' ? String(value) : `'${value.replace(/[\\']/g, '\\$&')}'`;
