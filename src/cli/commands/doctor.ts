import { diagnose, wordDiagnosis } from '../../doctor/doctor.js';
import { hasErrors } from '../../doctor/finding.js';
import type { DoctorRequest } from '../../doctor/patient.js';
import { nodeSystem } from '../../system/index.js';
import type { Context } from '../main.js';
import { givenPath, type Options, readOffset, readPlace } from '../options.js';
import { readProduct } from '../product-word.js';
import { jsonDocument } from '../render.js';
import { diagnosisText } from '../render-doctor.js';
import { outputColors } from '../terminal.js';
import { inCommandLine } from '../wording.js';

const CODE_WITH_ERRORS = 3;

export async function runDoctor({ options, words, terminal, output }: Context): Promise<number> {
  const found = await diagnose(readRequest(words[0], options), new AbortController().signal);
  const diagnosis = wordDiagnosis(found, inCommandLine);
  const colors = outputColors(options.isOn('no-color'), nodeSystem.env);
  const text = options.isOn('json')
    ? jsonDocument(diagnosis)
    : diagnosisText(diagnosis, { isVerbose: terminal.isVerbose, colors });
  await output.write(text);
  return hasErrors(diagnosis.findings) ? CODE_WITH_ERRORS : 0;
}

function readRequest(word: string | undefined, options: Options): DoctorRequest {
  const product = word === undefined ? undefined : readProduct(word);
  const javaHome = options.value('java-home');
  const offset = readOffset(options);
  return {
    ...readPlace(product, options, nodeSystem.env),
    ...(javaHome && { javaHome: givenPath(javaHome, 'javaHome') }),
    ...(offset && { offset }),
  };
}
