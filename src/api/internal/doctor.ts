import { diagnose, type WordedDiagnosis, wordDiagnosis } from '../../doctor/doctor.js';
import type { DoctorRequest } from '../../doctor/patient.js';
import type { Wording } from '../../domain/text.js';

export type { DoctorRequest };

/** Looks for whatever would go wrong with a launch of a home; nothing is started or changed. @throws LaunchError */
export const examineHome = async (request: DoctorRequest, wording: Wording): Promise<WordedDiagnosis> =>
  wordDiagnosis(await diagnose(request, new AbortController().signal), wording);
