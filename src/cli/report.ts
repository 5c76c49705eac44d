import { eventDocument, type FailedEvent, failedEvent } from '../api/events.js';
import type { LaunchEvent } from '../domain/events.js';
import type { LaunchError } from '../domain/failure.js';
import type { Text } from '../domain/text.js';
import { inWords } from '../domain/words.js';
import type { Format } from './formats.js';
import { BootDisplay, bootLines } from './progress.js';
import { eventLines, failureText, warningText } from './render.js';
import type { Output, Terminal } from './terminal.js';
import { inCommandLine } from './wording.js';

/** Tells what happens during a launch: words on stderr, or a line each for programs on stdout as well. */
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

/** @param format absent where events are told to people alone */
export function createReporter(format: Format | undefined, terminal: Terminal, output: Output): Reporter {
  let written: Promise<void> = Promise.resolve();
  const write = (event: LaunchEvent | FailedEvent): void => {
    const line = format?.line(eventDocument(event, reporter.name, Date.now(), inCommandLine));
    if (line) written = written.then(() => output.write(line));
  };
  const told = new Set<string>();
  const booting = new BootDisplay(terminal);
  const reporter: Reporter = {
    name: null,
    warn(text) {
      const words = inCommandLine(text);
      if (!terminal.isQuiet && !told.has(words)) terminal.say(warningText(words, terminal));
      told.add(words);
    },
    report(event) {
      booting.note(event, reporter.name ?? '');
      write(event);
      if (event.event === 'ready') event.warnings.forEach(reporter.warn);
      if (!terminal.isQuiet) for (const line of eventLines(event, reporter.name ?? '', terminal)) terminal.say(line);
      if (event.event === 'ready' && event.boot && terminal.isVerbose)
        for (const line of bootLines(event.boot)) terminal.say(inWords`wso2-launch: ${line}`);
    },
    fail(error) {
      booting.end();
      // 126 and above are the command's own, not the launch's.
      if (error.exitCode <= 10) write(failedEvent(error, inCommandLine));
      terminal.say(failureText(error, terminal));
    },
    async flush() {
      booting.end();
      await Promise.all([written, terminal.flush()]);
    },
  };
  return reporter;
}
