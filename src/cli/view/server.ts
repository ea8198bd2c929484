// A server for one page, on this machine only.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Access } from './access.js';
import type { Content, Site, Takers } from './content.js';

const LOOPBACK = '127.0.0.1';

const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  // With these two the page may use threads.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** The same answer for every fault of a request, so that guessing reveals nothing. */
const NOT_ALLOWED =
  'not allowed: type or paste the whole address that the command printed into a browser on this machine; a link from another page ' +
  'is refused\nthrough an ssh tunnel the port on your side must be the one in that address';

export interface PageServer {
  /** What a browser opens. */
  readonly address: string;
  /** Ends all connections, also those that are in use. */
  close(): Promise<void>;
}

/** Bytes of a body that is sent at most: a number for each of many rows. */
const MAX_BODY_BYTES = 2 ** 26;

/**
 * Serves `site` until it is closed, on `port`, or on any free port where that is 0. What cannot be read goes to `onFailure`, and ends
 * its answer only.
 *
 * @param takers answer what is sent by POST
 */
export async function startServer(
  site: Site,
  port: number,
  onFailure: (error: unknown) => void,
  takers: Takers = new Map(),
): Promise<PageServer> {
  const server = createServer();
  await listen(server, port);
  server.on('error', onFailure);
  const access = new Access((server.address() as AddressInfo).port);
  server.on('request', (request, response) => {
    // One whose client went away is told so by 'close'.
    response.on('error', () => {});
    answer(site, takers, access, request, response).catch((error) => {
      if (!response.destroyed) onFailure(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'could not be read');
    });
  });
  return {
    address: access.address,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen({ host: LOOPBACK, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    const advice = 'choose another with --port, or leave it out for any free one';
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') (error as Error).message = `port ${port} is taken: ${advice}`;
    if (code === 'EACCES') (error as Error).message = `port ${port} is not for everyone to use: ${advice}`;
    throw error;
  }
}

async function answer(
  site: Site,
  takers: Takers,
  access: Access,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  // As it came: nothing is decoded, and '..' means nothing.
  const [, token = '', path] = /^\/([^/?]*)(\/[^?]*)?/.exec(request.url ?? '') ?? [];
  if (!access.allowsFrom(request.headers) || !access.isToken(token)) return refuse(response, 403, NOT_ALLOWED);
  const take = request.method === 'POST' ? takers.get(path?.slice(1) ?? '') : undefined;
  if (!take && request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'only GET and HEAD');
  }
  if (path === undefined) {
    response.setHeader('Location', `/${access.token}/`);
    return refuse(response, 308, 'with a slash');
  }
  const body = take && (await bodyOf(request));
  if (take && !body) return refuse(response, 413, 'too large');
  const content = take && body ? await take(body) : await site(path.slice(1));
  if (!content) return take ? refuse(response, 400, 'not understood') : refuse(response, 404, 'not found');
  response.setHeader('Content-Type', content.type);
  if (content.size !== undefined) response.setHeader('Content-Length', content.size);
  if (request.method === 'HEAD') response.end();
  else await send(content, response);
}

/** All that a request sends; undefined where that is too much. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Answers with nothing but text, of ASCII. */
function refuse(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', text.length + 1);
  response.end(`${text}\n`);
}

/** Reads no faster than the client takes, and no further than it is there. */
async function send(content: Content, response: ServerResponse): Promise<void> {
  for await (const bytes of content.read()) {
    if (response.destroyed) return;
    await write(response, bytes);
  }
  if (!response.destroyed) response.end();
}

/** Resolves when the system has the bytes, or when the reader has left. */
function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('close', done);
      resolve();
    };
    response.once('close', done);
    response.write(bytes, done);
  });
}
