import { describe, expect, test } from '@jest/globals';
import { inspectConfigured, inWords } from '../support/configured-home.js';
import { refusal } from '../support/refusal.js';

const TOML = `[server]
node_ip = "$env{NODE_IP}"
offset = "$env{OFFSET}"
[transport.http.listener]
port = "$env{HTTP_PORT}"
secured_port = "$env{HTTPS_PORT}"
[[custom_transport.listener]]
class = "x.Y"
parameter.'x.port' = "$sys{x.port}"
more = ["$env{NODE_IP}", "$env{GIVEN}$env{MORE}"]
`;

const MI = { of: 'mi 4.4.0', toml: TOML, env: { GIVEN: '1', HTTPS_PORT: '8999' } } as const;

describe('what a configuration refers to, and is not set here,', () => {
  test('is a warning where nothing is started, and what it decides is told', () => {
    const { configured, ports, warnings } = inspectConfigured({ ...MI, onlyLooks: true });
    expect(configured).toEqual({ value: 10, source: 'default' });
    expect(ports.map(inWords)).toEqual(['https! 8999 :6', 'management! 9154', 'internal! 9191']);
    const element = "custom_transport.listener[0].parameter.'x.port'";
    expect(warnings).toEqual([
      "deployment.toml refers to what is not set here: the environment variable NODE_IP (line 2, server.node_ip), the environment variable OFFSET (line 3, server.offset), the environment variable HTTP_PORT (line 5, transport.http.listener.port), the system property x.port (line 9, custom_transport.listener.parameter.'x.port'), the environment variable NODE_IP (line 10, custom_transport.listener.more), the environment variable MORE (line 10, custom_transport.listener.more). A start without it would end.",
      `deployment.toml sets the port of http, ${element} by that: it is left out.`,
      'deployment.toml sets the offset by that: it is taken to be 10.',
    ]);
  });

  test('is no warning where it is set', () => {
    const env = { NODE_IP: '127.0.0.1', OFFSET: '+3', HTTP_PORT: '8998', HTTPS_PORT: '8999', GIVEN: '', MORE: '' };
    const args = ['-Dx.port=7000'];
    const { configured, ports, warnings } = inspectConfigured({ ...MI, env, args, onlyLooks: true });
    expect(configured).toEqual({ value: 3, source: 'deployment.toml:3' });
    expect(ports.map(inWords)).toContain("custom_transport.listener[0].parameter.'x.port' =7000 :9");
    expect(warnings).toEqual([]);
  });

  test('is an error for a start, unless that start gets it', () => {
    const toml = '[server]\nnode_ip = "$env{NODE_IP}"\n';
    const start = { of: 'mi 4.4.0', toml } as const;
    expect(refusal(() => inspectConfigured(start))).toEqual({
      code: 3,
      message:
        'deployment.toml, line 2 (server.node_ip): it refers to the environment variable NODE_IP, which is not set.',
      hint: 'The server would end with this file; mend that line, or set what it refers to.',
    });
    const given = { ...start, files: { 'my.env': 'NODE_IP=127.0.0.1\n' }, args: ['--env-file=HOME/my.env'] };
    expect(inspectConfigured(given).warnings).toEqual([]);
  });

  test('is an error also for a look where the file is wrong anyhow', () => {
    const toml = 'a = "$env{NODE_IP}"\nb = "$ref{nowhere}"\n';
    expect(refusal(() => inspectConfigured({ of: 'mi 4.4.0', toml, onlyLooks: true })).message).toBe(
      'deployment.toml, line 2 (b): $ref{nowhere} refers to a key that neither the file nor the product sets.',
    );
  });
});
