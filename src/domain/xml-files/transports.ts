import type { Scheme } from '../facts.js';
import { gatewayTransports } from '../products/api-manager.js';
import { clustering } from '../products/kernel.js';
import { childrenNamed, type XmlElement } from '../xml.js';
import { bare, isOnUnlessSaid, namesOf, type XmlFile, type XmlListener, type XmlListenerFact } from './xml-file.js';

// axis2/axis2.xml: the transport receivers, and the cluster.

export const receivers: XmlFile = {
  paths: ['axis2/axis2.xml'],
  root: 'axisconfig',
  decides: [...namesOf([...gatewayTransports, clustering])],
  isNeeded: true,
  read: (root) => [
    ...childrenNamed('transportReceiver', root).flatMap(receiver),
    ...childrenNamed('clustering', root).filter(isClusterOn).map(member),
  ],
};

/** The receivers of a home's own template: its cluster has a switch, which the catalogue knows. */
export const receiversAlone: XmlFile = {
  ...receivers,
  decides: namesOf(gatewayTransports),
  read: (root) => childrenNamed('transportReceiver', root).flatMap(receiver),
};

/** SYN PassThroughHttpListener.init, HttpCoreNIOListener: these add the offset. */
const MOVES = /^org\.apache\.synapse\.transport\.(?:passthru\.PassThroughHttp|nhttp\.HttpCoreNIO)\w*Listener$/;
/** CK core.transports: these hand on what the servlet container takes. */
const OPENS_NOTHING = /^org\.wso2\.carbon\.core\.transports\./;

function receiver(element: XmlElement): XmlListener[] {
  const { name = '', class: className = '' } = element.attributes;
  if (OPENS_NOTHING.test(className)) return [];
  const moves = MOVES.test(className);
  const port = parameterNamed(/^(?:port|transport\.hl7\.Port)$/, element);
  // One without a port takes it from its services, or asks others for messages; those of Synapse end without one.
  if (!port && !moves) return [];
  const usual = moves ? gatewayTransports.find((fact) => fact.scheme === name) : undefined;
  const secured: Scheme = /SSL/.test(className) ? 'https' : 'http';
  const fact: XmlListenerFact = usual
    ? bare(usual)
    : { name, scheme: moves ? secured : 'tcp', ...(!moves && { fixed: true }) };
  return [{ fact, value: port?.text, key: `port of the receiver ${name}`, line: (port ?? element).line }];
}

const parameterNamed = (pattern: RegExp, element: XmlElement): XmlElement | undefined =>
  childrenNamed('parameter', element).find(({ attributes }) => pattern.test(attributes['name'] ?? ''));

// Axis2 ClusterBuilder: on where nothing is said.
const isClusterOn = ({ attributes }: XmlElement): boolean => isOnUnlessSaid(attributes['enable']);

/** Whether an axis2.xml makes its server one of a cluster. */
export const isClustered = (axis2: XmlElement): boolean => childrenNamed('clustering', axis2).some(isClusterOn);

function member(element: XmlElement): XmlListener {
  const port = parameterNamed(/^localMemberPort$/, element);
  // Hazelcast's own number.
  return { fact: bare(clustering), value: port?.text ?? '5701', key: 'localMemberPort', line: (port ?? element).line };
}
