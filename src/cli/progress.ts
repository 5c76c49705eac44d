import type { BootLook } from '../api/internal/boot.js';
import { type BootReport, PHASE_WORDS } from '../domain/boot.js';
import type { LaunchEvent } from '../domain/events.js';
import { formatDuration } from '../domain/numbers.js';
import { inWords, Words } from '../domain/words.js';
import type { Terminal } from './terminal.js';

/** How often a terminal's line is drawn anew, and how often a line is written where there is none. */
const REDRAWN_MS = 1_000;
const WRITTEN_MS = 30_000;

/** Shows how far a boot is, from its start to whatever comes next. */
export class BootDisplay {
  #product: string | undefined;
  #starts = 0;
  #shown: AbortController | undefined;

  constructor(private readonly terminal: Terminal) {}

  note(event: LaunchEvent, name: string): void {
    if (event.event === 'copying') {
      if (this.terminal.isRedrawn && !this.terminal.isQuiet) this.terminal.showBelow(copyingText(event));
      return;
    }
    if (event.event === 'planned') this.#product = event.product;
    this.end();
    if (event.event === 'starting' && !this.terminal.isQuiet) void this.#show(name, event.logFile);
  }

  end(): void {
    this.#shown?.abort();
    this.#shown = undefined;
    this.terminal.showBelow(undefined);
  }

  async #show(name: string, logFile: string): Promise<void> {
    const product = this.#product;
    if (product === undefined) return;
    const { terminal } = this;
    const isFirst = this.#starts++ === 0;
    const over = new AbortController();
    this.#shown = over;
    // What follows a log is loaded by launches alone.
    const { watchBoot } = await import('../api/internal/boot.js');
    if (over.signal.aborted) return;
    const tell = (look: BootLook): void => {
      const text = progressText(name, look);
      if (terminal.isRedrawn) terminal.showBelow(inWords`${text}${bar(look)}`);
      else terminal.say(text);
    };
    const watch = watchBoot({ name, product, logFile, isFirst }, terminal.isRedrawn ? REDRAWN_MS : WRITTEN_MS, tell);
    over.signal.addEventListener('abort', () => watch.close(), { once: true });
  }
}

/** `wso2-launch: apim starts: OSGi bundles, 31 s of about 58 s` */
export function progressText(name: string, { phase, elapsedMs, usualMs, awaits }: BootLook): Words {
  if (awaits) return inWords`wso2-launch: ${name} waits for ${awaits.join(' and ')}, ${seconds(elapsedMs)} s`;
  const said = inWords`wso2-launch: ${name} starts: ${PHASE_WORDS[phase]}, ${seconds(elapsedMs)} s`;
  if (usualMs === undefined) return said;
  return elapsedMs > usualMs
    ? inWords`${said}; about ${seconds(usualMs)} s is usual`
    : inWords`${said} of about ${seconds(usualMs)} s`;
}

/** `wso2-launch: copying /opt/wso2am-4.5.0: 310 of 1120 MiB` */
const copyingText = ({ installation, copiedBytes, totalBytes }: Extract<LaunchEvent, { event: 'copying' }>): Words =>
  inWords`wso2-launch: copying ${installation}: ${mebibytes(copiedBytes)} of ${mebibytes(totalBytes)} MiB`;

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

const seconds = (ms: number): number => Math.round(ms / 1000);

const CELLS = 20;

function bar({ elapsedMs, usualMs, awaits }: BootLook): string {
  if (usualMs === undefined || awaits) return '';
  const filled = Math.min(CELLS, Math.round((elapsedMs / usualMs) * CELLS));
  return `  ${'█'.repeat(filled)}${'░'.repeat(CELLS - filled)}`;
}

/** Where the time of a boot went: its phases, the longest silences of its log, its slowest artifacts. */
export function bootLines({ durationMs, phases, gaps, artifacts }: BootReport): Words[] {
  const parts = phases.map(({ phase, durationMs: ms }) => `${PHASE_WORDS[phase] ?? phase} ${formatDuration(ms)}`);
  return [
    inWords`boot took ${formatDuration(durationMs)}: ${parts.join(', ')}`,
    ...gaps.map(({ durationMs: ms, after }) => inWords`  ${formatDuration(ms)} without a line after: ${after}`),
    ...artifacts.map(({ durationMs: ms, name }) => inWords`  ${formatDuration(ms)} for ${name}`),
  ];
}

/** The same as one text, a line each. */
export const bootText = (report: BootReport): Words => Words.join(bootLines(report).map((line) => inWords`${line}\n`));
