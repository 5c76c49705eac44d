import { join } from 'node:path';
import type { Environment } from '../domain/command.js';
import type { PortFact } from '../domain/facts.js';
import { OPTION_VARIABLES, type SystemProperties, type SystemProperty } from '../domain/properties.js';
import { mention, mentioning } from '../domain/text.js';
import { propertiesOfHome } from '../home/surroundings.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';

const JAVA_OPTS_OFFSET = kind(
  'java-opts-offset',
  'It beats the configured offset, and is itself beaten by one that is passed.',
);
const OFFSET = kind('properties-offset', 'It beats the offset of the configuration.');
const PORTS = kind('properties-ports', 'A port that is set there is absolute: no offset moves it.');

type PropertyId = 'properties-offset' | 'properties-ports';

export const javaOptsOffset: Check<'java-opts-offset'> = {
  about: 'the offset in JAVA_OPTS',
  // Carbon 5 knows no -DportOffset.
  look: ({ located, system }) => (located.runtime ? [] : [judgeOffsetOption(system.env)]),
};

export const properties: Check<PropertyId> = {
  about: 'the file of properties',
  look: ({ located, settings, request, system }) => {
    const hasToml = system.files.exists(join(located.home, located.facts.configFile));
    const all = settings?.properties ?? propertiesOfHome(located, hasToml, system);
    const ofHome = new Map([...all].filter(([, { source }]) => !OPTION_VARIABLES.includes(source)));
    return judgeProperties({
      properties: ofHome,
      ports: located.row.ports,
      isOffsetPassed: request.offset !== undefined,
    });
  },
};

export function judgeOffsetOption(env: Environment): Finding<'java-opts-offset'> {
  for (const variable of OPTION_VARIABLES.toReversed()) {
    const offset = (env[variable] ?? '').split(/\s+/).findLast((option) => option.startsWith('-DportOffset'));
    if (offset === undefined) continue;
    return JAVA_OPTS_OFFSET.warning(
      `${variable} sets ${offset}.`,
      mentioning`Take it out, and give the offset with ${mention.option('offset')}.`,
    );
  }
  return JAVA_OPTS_OFFSET.fine('JAVA_OPTS sets no offset.');
}

export interface PropertiesFound {
  /** The properties of the home, without those of options and arguments. */
  readonly properties: SystemProperties;
  readonly ports: readonly PortFact[];
  /** True where the server is going to be told its offset. */
  readonly isOffsetPassed: boolean;
}

export function judgeProperties({ properties, ports, isOffsetPassed }: PropertiesFound): Finding<PropertyId>[] {
  const offset = properties.get('portOffset');
  const set = ports.flatMap(({ name, property = '' }) => {
    const found = properties.get(property);
    return found ? [`${found.source} sets ${property} = ${found.value} (${name}).`] : [];
  });
  return [
    offset === undefined
      ? OFFSET.fine('No file of properties sets the offset.')
      : judgePropertyOffset(offset, { isOffsetPassed }),
    ...PORTS.each(
      set,
      'No file of properties sets a port.',
      'Remove that line, and set the port in deployment.toml, where the offset is added to it.',
    ),
  ];
}

function judgePropertyOffset(
  { source, value, beatsArguments }: SystemProperty,
  { isOffsetPassed }: Pick<PropertiesFound, 'isOffsetPassed'>,
): Finding<'properties-offset'> {
  const what = `${source} sets portOffset = ${value}`;
  const isScript = /\.(?:sh|bat):\d+$/.test(source);
  const mend = `${isScript ? 'Take it out of that line' : 'Remove that line'}; the offset belongs into deployment.toml.`;
  if (!beatsArguments) return OFFSET.warning(`${what}.`, mend);
  const why = 'It beats the configuration and every argument: the server runs at that offset whatever it is told.';
  return isOffsetPassed
    ? OFFSET.error(`${what}, not the one that is asked for.`, mend, why)
    : OFFSET.warning(`${what}.`, mend, why);
}
