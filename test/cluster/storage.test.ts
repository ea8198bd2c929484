// Folders and buckets as places for jobs: one table of cases for both, then cases that only one of them can meet.

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { placeByTurns } from '#src/cluster/storage/exclusive-place.js';
import { openFolder } from '#src/cluster/storage/folder-storage.js';
import { isBucket, openBytesAt, openStorage } from '#src/cluster/storage/open-storage.js';
import { openBucket } from '#src/cluster/storage/s3-storage.js';
import type { JobStorage } from '#src/cluster/storage/storage.js';
import { FormatError } from '#src/errors.js';
import { WAIT_MS } from '../limits.js';
import { randomSource } from '../random.js';
import { type FaultyS3, type FaultyS3Options, startFaultyS3 } from './fault-proxy.js';

const MIB = 2 ** 20;

function bytesOf(length: number, seed = 1): Uint8Array {
  const random = randomSource(seed);
  return Uint8Array.from({ length }, () => random() * 256);
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const digest = (bytes: Uint8Array | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

/** One buffer for all pieces, so that code that keeps a piece fails. */
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(size);
  for (let from = 0; from < bytes.length; from += size) {
    const length = Math.min(size, bytes.length - from);
    piece.set(bytes.subarray(from, from + length));
    yield piece.subarray(0, length);
  }
}

let folder: string;
const servers: FaultyS3[] = [];

beforeAll(async () => {
  // Retries happen at once instead of after a delay.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  folder = await mkdtemp(join(tmpdir(), 'allpairs-storage-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) await server.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function startServer(options?: FaultyS3Options): Promise<FaultyS3> {
  const server = await startFaultyS3(options);
  servers.push(server);
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  return server;
}

const PLACES: Readonly<Record<string, () => Promise<string>>> = {
  folder: async () => mkdtemp(join(folder, 'job-')),
  bucket: async () => `s3://${(await startServer()).bucket}/some/job`,
  'bucket without a prefix': async () => `s3://${(await startServer()).bucket}`,
  'bucket that often fails': async () => `s3://${(await startServer({ faults: 0.2, seed: 7, stallMs: 20 })).bucket}/some/job/`,
};

const CASES: Readonly<Record<string, (storage: JobStorage, place: string) => Promise<void>>> = {
  async 'reads what was written'(storage) {
    expect(await storage.write('state.json', [text('one'), text(' two')])).toBe(true);
    expect(await storage.read('state.json')).toEqual(Buffer.from('one two'));
    expect(await storage.write('state.json', [text('three')])).toBe(true);
    expect(await storage.read('state.json')).toEqual(Buffer.from('three'));
    await storage.write('empty', []);
    expect(await storage.read('empty')).toHaveLength(0);
    const empty = await storage.open('empty');
    expect(empty?.size).toBe(0);
    await empty?.close();
  },
  async 'uses a piece before it requests the next one'(storage) {
    const bytes = bytesOf(100_000);
    await storage.write('pieces', inPieces(bytes, 777));
    expect(digest(await storage.read('pieces'))).toBe(digest(bytes));
  },
  async 'returns undefined for missing objects'(storage) {
    expect(await storage.read('parts/none')).toBeUndefined();
    expect(await storage.open('parts/none')).toBeUndefined();
    expect(await storage.list('parts/')).toEqual([]);
    await storage.remove('parts/none');
  },
  async 'lists objects by name and removes them'(storage) {
    for (const name of ['parts/000010', 'parts/000002', 'part', 'parts-of/1', 'parts/deep/1']) {
      await storage.write(name, [text(name)]);
    }
    expect(await storage.list('parts/')).toEqual(['parts/000002', 'parts/000010', 'parts/deep/1']);
    expect(await storage.list('parts/00001')).toEqual(['parts/000010']);
    expect(await storage.list('')).toHaveLength(5);
    await storage.remove('parts/000010');
    expect(await storage.list('parts/')).toEqual(['parts/000002', 'parts/deep/1']);
    expect(await storage.read('parts/000010')).toBeUndefined();
  },
  async 'reads ranges and rejects reads beyond the end'(storage, place) {
    const bytes = bytesOf(50_000);
    await storage.write('rows/x', [bytes]);
    for (const source of [await storage.open('rows/x'), await openBytesAt(`${place.replace(/\/$/, '')}/rows/x`)]) {
      if (!source) throw new Error('not there');
      expect(source.size).toBe(50_000);
      expect(source.name).toContain('rows/x');
      for (const [offset, length] of [
        [0, 1],
        [49_999, 1],
        [123, 40_000],
        [50_000, 0],
      ] as const) {
        const read = await source.read(offset, length);
        expect(read.byteOffset).toBe(0);
        expect(digest(read)).toBe(digest(bytes.subarray(offset, offset + length)));
      }
      const into = new Uint8Array(100);
      expect((await source.read(10, 60, into)).buffer).toBe(into.buffer);
      expect(digest(into.subarray(0, 60))).toBe(digest(bytes.subarray(10, 70)));
      await expect(source.read(49_000, 1001)).rejects.toThrow(FormatError);
      await source.close();
    }
  },
  async 'lets exactly one of several writers create an object'(storage) {
    for (let round = 0; round < 5; round++) {
      const name = `claims/${round}`;
      const won = await Promise.all(
        Array.from({ length: 4 }, (_, writer) => storage.write(name, [text(`writer ${writer}`)], { ifAbsent: true })),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await storage.read(name)).toEqual(Buffer.from(`writer ${won.indexOf(true)}`));
    }
    expect(await storage.write('claims/0', [text('late')], { ifAbsent: true })).toBe(false);
    expect(await storage.list('claims/')).toHaveLength(5);
  },
  async 'leaves nothing after a failed or aborted write'(storage) {
    await storage.write('kept', [text('old')]);
    const failing = async function* () {
      yield text('new');
      throw new Error('no more');
    };
    await expect(storage.write('kept', failing())).rejects.toThrow('no more');
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(storage.write('kept', [text('new')], { signal: stopped })).rejects.toThrow('stopped');
    expect(await storage.read('kept')).toEqual(Buffer.from('old'));
    expect(await storage.list('')).toHaveLength(1);
  },
};

describe.each(Object.entries(PLACES))('%s', (_, prepare) => {
  it.each(Object.entries(CASES))('%s', async (_, check) => {
    const place = await prepare();
    const storage = await openStorage(place, { attempts: 20, silenceMs: WAIT_MS });
    expect(storage.name).toBe(place.replace(/\/$/, ''));
    await check(storage, place);
    await storage.close();
  });
});

describe('a folder', () => {
  it('neither lists nor leaves temporary files', async () => {
    const path = await PLACES.folder?.();
    const storage = openFolder(path as string);
    await storage.write('a/b', [text('1')]);
    await storage.write('a/b', [text('2')], { ifAbsent: true });
    expect(await readdir(join(path as string, 'a'))).toEqual(['b']);
    await writeFile(join(path as string, 'a', '.b.1.2.tmp'), 'half');
    expect(await storage.list('')).toEqual(['a/b']);
  });

  it('lets exactly one writer win without hard links, even after a writer was killed', async () => {
    const path = (await PLACES.folder?.()) as string;
    await mkdir(join(path, '.claim.turn.tmp'));
    const won = await Promise.all(
      [0, 1, 2].map(async (writer) => {
        await writeFile(join(path, `.${writer}.tmp`), String(writer));
        return placeByTurns(join(path, `.${writer}.tmp`), join(path, 'claim'), 50);
      }),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await openFolder(path).read('claim')).toEqual(Buffer.from(String(won.indexOf(true))));
  });
});

describe('a bucket', () => {
  it('is recognised by its address', () => {
    expect(isBucket('s3://bucket/x')).toBe(true);
    expect(isBucket('./s3/bucket')).toBe(false);
  });

  it('returns what was written although a fifth of the requests fail', async () => {
    const { bucket, counts } = await startServer({ faults: 0.2, seed: 42 });
    const storage = await openBucket(`s3://${bucket}/job`, { attempts: 20, silenceMs: WAIT_MS, partBytes: 5 * MIB });
    const names = Array.from({ length: 100 }, (_, n) => `parts/${String(n).padStart(6, '0')}`);
    const large = bytesOf(23 * MIB, 5);
    const check = async (name: string, n: number): Promise<void> => {
      const bytes = bytesOf(1000 + 37 * n, n + 1);
      expect(await storage.write(name, inPieces(bytes, 900), { ifAbsent: n % 2 === 0 })).toBe(true);
      expect(digest(await storage.read(name))).toBe(digest(bytes));
      const source = await storage.open(name);
      expect(digest(await source?.read(100, 900))).toBe(digest(bytes.subarray(100, 1000)));
      await source?.close();
    };
    await Promise.all([...names.map(check), storage.write('large', inPieces(large, MIB - 1), { ifAbsent: true })]);
    const source = await storage.open('large');
    expect(source?.size).toBe(large.length);
    expect(digest(await source?.read(0, large.length))).toBe(digest(large));
    expect(await storage.list('parts/')).toEqual(names);
    const { requests, ...failed } = counts;
    for (const [kind, count] of Object.entries(failed)) expect(count, kind).toBeGreaterThan(5);
    expect(requests).toBeGreaterThan(500);
    await storage.close();
  });

  it('recognises its own write after the response was lost', async () => {
    const { bucket, counts } = await startServer({ faults: 0.35, seed: 3, kinds: ['lost'] });
    const storage = await openBucket(`s3://${bucket}/job`, { attempts: 20, partBytes: MIB });
    const written = Array.from({ length: 20 }, (_, n) => {
      const pieces = [bytesOf(n % 4 === 0 ? 3 * MIB : 1000)];
      return storage.write(`claims/${n}`, pieces, { ifAbsent: true });
    });
    expect(await Promise.all(written)).toEqual(written.map(() => true));
    expect(counts.lost).toBeGreaterThan(10);
    await storage.close();
  });

  it('resumes a response that broke off or stalled', async () => {
    const { bucket, counts } = await startServer({ faults: 0.4, seed: 9, kinds: ['cut', 'slow'], stallMs: WAIT_MS });
    // Longer than this process ever waits for a processor, so live requests do not time out.
    const storage = await openBucket(`s3://${bucket}`, { silenceMs: 2000, attempts: 20 });
    const bytes = bytesOf(3 * MIB);
    await storage.write('x', [bytes]);
    const source = await storage.open('x');
    for (let from = 0; from < 8; from++) {
      expect(digest(await source?.read(from * 1000, 2 * MIB))).toBe(digest(bytes.subarray(from * 1000, from * 1000 + 2 * MIB)));
    }
    expect(counts.cut).toBeGreaterThan(0);
    expect(counts.slow).toBeGreaterThan(0);
    await storage.close();
  });

  it('reports an object that changed or disappeared while it was being read', async () => {
    const { bucket } = await startServer();
    const storage = await openBucket(`s3://${bucket}/job`);
    await storage.write('x', [bytesOf(1000, 1)]);
    const source = await storage.open('x');
    await source?.read(0, 10);
    await storage.write('x', [bytesOf(1000, 2)]);
    await expect(source?.read(0, 10)).rejects.toThrow(`s3://${bucket}/job/x: the object changed while it was being read`);
    await storage.remove('x');
    await expect(source?.read(0, 10)).rejects.toThrow('the object changed while it was being read');
    await storage.close();
  });

  it('keeps existing objects on a server without conditional writes', async () => {
    for (const conditions of ['refused', 'ignored'] as const) {
      const { bucket } = await startServer({ conditions });
      const storage = await openBucket(`s3://${bucket}`, { partBytes: MIB });
      for (const bytes of [bytesOf(10), bytesOf(2 * MIB + 1)]) {
        const name = `of ${bytes.length}`;
        expect(await storage.write(name, [bytes], { ifAbsent: true })).toBe(true);
        expect(await storage.write(name, [text('late')], { ifAbsent: true })).toBe(false);
        expect(digest(await storage.read(name))).toBe(digest(bytes));
      }
      await storage.close();
    }
  });

  it('reports what is wrong without secrets', async () => {
    const { bucket } = await startServer();
    const messageOf = async (result: Promise<unknown>): Promise<string> => {
      const error: Error = await result.then(
        () => new Error('no error'),
        (reason) => reason,
      );
      expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('hidden');
      return error.message;
    };
    expect(await messageOf(openBucket('s3://absent/job'))).toMatch(/^s3:\/\/absent\/job\/: there is no such bucket; create it/);
    expect(await messageOf(openBytesAt(`s3://${bucket}/none`))).toMatch(/there is no such object, or no such bucket/);
    expect(await messageOf(openBucket('s3://me:hidden@bucket/job'))).toBe(
      'expected s3://bucket/prefix, got s3://...@bucket/job',
    );
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'hidden');
    expect(await messageOf(openBucket(`s3://${bucket}/job`))).toMatch(
      /the credentials were refused \(InvalidAccessKeyId\); check AWS_ACCESS_KEY_ID/,
    );
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    expect(await messageOf(openBucket(`s3://${bucket}/job`))).toMatch(/no credentials found; set AWS_ACCESS_KEY_ID/);
  });

  it('reports denied access, slow responses and an unreachable server after the configured attempts', async () => {
    await startServer();
    let requests = 0;
    const answers: Record<string, () => number | undefined> = { denied: () => 403, busy: () => 503, silent: () => undefined };
    const server = createServer((message, response) => {
      requests++;
      const status = answers[message.url?.split(/[/?]/)[1] ?? '']?.();
      if (!status) return;
      const code = status === 403 ? 'AccessDenied' : 'SlowDown';
      response.writeHead(status).end(`<Error><Code>${code}</Code><Message>key hidden</Message></Error>`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const open = (name: string, silenceMs = WAIT_MS) => openBucket(`s3://${name}/job`, { attempts: 3, silenceMs });
    await expect(open('denied')).rejects.toThrow(/job\/: access denied \(AccessDenied\); the credentials need s3:ListBucket/);
    expect(requests).toBe(1);
    await expect(open('busy')).rejects.toThrow(/the server answered 503 \(SlowDown\), after 3 attempts$/);
    expect(requests).toBe(4);
    await expect(open('silent', 100)).rejects.toThrow(/took too long to answer; check the network .*, after 3 attempts$/);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(open('gone')).rejects.toThrow(
      /could not be reached \(ECONNREFUSED\); check the network .*, after 3 attempts$/,
    );
  });
});
