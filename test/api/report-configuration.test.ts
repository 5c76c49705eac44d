import { expect, test } from '@jest/globals';
import { configurationOf } from '../../src/api/internal/report/configuration.js';
import { fakeSystem } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

const GENERATED = '/home/user/.local/state/wso2-launch/generated';

test('what a launch has laid over a configuration is shown as well, and what it links to only once', () => {
  const system = fakeSystem();
  const secret = '<Server><Password>hunter2</Password></Server>';
  system.files.texts.set('/opt/mi/repository/conf/carbon.xml', secret);
  system.files.texts.set('/opt/mi/repository/conf/axis2.xml', '<axis2/>');
  system.files.texts.set('/opt/mi/repository/conf/wso2carbon.jks', 'hunter2');
  system.files.texts.set(`${GENERATED}/mi.conf/carbon.xml`, secret.replace('hunter2', 'hunter3'));
  system.files.texts.set(`${GENERATED}/mi.conf/axis2.xml`, '<axis2/>');
  system.files.links.set(`${GENERATED}/mi.conf/axis2.xml`, '/opt/mi/repository/conf/axis2.xml');
  system.files.texts.set(`${GENERATED}/mi-2.toml`, 'password = "hunter4"');
  const masked = '<Server><Password>***</Password></Server>\n';
  expect(configurationOf(instanceRecord(), system)).toEqual({
    texts: {
      'configuration/in-use.xml': masked,
      'configuration/repository/conf/carbon.xml': masked,
      'configuration/repository/conf/axis2.xml': '<axis2/>\n',
    },
    secrets: new Set(['hunter2', 'hunter3']),
  });
});
