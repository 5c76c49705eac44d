import { LaunchError } from '../domain/failure.js';
import { mention, mentioning } from '../domain/text.js';
import { inspectJdk } from '../home/toolchain.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';

const JDK = kind(
  'jdk',
  'A version is made for some JDKs. On another its start script may end, or the server may run with faults.',
);

export const jdk: Check<'jdk'> = {
  about: 'the JDK',
  look: async ({ located, request, signal, system }) => {
    try {
      const { javaHome, warnings } = await inspectJdk(located, request, signal, system);
      return judgeJdk(javaHome, warnings);
    } catch (error) {
      if (error instanceof LaunchError) return [JDK.failed(error)];
      throw error;
    }
  },
};

/** @param warnings what was told of a JDK that may be used */
export const judgeJdk = (javaHome: string, warnings: readonly string[]): Finding<'jdk'>[] =>
  JDK.each(
    warnings,
    `${javaHome} is a JDK for this version.`,
    mentioning`Name another one with ${mention.option('javaHome')} or JAVA_HOME.`,
  );
