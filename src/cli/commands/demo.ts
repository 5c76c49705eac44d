import { join } from 'node:path';
import { inDemoFolder } from '../../api/internal/demo-folder.js';
import { type LaunchRequest, launchRequest } from '../../api/internal/request.js';
import { parseScriptArguments } from '../../domain/command.js';
import { inWords } from '../../domain/words.js';
import { createStandInHome, createStandInJdk } from '../../standin/home.js';
import type { Context } from '../main.js';
import { runInForeground } from './launch.js';

/** The launch of a stand-in by the very code that launches a server, in a home that is gone afterwards. */
export const runDemo = (context: Context): Promise<number> =>
  inDemoFolder((folder) => {
    const { options, terminal, format } = context;
    const home = join(folder, 'wso2am-demo');
    createStandInHome(home, { product: 'apim', version: '4.5.0' });
    createStandInJdk(join(folder, 'jdk'), { version: '17.0.9' });
    if (!terminal.isQuiet) terminal.say(inWords`wso2-launch: demo of a stand-in for WSO2 API Manager, in ${home}`);
    const keeps = options.isOn('keep');
    return runInForeground(requestFor(home, join(folder, 'jdk')), context, {
      showsOutput: !format,
      ...(!keeps && { whileReady: async () => 0 }),
    });
  });

const requestFor = (home: string, jdk: string): LaunchRequest =>
  launchRequest({
    named: { path: home, by: 'the demo' },
    javaHome: { path: jdk, by: 'the demo' },
    script: parseScriptArguments([]),
    offset: { kind: 'auto' },
    baseName: 'demo',
  });
