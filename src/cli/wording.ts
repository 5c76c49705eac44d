import { quoted } from '../domain/command.js';
import { type CommandMention, type OptionMention, type Wording, wordingBy } from '../domain/text.js';

/** A text as the command line words it: `--java-home`, `wso2-launch stop mi`. */
export const inCommandLine: Wording = wordingBy((mentioned) => {
  switch (mentioned.kind) {
    case 'option':
      return optionText(mentioned);
    case 'command':
      return commandText(mentioned);
    case 'product':
      return `wso2-launch ${mentioned.id}`;
    case 'script-arguments':
      return 'after --';
    case 'overview':
      return 'wso2-launch --help lists commands and options';
  }
});

function optionText({ name, value }: OptionMention): string {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === undefined ? flag : `${flag} ${quoted(String(value))}`;
}

function commandText({ name, words = [], options = [], isShort }: CommandMention): string {
  if (isShort) return name;
  // A launch has no word of its own: its product is the command.
  const verb = name === 'launch' ? [] : [name];
  return ['wso2-launch', ...verb, ...words.map(quoted), ...options.map(optionText)].join(' ');
}
