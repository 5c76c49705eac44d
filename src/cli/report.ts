import { failedEvent } from '../api/events.js';
import type { LaunchEvent } from '../domain/events.js';
import type { LaunchError } from '../domain/failure.js';
import type { Text } from '../domain/text.js';
import type { Words } from '../domain/words.js';
import { eventLines, failureText, jsonEvent, warningText } from './render.js';
import type { Output, Terminal } from './terminal.js';
import { inCommandLine } from './wording.js';

/** Tells what happens during a launch: words on stderr, or a JSON line each on stdout as well. */
export interface Reporter {
  /** Set as soon as there is one; null before. */
  name: string | null;
  report(event: LaunchEvent): void;
  /** Tells a person once, however often it comes. */
  warn(text: Text): void;
  fail(error: LaunchError): void;
  /** Resolves once everything is written. */
  flush(): Promise<void>;
}

export function createReporter(isJson: boolean, terminal: Terminal, output: Output): Reporter {
  let written: Promise<void> = Promise.resolve();
  const write = (text: Words): void => {
    written = written.then(() => output.write(text));
  };
  const told = new Set<string>();
  const reporter: Reporter = {
    name: null,
    warn(text) {
      const words = inCommandLine(text);
      if (!terminal.isQuiet && !told.has(words)) terminal.say(warningText(words, terminal));
      told.add(words);
    },
    report(event) {
      if (isJson) write(jsonEvent(event, reporter.name, Date.now()));
      if (event.event === 'ready') event.warnings.forEach(reporter.warn);
      if (!terminal.isQuiet) for (const line of eventLines(event, reporter.name ?? '', terminal)) terminal.say(line);
    },
    fail(error) {
      // 126 and above are the command's own, not the launch's.
      if (isJson && error.exitCode <= 10)
        write(jsonEvent(failedEvent(error, inCommandLine), reporter.name, Date.now()));
      terminal.say(failureText(error, terminal));
    },
    async flush() {
      await Promise.all([written, terminal.flush()]);
    },
  };
  return reporter;
}
