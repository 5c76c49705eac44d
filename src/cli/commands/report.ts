import { writeReport } from '../../api/internal/report/report.js';
import { inWords } from '../../domain/words.js';
import { versionText } from '../help.js';
import type { Context } from '../main.js';
import type { View } from '../view.js';

export async function runReport({ options, terminal, wording, words }: Context): Promise<View> {
  const { signal } = new AbortController();
  const wanted = { name: words[0], file: options.flag('output'), version: versionText(), wording, signal };
  const { missing, ...report } = await writeReport(wanted);
  if (!terminal.isQuiet) {
    const size = `${Math.ceil(report.bytes / 1024)} KiB`;
    terminal.say(
      inWords`wso2-launch: report of ${report.name}, ${size}; secrets are left out as far as they are known for such: look through it before you give it away`,
    );
  }
  return { data: { ...report, missing }, text: () => inWords`${report.file}\n`, warnings: missing };
}
