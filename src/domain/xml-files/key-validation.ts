import { keyValidation } from '../products/api-manager.js';
import { childrenNamed, type XmlElement } from '../xml.js';
import { bare, isTrue, type XmlFile, type XmlListener } from './xml-file.js';

// api-manager.xml: CAM APIKeyMgtServiceComponent.startThriftService. A number there is absolute.

export const apiManager: XmlFile = {
  paths: ['api-manager.xml'],
  root: 'APIManager',
  decides: [keyValidation.name],
  read: (root) =>
    childrenNamed('APIKeyValidator', root).flatMap((validator): XmlListener[] => {
      const [enabled] = childrenNamed('EnableThriftServer', validator);
      if (!isTrue(enabled?.text)) return [];
      const [port] = childrenNamed('ThriftServerPort', validator);
      const fact = bare(keyValidation);
      const line = (port ?? (enabled as XmlElement)).line;
      if (port) return [{ fact: { ...fact, fixed: true }, value: port.text, key: 'ThriftServerPort', line }];
      return [{ fact, value: String(keyValidation.base), key: 'ThriftServerPort', line }];
    }),
};
