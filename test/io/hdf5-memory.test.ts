// What HDF5 reads, how often, and with how much memory.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as h5wasm from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_WORDING } from '../../src/command-wording.js';
import { MemoryError, messageIn } from '../../src/errors.js';
import { readHdf5 } from '../../src/io/formats/hdf5.js';
import { fileSystemOf, loadHdf5 } from '../../src/io/formats/hdf5-module.js';
import { libraryBytes } from '../../src/io/library-memory.js';

const MIB = 2 ** 20;
const DEPTH = 256;
/** Reads of at least this size are compressed chunks: metadata is read in small pieces. */
const CHUNK_READ = 2 ** 15;

let folder: string;
const at = (name: string): string => join(folder, name);

/** The number in a column of a row: random in a few rows of each MiB, so that chunks are neither empty nor slow to compress. */
const numberAt = (row: number, column: number): number =>
  row % 1024 < 64 ? (Math.imul(row * DEPTH + column, 2654435761) >>> 8) / 2 ** 23 - 1 : row;

function write(name: string, rows: number, chunks: number[] | undefined, compression: number | undefined): void {
  const data = Float32Array.from({ length: rows * DEPTH }, (_, i) => numberAt(Math.floor(i / DEPTH), i % DEPTH));
  const file = new h5wasm.File(at(name), 'w');
  file.create_dataset({
    name: 'v',
    data,
    shape: [rows, DEPTH],
    ...(chunks && { chunks }),
    ...(compression && { compression }),
  });
  file.close();
}

beforeAll(async () => {
  await h5wasm.ready;
  folder = mkdtempSync(join(tmpdir(), 'allpairs-hdf5-memory-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Reads all rows, checks them, and returns how often each chunk was read. */
async function readsOfChunks(name: string, rows: number, memoryBudget?: number): Promise<number[]> {
  const files = fileSystemOf((await loadHdf5('')).module);
  const { read } = files;
  const counts = new Map<number, number>();
  files.read = (file, into, offset, length, position) => {
    const from = position ?? file.position;
    if (length >= CHUNK_READ) counts.set(from, (counts.get(from) ?? 0) + 1);
    return read(file, into, offset, length, position);
  };
  try {
    const { blocks } = await readHdf5(at(name), { column: 'v', memoryBudget });
    let row = 0;
    for await (const block of blocks()) {
      for (let i = 0; i < block.length; i += DEPTH, row++) {
        for (const column of [0, 1, DEPTH - 1]) if (block[i + column] !== numberAt(row, column)) expect(row).toBe('as written');
      }
    }
    expect(row).toBe(rows);
  } finally {
    files.read = read;
  }
  return [...counts.values()];
}

describe('each chunk is decompressed once', () => {
  it('if it is larger than a block', async () => {
    write('chunks.h5', 9 * 1024, [3 * 1024, DEPTH], 1);
    expect(await readsOfChunks('chunks.h5', 9 * 1024)).toEqual([1, 1, 1]);
    expect(await readsOfChunks('chunks.h5', 9 * 1024, 1)).toEqual([1, 1, 1]);
  });

  it('if it is larger than most', async () => {
    write('large.h5', 40 * 1024, [20 * 1024, DEPTH], 1);
    expect(await readsOfChunks('large.h5', 40 * 1024)).toEqual([1, 1]);
  });
});

describe('chunks that are narrower than rows', () => {
  it('are decompressed once, into a store, if a block cannot hold their rows', async () => {
    write('strips.h5', 15 * 1024, [6 * 1024, 48], 1);
    const counts = await readsOfChunks('strips.h5', 15 * 1024, 1);
    expect(counts.length).toBeGreaterThanOrEqual(10);
    expect(new Set(counts)).toEqual(new Set([1]));
    write('stored.h5', 9 * 1024, [9 * 1024, 1], undefined);
    expect(new Set(await readsOfChunks('stored.h5', 9 * 1024, 1))).toEqual(new Set([1]));
  });

  it.each(['int64', 'float64', 'int16', 'uint8'] as const)('hold %s', async (type) => {
    const [rows, depth] = [6 * 1024, 1024];
    const data = {
      int64: () => BigInt64Array.from({ length: rows * 128 }, (_, i) => -BigInt(i)),
      float64: () => Float64Array.from({ length: rows * 128 }, (_, i) => -i),
      int16: () => Int16Array.from({ length: rows * 512 }, (_, i) => -i),
      uint8: () => Uint8Array.from({ length: rows * depth }, (_, i) => -i),
    }[type]();
    const columns = data.length / rows;
    const file = new h5wasm.File(at('types.h5'), 'w');
    file.create_dataset({ name: 'v', data, shape: [rows, columns], chunks: [rows, 48] });
    file.close();
    const { blocks } = await readHdf5(at('types.h5'), { column: 'v', memoryBudget: 1 });
    let i = 0;
    let differences = 0;
    for await (const block of blocks()) for (const number of block) if (number !== Number(data[i++])) differences++;
    expect([i, differences]).toEqual([data.length, 0]);
  });
});

describe('memory', () => {
  it('that a chunk needs is stated if the budget is smaller', async () => {
    write('refused.h5', 10 * 1024, [10 * 1024, DEPTH], 1);
    const error = await readHdf5(at('refused.h5'), { column: 'v', memoryBudget: 9 * MIB }).catch((error) => error);
    expect(error).toBeInstanceOf(MemoryError);
    const reason = `${at('refused.h5')}: dataset v: HDF5 decompresses chunks of 10.0 MiB as a whole; pass `;
    expect(error.message).toBe(`${reason}memoryBudget: ${10 * MIB} or more, or write smaller chunks`);
    expect(messageIn(error, COMMAND_WORDING)).toBe(`${reason}--memory 80MiB or more, or write smaller chunks`);
    expect(await readsOfChunks('refused.h5', 10 * 1024, error.bytes)).toEqual([1]);
    // Numbers that are not compressed are read directly.
    write('plain.h5', 10 * 1024, [10 * 1024, DEPTH], undefined);
    await readsOfChunks('plain.h5', 10 * 1024, 1);
  });

  it('of blocks is used again, and freed', async () => {
    write('blocks.h5', 4 * 1024, undefined, undefined);
    const buffers = new Set<ArrayBufferLike>();
    const { blocks } = await readHdf5(at('blocks.h5'), { column: 'v' });
    for await (const { buffer } of blocks()) buffers.add(buffer);
    expect([...buffers].map(({ byteLength }) => byteLength)).toEqual([0]);
  });

  it('of the library is counted', async () => {
    const { module } = await loadHdf5('');
    const before = libraryBytes();
    expect(before).toBeGreaterThan(module.HEAPU8.length);
    const heap = module.HEAPU8.length;
    module._free(module._malloc(heap));
    expect(module.HEAPU8.length).toBeGreaterThan(heap);
    expect(libraryBytes() - before).toBe(module.HEAPU8.length - heap);
  });
});
