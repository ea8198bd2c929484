// Buffers that readers use again or free at once, because otherwise they would wait for the garbage collector: files within a bound on
// memory depend on it.

import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { type ByteSource, bytesInMemory } from '#src/io/bytes/byte-source.js';
import { freeBuffers } from '#src/io/bytes/free-buffer.js';
import { piecesOfSource } from '#src/io/bytes/source-pieces.js';
import { ByteFeed } from '#src/io/formats/byte-feed.js';
import { readCsvText } from '#src/io/formats/csv.js';
import { readJsonlText } from '#src/io/formats/jsonl.js';
import { readParquet } from '#src/io/formats/parquet.js';
import { RowBlocks } from '#src/io/formats/query-rows.js';
import { streamResults } from '#src/io/formats/result-rows.js';
import { SpareBuffer } from '#src/io/formats/spare-buffer.js';
import { TextBytes } from '#src/io/formats/text-bytes.js';
import { linesOf } from '#src/io/formats/text-lines.js';
import { unzstdPieces } from '#src/io/formats/zstd.js';
import type { TextReader } from '#src/io/rows/row-reader.js';
import { RowStore } from '#src/io/rows/row-store.js';
import { zstdFrame } from '../fuzz/files.js';

const MIB = 2 ** 20;

/** A source that records the buffers of at least `least` bytes into which it is read. */
function watched(bytes: Uint8Array, least: number): { source: ByteSource; buffers: Set<ArrayBufferLike> } {
  const inner = bytesInMemory(bytes, 'file');
  const buffers = new Set<ArrayBufferLike>();
  const read: ByteSource['read'] = async (offset, length, into) => {
    const read = await inner.read(offset, length, into);
    if (length >= least) buffers.add(read.buffer);
    return read;
  };
  return { source: { ...inner, read }, buffers };
}

describe('pieces of a file', () => {
  it('share two buffers', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
    for (const length of [0, 1, 99, 100, 101, 990]) {
      const { source, buffers } = watched(bytes, 1);
      const read: number[] = [];
      for await (const piece of piecesOfSource(source, 10, length, 100)) read.push(...piece);
      expect(read).toEqual([...bytes.subarray(10, 10 + length)]);
      expect(buffers.size).toBe(Math.min(2, Math.ceil(length / 100)));
    }
  });

  it('are not kept by what continues in the next ones', async () => {
    const texts = Array.from({ length: 40 }, (_, i) =>
      String.fromCharCode(97 + (i % 26)).repeat(i % 9 === 8 ? 2.5 * MIB : 70_001),
    );
    const namesOf = async (read: TextReader, text: string): Promise<string[]> => {
      const { source } = watched(Buffer.from(text), 1);
      const names: string[] = [];
      for await (const batch of read(source, 'name')) names.push(...batch);
      return names;
    };
    expect(await namesOf(readCsvText, `id,name\n${texts.map((text, i) => `${i},"${text}"\n`).join('')}`)).toEqual(texts);
    expect(await namesOf(readJsonlText, texts.map((name) => `${JSON.stringify({ name })}\n`).join(''))).toEqual(texts);
    expect(await namesOf(readJsonlText, JSON.stringify(texts.map((name) => ({ name }))))).toEqual(texts);
    const lines: string[] = [];
    for await (const { line } of linesOf(await TextBytes.open(bytesInMemory(Buffer.from(texts.join('\n')), 'file'))))
      lines.push(line);
    expect(lines).toEqual(texts);
  });
});

describe('the beginning of a text', () => {
  it('is freed when it has been used', async () => {
    const text = await TextBytes.open(bytesInMemory(new Uint8Array(9 * MIB).fill(97), 'file'));
    const buffers = [text.head.buffer];
    for (let i = 0; i < 2; i++) {
      await text.extendHead();
      buffers.push(text.head.buffer);
    }
    expect(buffers.map(({ byteLength }) => byteLength)).toEqual([0, 0, 4 * MIB]);
    let length = 0;
    for await (const { bytes } of text.pieces()) length += bytes.length;
    expect(length).toBe(9 * MIB);
    expect(buffers.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0]);
  });
});

describe('blocks of rows', () => {
  it('share two buffers', () => {
    const blocks = new RowBlocks(MIB / 16);
    const buffers = new Set<ArrayBufferLike>();
    for (let row = 0; row < 100; row++) {
      blocks.nextRow().fill(row);
      for (const block of blocks.takeFull()) {
        if (block.byteLength === MIB) buffers.add(block.buffer);
        expect(block.at(-1)).toBe(row - 1);
      }
    }
    expect(buffers.size).toBe(2);
  });

  it('are freed from memory when they move to a file', async () => {
    const written: Uint8Array[] = [];
    const buffers = new Set<ArrayBufferLike>();
    const file = {
      append: async (bytes: Uint8Array) => {
        written.push(bytes.slice());
        buffers.add(bytes.buffer);
      },
      read: async () => ({ bytesRead: 0 }),
      close: async () => {},
    };
    const store = new RowStore(4 * MIB, async () => file);
    for (let i = 0; i < 10; i++) await store.append(new Uint8Array(MIB - 1).fill(i));
    await store.finish('file');
    const expected = Buffer.concat(Array.from({ length: 10 }, (_, i) => Buffer.alloc(MIB - 1, i)));
    expect(Buffer.concat(written).equals(expected)).toBe(true);
    expect(buffers.size).toBe(4);
    expect([...buffers].map(({ byteLength }) => byteLength)).toEqual([0, 0, 0, 0]);
  });
});

describe('compressed data', () => {
  it('of zstd is decoded frame by frame into one buffer', async () => {
    const frames = [1, 2, 3].map((byte) => zstdFrame(new Uint8Array(1000).fill(byte)));
    const buffers = new Set<ArrayBufferLike>();
    const bytes: number[] = [];
    for await (const piece of unzstdPieces(ByteFeed.of(new Uint8Array(Buffer.concat(frames))))) {
      buffers.add(piece.buffer);
      bytes.push(piece.length, piece[0] as number, piece.at(-1) as number);
    }
    expect(bytes).toEqual([1000, 1, 1, 1000, 2, 2, 1000, 3, 3]);
    expect(buffers.size).toBe(1);
  });
});

describe('pages of Parquet', () => {
  it.each(['SNAPPY', 'UNCOMPRESSED'] as const)('of %s columns that are read one after another share buffers', async (codec) => {
    const rows = 30_000;
    const depth = 80;
    const numberAt = (row: number, column: number) => Math.fround(Math.sin(row * depth + column));
    const columnData = Array.from({ length: depth }, (_, column) => ({
      name: `d${column}`,
      data: Float32Array.from({ length: rows }, (_, row) => numberAt(row, column)),
      type: 'FLOAT' as const,
      encoding: 'PLAIN' as const,
    }));
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, codec, pageSize: 2 ** 30, statistics: false }));
    const { source, buffers } = watched(bytes, 2 ** 16);
    const stream = await readParquet(source, { column: 'd*', memoryBudget: 1 });
    if (stream.kind !== 'stream') throw new Error('expected a stream');
    let at = 0;
    for await (const block of stream.blocks()) {
      for (const value of block) if (value !== numberAt(Math.floor(at / depth), at++ % depth)) throw new Error(`value ${at}`);
    }
    expect(at).toBe(rows * depth);
    expect(buffers.size).toBeLessThanOrEqual(2);
  });
});

describe('results of a query', () => {
  it('are freed when they have been copied', async () => {
    const cells: Uint8Array[] = [];
    async function* results() {
      for (let batch = 0; batch < 8; batch++) {
        const rows = Array.from({ length: 500 }, (_, row) => {
          const cell = new Uint8Array(Float32Array.from({ length: 100 }, (_, i) => batch + row / 512 + i / 128).buffer);
          cells.push(cell);
          return [cell];
        });
        yield { columns: [{ name: 'v', floating: false }], rows };
        // Those of the sample are used until the columns have been chosen.
        if (batch > 2) expect(cells.every(({ length }) => length === 0)).toBe(true);
      }
    }
    const stream = await streamResults('file', results(), {});
    let at = 0;
    for await (const block of stream.blocks()) {
      for (const value of block) {
        const row = Math.floor(at / 100);
        if (value !== Math.floor(row / 500) + (row % 500) / 512 + (at++ % 100) / 128) throw new Error(`element ${at} of all`);
      }
    }
    expect(at).toBe(4000 * 100);
  });
});

describe('buffers', () => {
  it('are freed at once', () => {
    const buffers = Array.from({ length: 64 }, () => new ArrayBuffer(MIB));
    const before = process.memoryUsage().arrayBuffers;
    freeBuffers(buffers);
    expect(before - process.memoryUsage().arrayBuffers).toBeGreaterThan(60 * MIB);
  });
});

describe('a spare buffer', () => {
  it('takes back only what it gave, because others may still be used', () => {
    const spare = new SpareBuffer();
    const foreign = new Uint8Array(MIB);
    spare.give(foreign);
    expect(foreign.length).toBe(MIB);
    expect(spare.take(MIB).buffer).not.toBe(foreign.buffer);
    const own = spare.take(MIB);
    spare.give(own);
    expect(spare.take(MIB / 2).buffer).toBe(own.buffer);
  });
});
