import { once } from 'node:events';

/** The health check's ways of asking. They reach nothing but this machine. */
export interface Http {
  /** Status and the first bytes of the body of a GET on 127.0.0.1. @throws where nobody answers before the signal */
  get(port: number, path: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }>;
  /** Resolves once somebody takes a connection on 127.0.0.1. */
  connect(port: number, signal: AbortSignal): Promise<void>;
  /** Resolves once a TLS handshake on 127.0.0.1 is done; certificates are self-signed here. */
  shakeHands(port: number, signal: AbortSignal): Promise<void>;
}

const LARGEST_BODY = 64 * 1024;

export const nodeHttp: Http = {
  async get(port, path, signal) {
    const { get } = await import('node:http');
    return new Promise((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port, path, agent: false, signal });
      request.once('error', reject);
      request.once('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          if (body.length < LARGEST_BODY) body += text;
        });
        response.once('error', reject).once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
    });
  },
  async connect(port, signal) {
    const { connect } = await import('node:net');
    const socket = connect({ host: '127.0.0.1', port });
    try {
      await once(socket, 'connect', { signal });
    } finally {
      socket.destroy();
    }
  },
  async shakeHands(port, signal) {
    const { connect } = await import('node:tls');
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    try {
      await once(socket, 'secureConnect', { signal });
    } finally {
      socket.destroy();
    }
  },
};
