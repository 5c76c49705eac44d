import { defineConfig } from 'vitest/config';
import { withServers } from 'wso2-launch/vitest';

export default defineConfig({
  // The home is that of APIM_HOME; `home` names another one.
  test: withServers({ apim: { offset: 'auto' } }, { testTimeout: 30_000 }),
});
