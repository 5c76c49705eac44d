import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasShellSpecials, parseScriptArguments } from '../../domain/command.js';
import { parseDurationMs } from '../../domain/numbers.js';
import { inWords } from '../../domain/words.js';
import { DEFAULTS, type LaunchRequest } from '../../request.js';
import { createStandInHome, createStandInJdk } from '../../standin/home.js';
import { nodeSystem } from '../../system/index.js';
import type { Context } from '../main.js';
import { launchInForeground } from './launch.js';

/** The launch of a stand-in by the very code that launches a server, in a home that is gone afterwards. */
export async function runDemo(context: Context): Promise<number> {
  const { options, terminal } = context;
  const folder = mkdtempSync(join(temporaryFolder(), 'wso2-launch-demo-'));
  try {
    const home = join(folder, 'wso2am-demo');
    createStandInHome(home, { product: 'apim', version: '4.5.0' });
    createStandInJdk(join(folder, 'jdk'), { version: '17.0.9' });
    if (!terminal.isQuiet) terminal.say(inWords`wso2-launch: demo of a stand-in for WSO2 API Manager, in ${home}`);
    const keeps = options.isOn('keep');
    return await launchInForeground(requestFor(home, join(folder, 'jdk')), context, {
      showsOutput: !options.isOn('json'),
      ...(!keeps && { whileReady: async () => 0 }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The stand-in's JDK lies there too, whose path may hold no space. */
function temporaryFolder(): string {
  const folder = realpathSync(tmpdir());
  return nodeSystem.platform !== 'win32' && hasShellSpecials(folder) ? '/tmp' : folder;
}

const requestFor = (home: string, jdk: string): LaunchRequest => ({
  named: { path: home, by: 'the demo' },
  javaHome: { path: jdk, by: 'the demo' },
  script: parseScriptArguments([]),
  offset: { kind: 'auto' },
  isOffsetPassed: true,
  baseName: 'demo',
  readyTimeoutMs: parseDurationMs(DEFAULTS.readyTimeout) as number,
  stopTimeoutMs: parseDurationMs(DEFAULTS.stopTimeout) as number,
  restart: DEFAULTS.restart,
  followsOffset: false,
  isDetached: false,
});
