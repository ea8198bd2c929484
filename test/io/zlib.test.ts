// Decompression as in browsers, compared with Node's.

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '#src/errors.js';
import * as node from '#src/io/formats/zlib-node.js';
import * as web from '#src/io/formats/zlib-web.js';
import { until } from '../until.js';

const data = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7);

async function* pieces(bytes: Uint8Array, size = 65536): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield new Uint8Array(bytes.subarray(at, at + size));
}

async function joined(made: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of made) parts.push(piece);
  return new Uint8Array(Buffer.concat(parts));
}

describe.each([
  ['Node', node],
  ['the web', web],
])('zlib of %s', (_, zlib) => {
  it('inflates, in pieces of any size', async () => {
    for (const size of [1000, 65536, 10 ** 6]) {
      expect(Buffer.compare(await joined(zlib.inflateRaw(pieces(deflateRawSync(data), size))), data)).toBe(0);
    }
  });

  it('returns the requested part of a stream that expands far more, and ends there', async () => {
    const bomb = deflateRawSync(new Uint8Array(2 ** 28));
    let asked = 0;
    let ended = false;
    const packed = async function* () {
      try {
        for await (const piece of pieces(bomb, 2 ** 12)) {
          asked++;
          yield piece;
        }
      } finally {
        ended = true;
      }
    };
    for await (const piece of zlib.inflateRaw(packed())) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    await until('the source is ended', () => ended);
    // Node's streams read up to 64 KiB ahead.
    expect(asked).toBeLessThan(bomb.length / 2 ** 12 / 2);
  });

  it('passes on what its source throws', async () => {
    const fault = new Error('the disk');
    const packed = async function* () {
      yield new Uint8Array(deflateRawSync(data).subarray(0, 1000));
      throw fault;
    };
    await expect(joined(zlib.inflateRaw(packed()))).rejects.toBe(fault);
  });

  it('refuses damaged data', async () => {
    await expect(joined(zlib.inflateRaw(pieces(new Uint8Array(100).fill(255))))).rejects.toThrow();
    const damaged = new Uint8Array(gzipSync(data));
    damaged[damaged.length - 6] = (damaged[damaged.length - 6] as number) ^ 1;
    await expect(zlib.unzip(damaged, data.length)).rejects.toThrow();
  });

  it('decompresses gzip and zlib up to a length', async () => {
    const gzip = new Uint8Array(gzipSync(data));
    expect(Buffer.compare(await zlib.unzip(gzip, data.length), data)).toBe(0);
    expect(Buffer.compare(await zlib.unzip(new Uint8Array(deflateSync(data)), data.length), data)).toBe(0);
    await expect(zlib.unzip(gzip, data.length - 1)).rejects.toThrow();
  });

  it('decompresses brotli up to a length, or reports that it cannot', async () => {
    const brotli = new Uint8Array(brotliCompressSync(data));
    const all = await zlib.unbrotli(brotli, data.length).catch((error: unknown) => error);
    if (all instanceof UnsupportedError) expect(all.message).toContain('cannot decompress brotli');
    else expect(Buffer.compare(all as Uint8Array, data)).toBe(0);
    await expect(zlib.unbrotli(brotli, data.length - 1)).rejects.toThrow();
  });

  it('continues the checksum of earlier bytes', () => {
    const first = zlib.crc32(new TextEncoder().encode('1234'), 0);
    expect(zlib.crc32(new TextEncoder().encode('56789'), first)).toBe(0xcbf43926);
    expect(zlib.crc32(data, 7)).toBe(node.crc32(data, 7));
  });
});
