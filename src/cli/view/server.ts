// A server for one page, reachable only from this machine.

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
  // These two headers allow the page to use threads.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** The same answer to every invalid request, so that guessing reveals nothing. */
const NOT_ALLOWED =
  'not allowed: type or paste the whole address that the command printed into a browser on this machine; a link from another page ' +
  'is refused\nthrough an ssh tunnel the port on your side must be the one in that address';

export interface PageServer {
  /** The address that a browser opens. */
  readonly address: string;
  /** Ends all connections, including active ones. */
  close(): Promise<void>;
}

/** Limit for the size of a request body: one number for each of many rows. */
const MAX_BODY_BYTES = 2 ** 26;

/**
 * Serves `site` on `port`, or on any free port if that is 0, until it is closed. Read errors are passed to `onFailure` and end only their
 * own answer.
 *
 * @param takers answer the bodies of POST requests
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
    // The 'close' event reports that the client has disconnected.
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
    const advice = 'choose another with --port, or leave --port out to use any free one';
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') (error as Error).message = `port ${port} is taken: ${advice}`;
    if (code === 'EACCES') (error as Error).message = `port ${port} needs special permission: ${advice}`;
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
  // The path is used unchanged: nothing is decoded, and '..' has no meaning.
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
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  const body = take && (await bodyOf(request));
  if (take && !body) return refuse(response, 413, 'too large');
  const content = take && body ? await take(body, closed.signal) : await site(path.slice(1));
  if (!content) return take ? refuse(response, 400, 'not understood') : refuse(response, 404, 'not found');
  response.setHeader('Content-Type', content.type);
  if (content.size !== undefined) response.setHeader('Content-Length', content.size);
  if (request.method === 'HEAD') response.end();
  else await send(content, response);
}

/** Returns the body of a request; undefined if it is too large. */
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

/** Answers with ASCII text only. */
function refuse(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', text.length + 1);
  response.end(`${text}\n`);
}

/** Reads no faster than the client receives, and only as long as it is connected. */
async function send(content: Content, response: ServerResponse): Promise<void> {
  for await (const bytes of content.read()) {
    if (response.destroyed) return;
    await write(response, bytes);
  }
  if (!response.destroyed) response.end();
}

/** Resolves when the system has the bytes, or when the reader has disconnected. */
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
