import { type RequestOptions, request } from 'node:https';

// As the kernels ship it.
const AUTHORIZATION = `Basic ${Buffer.from('admin:admin').toString('base64')}`;

/** The HTTP status of what a server says to one request; its certificate is its own. */
export const statusOf = async (url: string): Promise<number> => (await ask(url)).status;

export type Operation = 'restart' | 'restartGracefully' | 'shutdown' | 'shutdownGracefully';

/** The argument without which no server lets itself be restarted or shut down from afar. */
export const MAY_BE_ENDED_FROM_AFAR = '-DenableRemoteShutdownAndRestart=true';

/** Has a server do what a click in its console does. @throws where the server refuses */
export async function askAdmin(port: number, operation: Operation): Promise<void> {
  const body =
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>' +
    `<o:${operation} xmlns:o="http://org.apache.axis2/xsd"/></e:Body></e:Envelope>`;
  const headers = { 'Content-Type': 'text/xml', SOAPAction: `urn:${operation}`, Authorization: AUTHORIZATION };
  const answer = await ask(`https://localhost:${port}/services/ServerAdmin`, { method: 'POST', headers }, body);
  if (answer.status !== 200) throw new Error(`${operation}: HTTP ${answer.status}: ${answer.body}`);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const ask = (url: string, options: RequestOptions = {}, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asking = request(url, { ...options, rejectUnauthorized: false, timeout: 60_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (block: string) => {
        text += block;
      });
      response.once('end', () => resolve({ status: response.statusCode as number, body: text }));
      response.once('error', reject);
    });
    asking.once('timeout', () => asking.destroy(new Error(`no answer from ${url}`)));
    asking.once('error', reject);
    asking.end(body);
  });
