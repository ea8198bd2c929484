// The Zstandard decoder for runtimes without one, compared with Node's own if there is one, and on damaged data.

import { readFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { ByteFeed } from '#src/io/formats/byte-feed.js';
import { unzstdPieces } from '#src/io/formats/zstd.js';
import { bytesOf } from '../fuzz/files.js';
import { randomSource } from '../random.js';

/** The only page of a Parquet file whose zstd tables are damaged. */
const HANG = new Uint8Array(readFileSync(new URL('cases/minhang.parquet', import.meta.url)));

async function decode(packed: Uint8Array, pieceBytes = 7): Promise<Uint8Array> {
  const pieces = async function* () {
    for (let at = 0; at < packed.length; at += pieceBytes) yield new Uint8Array(packed.subarray(at, at + pieceBytes));
  };
  const parts: Uint8Array[] = [];
  for await (const piece of unzstdPieces(ByteFeed.from(pieces()))) parts.push(piece.slice());
  return new Uint8Array(Buffer.concat(parts));
}

/** `zstd -19` of "abcabcabc...", 60 letters. */
const REPEATED = Buffer.from('28b52ffd04684d0000186162630100f67443384b202f', 'hex');

test('decodes literals and matches, in pieces of any size', async () => {
  for (const pieceBytes of [1, 5, 1000]) {
    expect(Buffer.from(await decode(REPEATED, pieceBytes)).toString()).toBe('abc'.repeat(20));
  }
});

/** A frame whose blocks are stored, with a checksum. */
function frameOf(bytes: Uint8Array, checksum: number): Uint8Array {
  const header = (bytes.length << 3) | 1;
  const start = [0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x48, header & 255, (header >> 8) & 255, header >> 16];
  return bytesOf(Uint8Array.from(start), bytes, Uint32Array.of(checksum));
}

test('compares frames with their checksum', async () => {
  // `zstd --check` of the first bytes of 0, 1, 2, ...
  const checksums = [
    [0, 0x51d8e999],
    [1, 0xdb052768],
    [31, 0x9b4d8ee1],
    [32, 0x16ff32b4],
    [47, 0x3e7bfbb8],
    [1000, 0x0eba4078],
  ] as const;
  for (const [length, checksum] of checksums) {
    const bytes = Uint8Array.from({ length }, (_, i) => i);
    expect(await decode(frameOf(bytes, checksum))).toEqual(bytes);
    await expect(decode(frameOf(bytes, checksum ^ 1))).rejects.toThrow('zstd: the checksum of a frame is wrong');
    if (length > 0) await expect(decode(frameOf(bytes.fill(7, length - 1), checksum))).rejects.toThrow('checksum');
  }
});

test('refuses at once tables that would never end', async () => {
  const frame = HANG.subarray(HANG.findIndex((_, at) => HANG[at] === 0x28 && HANG[at + 1] === 0xb5 && HANG[at + 2] === 0x2f));
  await expect(decode(frame)).rejects.toThrow(/^zstd: /);
});

test('ends in an error or in bytes, whatever byte is changed', async () => {
  const random = randomSource(3);
  let refused = 0;
  for (let at = 0; at < REPEATED.length; at++) {
    for (let round = 0; round < 20; round++) {
      const bytes = REPEATED.slice();
      bytes[at] = Math.floor(random() * 256);
      await decode(bytes, 1000).catch((error) => {
        expect(error).toBeInstanceOf(Error);
        refused++;
      });
    }
  }
  expect(refused).toBeGreaterThan(REPEATED.length);
});

const compress = (zlib as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdCompressSync;

test.skipIf(!compress)('decompresses what Node compressed; older versions have no compressor to compare with', async () => {
  const random = randomSource(5);
  for (const letters of [2, 20, 256]) {
    const bytes = Uint8Array.from({ length: 400_000 }, () => Math.floor(random() ** 2 * letters));
    expect(Buffer.compare(await decode((compress as NonNullable<typeof compress>)(bytes), 100_000), bytes)).toBe(0);
  }
});
