import { once } from 'node:events';
import type { ConnectionOptions, DetailedPeerCertificate, TLSSocket } from 'node:tls';

/** The health check's requests, which reach nothing but this machine. */
export interface Http {
  /** Status and the first bytes of the body that answer a request. @throws where nobody answers before the signal */
  send(request: HttpRequest, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }>;
  /** Resolves once somebody takes a connection on 127.0.0.1. */
  connect(port: number, signal: AbortSignal): Promise<void>;
  /** Resolves once a TLS handshake on 127.0.0.1 is done; certificates are self-signed here. */
  shakeHands(port: number, signal: AbortSignal): Promise<void>;
  /** The certificates that are shown on 127.0.0.1 to whoever asks for `localhost`. @throws where none can be read */
  chainOn(port: number, signal: AbortSignal): Promise<ShownChain>;
}

/** The certificates of a server. */
export interface ShownChain {
  /** In PEM, the server's own first. */
  readonly certificates: readonly string[];
  /** Why they are not accepted for `localhost` by a program that trusts them; undefined where they are. */
  readonly objection: string | undefined;
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
  async chainOn(port, signal) {
    const { connect } = await import('node:tls');
    const ask = async <T>(options: ConnectionOptions, tell: (socket: TLSSocket) => T): Promise<T> => {
      const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ...options });
      try {
        await once(socket, 'secureConnect', { signal });
        return tell(socket);
      } finally {
        socket.destroy();
      }
    };
    const certificates = await ask({ rejectUnauthorized: false }, (socket) => chainOf(socket.getPeerCertificate(true)));
    // As a client that trusts them: another question, for what it says is what the user's programs will say.
    const objection = await ask({ ca: [...certificates] }, () => undefined).catch((error: Error) => {
      signal.throwIfAborted();
      return error.message;
    });
    return { certificates, objection };
  },
};

/** Who has signed himself is his own issuer. */
function chainOf(first: DetailedPeerCertificate): string[] {
  const found = new Set<string>();
  for (let one: DetailedPeerCertificate | undefined = first; one?.raw; one = one.issuerCertificate) {
    const text = pem(one.raw);
    if (found.has(text)) break;
    found.add(text);
  }
  return [...found];
}

const pem = (raw: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${raw.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
