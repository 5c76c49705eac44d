import { describe, expect, test } from '@jest/globals';
import { bootReport, type DatedLine, laterPhase, phaseBegunBy, usualBootMs, withBoot } from '../../src/domain/boot.js';
import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import { writtenAtMs } from '../../src/server/log-lines.js';

const dated = (...lines: readonly string[]): DatedLine[] => lines.map((text) => ({ text, atMs: writtenAtMs(text) }));

const at = (time: string): number => Date.parse(`2026-11-29T${time}`);

/** Lines of a boot of kernel 4.10.32. */
const KERNEL = dated(
  'JAVA_HOME environment variable is set to /jdk',
  '[2026-11-29 15:02:36,106]  INFO {org.wso2.carbon.core.internal.CarbonCoreActivator} - Starting WSO2 Carbon...',
  '[2026-11-29 15:02:36,412]  INFO {org.wso2.carbon.crypto.provider.internal.DefaultCryptoProviderComponent} - no secret',
  '[2026-11-29 15:02:42,068]  INFO {org.wso2.carbon.registry.core.jdbc.EmbeddedRegistryService} - Connected to mount',
  '[2026-11-29 15:02:43,607]  INFO {org.wso2.carbon.core.init.CarbonServerManager} - Repository       : /k/repository/',
  '[2026-11-29 15:02:43,849]  INFO {org.wso2.carbon.core.transports.http.HttpTransportListener} - HTTP port        : 20863',
  '[2026-11-29 15:02:44,800]  INFO {org.wso2.carbon.core.internal.StartupFinalizerServiceComponent} - WSO2 Carbon started in 14 sec',
);

const KERNEL_TIMES = { beganMs: at('15:02:30.000'), readyMs: at('15:02:45.000') };

describe('where the time of a boot went', () => {
  test('is told by its phases and by the longest silences of its log', () => {
    expect(bootReport(KERNEL, KERNEL_TIMES, factsOf('server').boot)).toEqual({
      durationMs: 15_000,
      phases: [
        { phase: 'jvm', durationMs: 6_106 },
        { phase: 'bundles', durationMs: 7_501 },
        { phase: 'artifacts', durationMs: 242 },
        { phase: 'listeners', durationMs: 1_151 },
      ],
      gaps: [
        { durationMs: 5_656, after: 'DefaultCryptoProviderComponent: no secret' },
        { durationMs: 1_539, after: 'EmbeddedRegistryService: Connected to mount' },
        { durationMs: 951, after: 'HttpTransportListener: HTTP port        : 20863' },
      ],
      artifacts: [],
    });
  });

  test('does not count the lines of a start before', () => {
    const report = bootReport(KERNEL, { ...KERNEL_TIMES, beganMs: at('15:02:43.200') }, factsOf('server').boot);
    expect(report?.phases.map(({ phase }) => phase)).toEqual(['jvm', 'artifacts', 'listeners']);
  });

  test('is not told where the log goes by another clock', () => {
    const hour = 3_600_000;
    const times = { beganMs: KERNEL_TIMES.beganMs - hour, readyMs: KERNEL_TIMES.readyMs - hour };
    expect(bootReport(KERNEL, times, factsOf('server').boot)).toBeUndefined();
    expect(bootReport([], KERNEL_TIMES, factsOf('server').boot)).toBeUndefined();
  });

  test('names the artifacts that took longest', () => {
    const lines = dated(
      '[2026-11-29 15:00:01,000]  INFO {CappDeployer} - Deploying Carbon Application : quick_1.0.0.car...',
      '[2026-11-29 15:00:01,300]  INFO {CappDeployer} - Successfully Deployed Carbon Application : quick_1.0.0{super-tenant}',
      '[2026-11-29 15:00:01,400]  INFO {CappDeployer} - Deploying Carbon Application : slow_1.0.0.car...',
      '[2026-11-29 15:00:03,000]  INFO {API} - {api:hello} Initializing API: hello',
      '[2026-11-29 15:00:05,000]  INFO {CappDeployer} - Successfully Deployed Carbon Application : slow_1.0.0{super-tenant}',
    );
    const times = { beganMs: at('15:00:00.000'), readyMs: at('15:00:06.000') };
    expect(bootReport(lines, times, factsOf('mi').boot)?.artifacts).toEqual([
      { name: 'slow_1.0.0', durationMs: 3_600 },
      { name: 'quick_1.0.0', durationMs: 300 },
    ]);
  });
});

test.each<[product: ProductId, line: string, phase: string | undefined]>([
  ['apim', 'INFO - CarbonCoreActivator Starting WSO2 Carbon...', 'bundles'],
  ['apim', 'INFO - CarbonServerManager Repository       : /am/repository/deployment/server/', 'artifacts'],
  [
    'apim',
    'INFO - PassThroughListeningIOReactorManager Pass-through HTTP Listener started on 0.0.0.0:8280',
    'listeners',
  ],
  ['mi', 'INFO {ConfigParser} - Applying configurations with deployment configurations', 'bundles'],
  ['mi', 'INFO {CappDeployer} - Deploying Carbon Application : a_1.0.0.car...', 'artifacts'],
  ['mi', 'INFO {x} - Pass-through HTTP Listener started on 0.0.0.0:8290', 'listeners'],
  ['si', 'INFO {x.WebSocketServerSC} - All required capabilities are available of WebSocket', 'bundles'],
  ['si', 'INFO {x} - HTTP(S) Interface starting on host 0.0.0.0 and port 7370', 'listeners'],
  ['mi', 'INFO {LogMediator} - anything else', undefined],
])('a log of %s that says %j begins %j', (product, line, phase) => {
  expect(phaseBegunBy(line, factsOf(product).boot)).toBe(phase);
});

test('no phase is gone back to', () => {
  expect([laterPhase('bundles', 'listeners'), laterPhase('listeners', 'bundles')]).toEqual(['listeners', 'listeners']);
});

test('the usual time is the middle one of the last five', () => {
  const times = [90_000, 58_000, 60_000, 59_000, 61_000, 12_000].reduce<readonly number[]>(withBoot, []);
  expect(times).toEqual([58_000, 60_000, 59_000, 61_000, 12_000]);
  expect(usualBootMs(times)).toBe(59_000);
  expect(usualBootMs()).toBeUndefined();
});
