// Files compressed as a whole.

import { readFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesInMemory } from '#src/io/bytes/byte-source.js';
import { ByteFeed } from '#src/io/formats/byte-feed.js';
import { withoutCompression } from '#src/io/formats/outer-compression.js';
import { unzstdPieces } from '#src/io/formats/zstd.js';
import { openRows } from '../../src/index.js';

const LINES = '[1,2]\n[3,4]\n';
const ROWS = [1, 2, 3, 4];
/** `LINES` compressed by the zstd command, with a checksum. */
const ZSTD = Buffer.from(readFileSync(new URL('data/lines.jsonl.zst', import.meta.url)));

async function valuesOf(bytes: Uint8Array, name: string): Promise<number[]> {
  const file = await openRows(bytesInMemory(bytes, name));
  try {
    return [...(await file.toMatrix()).data];
  } finally {
    await file.close();
  }
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield new Uint8Array(bytes.subarray(at, at + size));
}

describe('a file compressed as a whole', () => {
  it('is recognised by its content, and its format by the name before the extension', async () => {
    const gzip = zlib.gzipSync(LINES);
    expect(await valuesOf(gzip, 'rows.jsonl.gz')).toEqual(ROWS);
    expect(await valuesOf(gzip, 'rows.jsonl')).toEqual(ROWS);
    expect(await valuesOf(Buffer.concat([gzip, zlib.gzipSync('[5,6]')]), 'rows.jsonl.gz')).toEqual([...ROWS, 5, 6]);
    expect(await valuesOf(ZSTD, 'rows.jsonl.zst')).toEqual(ROWS);
    expect(await valuesOf(Buffer.concat([ZSTD, ZSTD]), 'rows.jsonl.zst')).toEqual([...ROWS, ...ROWS]);
    expect(withoutCompression('a.csv.GZ')).toBe('a.csv');
  });

  it.each([1, 2, 3, 7, 1000])('is decoded in JavaScript from pieces of %i bytes', async (size) => {
    const out: Uint8Array[] = [];
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const packed = Buffer.concat([ZSTD, skippable, ZSTD]);
    for await (const piece of unzstdPieces(ByteFeed.from(pieces(packed, size)))) out.push(piece.slice());
    expect(Buffer.concat(out).toString()).toBe(LINES + LINES);
  });

  it('is refused if it is damaged or truncated', async () => {
    const gzip = zlib.gzipSync(LINES);
    await expect(valuesOf(gzip.subarray(0, -5), 'x.jsonl.gz')).rejects.toThrow('damaged gzip data');
    const flipped = Buffer.from(gzip);
    flipped[12] = (flipped[12] as number) ^ 0xff;
    await expect(valuesOf(flipped, 'x.jsonl.gz')).rejects.toThrow('damaged gzip data');
    await expect(valuesOf(ZSTD.subarray(0, -6), 'x.jsonl.zst')).rejects.toThrow('damaged zstd data');
  });

  it('is refused if a frame states a window that no encoder uses', async () => {
    const huge = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0x00, 0x00]);
    await expect(valuesOf(huge, 'x.jsonl.zst')).rejects.toThrow(/a window of \d+ bytes/);
  });

  it('is refused if it expands more than rows of text do', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(80 * 2 ** 20, 0x20));
    await expect(valuesOf(bomb, 'x.jsonl.gz')).rejects.toThrow('decompress the file first');
  });

  it.each([
    ['BZh91AY&SY', 'bzip2', 'bunzip2'],
    ['\xfd7zXZ\0', 'xz', 'unxz'],
    ['\x04\x22\x4d\x18', 'lz4', 'unlz4'],
  ])('is refused by name: %j', async (magic, name, program) => {
    const bytes = Buffer.concat([Buffer.from(magic, 'latin1'), Buffer.alloc(20)]);
    await expect(valuesOf(bytes, 'x.csv')).rejects.toThrow(
      `compressed with ${name}, which cannot be read; decompress it with ${program}`,
    );
  });
});
