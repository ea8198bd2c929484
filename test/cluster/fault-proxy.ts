// A bucket on the loopback interface that fails like networks and busy servers do: s3rver behind a proxy that rejects some requests,
// breaks connections before, during and after the transfer, and is slow. It adds If-Match and If-None-Match, which s3rver lacks.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import S3rver from '@20minutes/s3rver';
import { randomSource } from '../random.js';

/**
 * - `busy`: 503 SlowDown without any effect.
 * - `reset`: the connection breaks before the request has any effect.
 * - `lost`: the request is carried out, and the connection breaks before the response.
 * - `cut`: the request is carried out, and the connection breaks in the middle of the response body.
 * - `slow`: the request is carried out, and the response stalls for `stallMs`.
 */
export const FAULTS = ['busy', 'reset', 'lost', 'cut', 'slow'] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultyS3Options {
  /** Fraction of the requests that fail, from 0 to 1. */
  readonly faults?: number;
  readonly seed?: number;
  readonly kinds?: readonly Fault[];
  readonly stallMs?: number;
  /** How If-None-Match is handled: like Amazon, with 501 NotImplemented, or ignored. */
  readonly conditions?: 'honoured' | 'refused' | 'ignored';
}

export interface FaultyS3 {
  /** Environment of a process that uses the bucket. */
  readonly environment: Readonly<Record<string, string>>;
  readonly bucket: string;
  /** Number of requests, and of failures by kind. */
  readonly counts: Record<Fault | 'requests', number>;
  close(): Promise<void>;
}

const BUCKET = 'jobs';
const KEY_OF_S3RVER = 'S3RVER';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export async function startFaultyS3(options: FaultyS3Options = {}): Promise<FaultyS3> {
  const { faults = 0, seed = 1, kinds = FAULTS, stallMs = 100, conditions = 'honoured' } = options;
  const directory = await mkdtemp(join(tmpdir(), 'allpairs-s3-'));
  const store = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    // When it checks the SDK's signature, it takes the path of a bucket, /jobs/, for /jobs.
    allowMismatchedSignatures: true,
    configureBuckets: [{ name: BUCKET }],
  });
  const { port } = await store.run();

  const random = randomSource(seed);
  const counts = { requests: 0, busy: 0, reset: 0, lost: 0, cut: 0, slow: 0 };
  /** ETags of the existing objects; all changes go through here. */
  const etags = new Map<string, string>();
  /** Serialises writes of the same key, as the conditions require. */
  const turns = new Map<string, Promise<unknown>>();

  const serve = (message: IncomingMessage, body: Buffer): Promise<Answer> => {
    const { method = '', url = '', headers } = message;
    const [path = '', query = ''] = url.split('?');
    const reads = method === 'GET' || method === 'HEAD';
    const places = (method === 'PUT' && !query.includes('partNumber')) || (method === 'POST' && query.includes('uploadId'));
    const run = async (): Promise<Answer> => {
      if (headers['if-none-match'] && conditions !== 'ignored') {
        if (conditions === 'refused') return refusal(501, 'NotImplemented');
        if (etags.has(path)) return refusal(412, 'PreconditionFailed');
      }
      if (headers['if-match'] && etags.has(path) && headers['if-match'] !== etags.get(path)) {
        return refusal(412, 'PreconditionFailed');
      }
      const answer = await forward(port, message, body);
      if (places && answer.status === 200) {
        etags.set(
          path,
          answer.headers.etag ?? /<ETag>(.*?)<\/ETag>/.exec(String(answer.body))?.[1]?.replaceAll('&quot;', '"') ?? '',
        );
      }
      if (method === 'DELETE' && !query.includes('uploadId')) etags.delete(path);
      return answer;
    };
    if (reads) return run();
    const turn = (turns.get(path) ?? Promise.resolve()).then(run);
    turns.set(
      path,
      turn.catch(() => {}),
    );
    return turn;
  };

  const proxy = createServer(async (message, response) => {
    counts.requests++;
    const fault = random() < faults ? kinds[Math.floor(random() * kinds.length)] : undefined;
    if (fault) counts[fault]++;
    try {
      if (fault === 'reset') return void message.socket.destroy();
      const body = await bytesOf(message);
      const answer = fault === 'busy' ? refusal(503, 'SlowDown') : await serve(message, body);
      await reply(response, message.method === 'HEAD', answer, fault, stallMs);
    } catch {
      // From clients that disconnected, or a server that is closed.
      message.socket.destroy();
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));

  return {
    environment: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: KEY_OF_S3RVER,
      AWS_SECRET_ACCESS_KEY: KEY_OF_S3RVER,
      AWS_REGION: 'us-east-1',
      // No settings of this machine, and no warnings about the Node version.
      AWS_CONFIG_FILE: join(directory, 'none'),
      AWS_SHARED_CREDENTIALS_FILE: join(directory, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    bucket: BUCKET,
    counts,
    async close() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The request as it arrived, including its signature. */
function forward(port: number, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
      bytesOf(answer).then(
        (bytes) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes }),
        reject,
      );
    });
    onward.on('error', reject);
    onward.end(body);
  });
}

function refusal(status: number, code: string): Answer {
  const body = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  );
  return { status, headers: { 'content-type': 'application/xml', 'content-length': String(body.length) }, body };
}

async function reply(
  response: ServerResponse,
  headOnly: boolean,
  { status, headers, body }: Answer,
  fault: Fault | undefined,
  stallMs: number,
): Promise<void> {
  if (fault === 'lost') return void response.req.socket.destroy();
  const { connection: _, 'transfer-encoding': __, ...kept } = headers;
  response.writeHead(status, headOnly || status === 204 ? kept : { ...kept, 'content-length': body.length });
  const half = body.subarray(0, body.length >> 1);
  if (fault === 'cut' || fault === 'slow') {
    response.flushHeaders();
    if (half.length > 0) await new Promise((resolve) => response.write(half, resolve));
    if (fault === 'cut') return void response.req.socket.destroy();
    await wait(stallMs, undefined, { ref: false });
    response.end(body.subarray(half.length));
  } else response.end(headOnly ? undefined : body);
}
