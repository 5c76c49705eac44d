import { eventSync } from '../products/api-manager.js';
import { childrenNamed, elementsNamed } from '../xml.js';
import { bare, isTrue, namesOf, type XmlFile, type XmlListener, type XmlListenerFact } from './xml-file.js';

// event-processor.xml: CAC HAConfiguration adds the offset, and HAManager opens the second port in a cluster.

const presentation: XmlListenerFact = { name: 'event-processor.presentation.port', scheme: 'tcp' };

export const eventProcessor: XmlFile = {
  paths: ['event-processor.xml'],
  root: 'eventProcessorConfiguration',
  decides: namesOf([...eventSync, presentation]),
  read: (root, { isClustered }) =>
    childrenNamed('mode', root)
      .filter(({ attributes }) => attributes['name'] === 'HA' && isTrue(attributes['enable']))
      .flatMap((mode) => {
        const of = (name: string, fact: XmlListenerFact): XmlListener[] =>
          childrenNamed(name, mode).flatMap((section) =>
            childrenNamed('port', section).map(({ text, line }) => ({
              fact,
              value: text,
              key: `port of ${name}`,
              line,
            })),
          );
        const presents = elementsNamed('presenter', mode).some(({ attributes }) => isTrue(attributes['enable']));
        return [
          ...of('eventSync', bare(eventSync[0])),
          ...(isClustered ? of('management', bare(eventSync[1])) : []),
          ...(presents ? of('presentation', presentation) : []),
        ];
      }),
};
