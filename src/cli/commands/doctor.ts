import { type DoctorRequest, examineHome } from '../../api/internal/doctor.js';
import type { Context } from '../main.js';
import { type Options, readJdk, readOffset, readPlace } from '../options.js';
import { readProduct } from '../product-word.js';
import { diagnosisText } from '../render-doctor.js';
import { outputColors } from '../terminal.js';
import type { View } from '../view.js';

const CODE_WITH_ERRORS = 3;

export async function runDoctor({ options, words, wording, terminal }: Context): Promise<View> {
  const report = await examineHome(readRequest(words[0], options), wording);
  const colors = outputColors(options.isOn('no-color'), options.env);
  const hasErrors = report.findings.some(({ level }) => level === 'error');
  return {
    data: report,
    text: () => diagnosisText(report, { isVerbose: terminal.isVerbose, colors }),
    ...(hasErrors && { code: CODE_WITH_ERRORS }),
  };
}

function readRequest(word: string | undefined, options: Options): DoctorRequest {
  const product = word === undefined ? undefined : readProduct(word);
  const offset = readOffset(options);
  return {
    ...readPlace(product, options),
    ...readJdk(options),
    ...(offset && { offset }),
  };
}
