import type { JudgedJdk } from '../api/internal/jdks.js';
import type { LaunchPlan } from '../api/internal/plan.js';
import type { PortsReport } from '../api/internal/ports.js';
import { type LaunchCommand, quoted } from '../domain/command.js';
import type { LaunchEvent, ReadyEvent } from '../domain/events.js';
import { describeFailure, describeHolder, describeTaken, type LaunchError } from '../domain/failure.js';
import { formatDuration } from '../domain/numbers.js';
import type { SkippedOffset } from '../domain/offsets.js';
import { versionWords } from '../domain/product.js';
import { maskedCommand } from '../domain/secrets.js';
import { inWords, printable, Words } from '../domain/words.js';
import { diffText } from './render-diff.js';
import type { Terminal } from './terminal.js';
import { inCommandLine } from './wording.js';

/** Data to text, and nothing else. */

export function failureText({ failure, lastLines }: LaunchError, { colors }: Pick<Terminal, 'colors'>): Words {
  const { message, hint } = describeFailure(failure);
  const quoted = lastLines.map((line) => inWords`\n    ${Words.quote(line)}`);
  const lines = quoted.length > 0 ? [inWords`\n\n  The lines that may explain it:`, ...quoted] : [];
  return Words.join([inWords`wso2-launch: ${colors.red(inCommandLine(message))}\n  ${inCommandLine(hint)}`, ...lines]);
}

export const warningText = (text: string, { colors }: Pick<Terminal, 'colors'>): Words =>
  inWords`wso2-launch: ${colors.yellow('warning:')} ${text}`;

/** The lines that an event is worth; none where its word would only be noise. */
export function eventLines(event: LaunchEvent, name: string, terminal: Terminal): Words[] {
  const { isTerminal, isVerbose, colors } = terminal;
  const said = (text: string | Words): Words[] => [inWords`wso2-launch: ${text}`];
  switch (event.event) {
    case 'copying':
      return []; // it is shown below, where a line can be drawn anew
    case 'planned':
      if (!isVerbose) return [];
      return [
        ...said(
          `${name} is ${event.product}${versionWords(event) || ' of unknown version'} in ${event.home}, offset ${event.offset}`,
        ),
        ...event.skipped.map((skipped) => inWords`  ${skippedText(skipped)}`),
      ];
    case 'starting':
      if (isVerbose) return said(`starting ${commandText(event.command)} (pid ${event.pid}, log ${event.logFile})`);
      return isTerminal ? said(colors.dim(`starting ${name} at offset ${event.offset}, log ${event.logFile}`)) : [];
    case 'retrying':
      return said(
        `offset ${event.offset} was lost: ${event.lost.map((port) => `port ${describeTaken(port)}`).join('; ')}; going on with offset ${event.nextOffset}`,
      );
    case 'ready':
      return isTerminal ? [] : [readyLine(event, name)]; // a terminal shows the banner
    case 'unhealthy':
      return said(`${name} is unhealthy: ${event.reason}`);
    case 'restarting':
      return said(`${name} is restarting (${event.reason === 'from-inside' ? 'asked for from inside' : event.reason})`);
    case 'stopping':
      return isTerminal || isVerbose ? said(`stopping ${name}; Ctrl-C again ends it at once`) : [];
    case 'stopped':
      return isTerminal || isVerbose ? said(`${name} stopped (${event.how}, ${formatDuration(event.durationMs)})`) : [];
  }
}

export const readyLine = ({ offset, durationMs }: ReadyEvent, name: string): Words =>
  inWords`wso2-launch: ${name} ready, offset ${offset}, ${formatDuration(durationMs)}`;

export interface BannerFacts {
  readonly name: string;
  readonly title: string;
  readonly version: string | null;
  readonly kernel?: string | undefined;
  readonly skipped: readonly SkippedOffset[];
  readonly isDetached: boolean;
}

/** The banner, which a person wants to see once: where the server is, why there, and how to end it. */
export function banner(event: ReadyEvent, facts: BannerFacts, { colors }: Pick<Terminal, 'colors'>): Words[] {
  const width = Math.max(...Object.keys(event.urls).map((key) => key.length));
  const urls = Object.entries(event.urls).map(
    ([key, url]) => inWords`  ${colors.green('➜')}  ${key.padEnd(width)}  ${colors.cyan(url)}`,
  );
  const passedOver = facts.skipped.slice(-3).map((skipped) => inWords`     ${colors.dim(skippedText(skipped))}`);
  const ready = `ready in ${formatDuration(event.durationMs)}`;
  const stops = facts.isDetached ? `wso2-launch stop ${facts.name}` : 'Ctrl-C';
  return [
    NOTHING,
    inWords`  ${colors.bold(facts.name)}  ${facts.title}${versionWords(facts)}  ${colors.green(ready)}`,
    NOTHING,
    ...urls,
    NOTHING,
    inWords`  offset ${event.offset}  pid ${event.pid}  log ${event.logFile}`,
    ...passedOver,
    inWords`  ${colors.dim(`${stops} stops it`)}`,
    NOTHING,
  ];
}

const NOTHING = inWords``;

const skippedText = ({ offset, port, by }: SkippedOffset): string =>
  `offset ${offset} was passed over: port ${port.number} (${port.name}), ${describeHolder(by)}`;

const commandText = (command: LaunchCommand): string => {
  const { file, args } = maskedCommand(command);
  return [file, ...args].map(quoted).join(' ');
};

export function planText({ inspection, choice, command, diff }: LaunchPlan): Words {
  const { set, unset } = maskedCommand(command).env;
  const lines = [
    `product   ${inspection.facts.title}${versionWords(inspection) || ' (version unknown)'}`,
    `home      ${inspection.home}`,
    `offset    ${choice.offset}${choice.isPassed ? '' : ' (the server finds it by itself)'}`,
    ...choice.skipped.map((skipped) => `          ${skippedText(skipped)}`),
    `command   ${commandText(command)}`,
    `folder    ${command.cwd}`,
    ...Object.entries(set).map(([name, value]) => `set       ${name}=${value}`),
    ...unset.map((name) => `unset     ${name}`),
    ...choice.ports.map(
      ({ name, number, movesOn }) => `port      ${String(number).padEnd(5)}  ${name}${movesOn ? ' (moves on)' : ''}`,
    ),
  ];
  return Words.join([...lines.map((line) => inWords`${line}\n`), diffText(diff)]);
}

export function portsTable({ ports }: PortsReport): Words {
  const rows = ports.map(({ name, base, number, shifted, movesOn, state, by, source }) => [
    name,
    String(base),
    String(number),
    movesOn ? 'moves on' : shifted ? 'shifted' : 'fixed',
    state,
    state === 'free' ? '' : describeHolder(by),
    source === 'default' ? '' : source,
  ]);
  return table([['PORT', 'BASE', 'NUMBER', 'OFFSET', 'STATE', 'HOLDER', 'SET IN'], ...rows]);
}

export const jdksTable = (jdks: readonly JudgedJdk[]): Words =>
  table([
    ['VERSION', 'VENDOR', 'FITS', 'FOUND BY', 'HOME'],
    ...jdks.map(({ version, vendor, fits, foundBy, home }) => [
      version ?? 'unknown',
      vendor ?? '',
      fits === null ? '' : fits ? 'yes' : 'no',
      foundBy,
      home,
    ]),
  ]);

export function table(cells: readonly (readonly string[])[]): Words {
  const rows = cells.map((row) => row.map(printable));
  const widths = (rows[0] as readonly string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  const padded = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] as number)).join('  '));
  return Words.join(padded.map((line) => inWords`${line.trimEnd()}\n`));
}
