import { messageBroker } from './broker.js';
import { connectors } from './connectors.js';
import { dataBridge } from './data-receivers.js';
import { eventProcessor } from './event-processor.js';
import { embeddedLdap, identity, thriftAuthentication } from './identity.js';
import { jmx } from './jmx.js';
import { apiManager } from './key-validation.js';
import { receivers, receiversAlone } from './transports.js';
import type { XmlFile } from './xml-file.js';

// Sources, by repository: CK wso2/carbon-kernel, SYN wso2/wso2-synapse, CAC wso2/carbon-analytics-common, CAM
// wso2/carbon-apimgt, CBM wso2/carbon-business-messaging, AND wso2/andes, CIF wso2/carbon-identity-framework.

/** Every file beside carbon.xml that opens ports. */
export const XML_FILES: readonly XmlFile[] = [
  connectors,
  receivers,
  jmx,
  apiManager,
  messageBroker,
  dataBridge,
  thriftAuthentication,
  embeddedLdap,
  identity,
  eventProcessor,
];

/** The files that a home may open ports by in templates of its own. */
export const TEMPLATE_FILES: readonly XmlFile[] = [connectors, receiversAlone];
