import { defineConfig } from '@playwright/test';
import { wso2Server } from 'wso2-launch/playwright';

export default defineConfig({
  testMatch: '*.spec.ts',
  // The home is that of APIM_HOME; `home` names another one. Several servers are entries of an array.
  webServer: wso2Server('apim', { offset: 'auto' }),
});
