import { once } from 'node:events';

/** The health check's requests, which reach nothing but this machine. */
export interface Http {
  /** Status and the first bytes of the body that answer a request. @throws where nobody answers before the signal */
  send(request: HttpRequest, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }>;
  /** Resolves once somebody takes a connection on 127.0.0.1. */
  connect(port: number, signal: AbortSignal): Promise<void>;
  /** Resolves once a TLS handshake on 127.0.0.1 is done; certificates are self-signed here. */
  shakeHands(port: number, signal: AbortSignal): Promise<void>;
}

/** A request to 127.0.0.1. */
export interface HttpRequest {
  readonly port: number;
  readonly path: string;
  /** True for TLS; certificates are self-signed here. */
  readonly isSecure?: boolean;
  /** Absent: GET. */
  readonly method?: 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const LARGEST_BODY = 64 * 1024;

export const nodeHttp: Http = {
  async send({ isSecure, body: sent, ...asked }, signal) {
    const { request: open } = isSecure ? await import('node:https') : await import('node:http');
    return new Promise((resolve, reject) => {
      const request = open({ host: '127.0.0.1', ...asked, rejectUnauthorized: false, agent: false, signal });
      request.once('error', reject);
      request.once('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          if (body.length < LARGEST_BODY) body += text;
        });
        response.once('error', reject).once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      request.end(sent);
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
