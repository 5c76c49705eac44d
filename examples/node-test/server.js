import { after } from 'node:test';
import { acquire } from 'wso2-launch';

// node --test runs each file in a process of its own: all of them share one server, and what lies between the end of
// one file and the beginning of the next is bridged. The home is that of APIM_HOME; `home` names another one.
export const server = await acquire('apim', { offset: 'auto', lingerMs: 5_000 });

after(() => server.stop());
