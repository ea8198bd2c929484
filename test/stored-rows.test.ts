// Rows read from files give the same results as the same rows in memory, bit for bit, on every backend and in any number of passes.

import { afterEach, describe, expect, it } from 'vitest';
import type { Api } from '#src/calls.js';
import { ArgumentError, FormatError, MemoryError } from '#src/errors.js';
import { type ByteSource, bytesInMemory, bytesOfFile } from '#src/io/bytes/byte-source.js';
import { encodeNpyHeaderOf } from '#src/io/rows/npy.js';
import { openRows } from '#src/io/rows/open-rows.js';
import type { RowFile } from '#src/io/rows/row-file.js';
import type { MatrixBlock, Pairs } from '#src/results.js';
import { randomRows, randomSource } from './random.js';
import { WAYS } from './ways.js';

const open: RowFile[] = [];
afterEach(() => Promise.all(open.splice(0).map((file) => file.close())));

async function stored({ data, shape }: { data: Float32Array | Float64Array; shape: [number, number] }): Promise<RowFile> {
  const header = encodeNpyHeaderOf(data instanceof Float32Array ? 'f4' : 'f8', shape);
  return openBytes(Buffer.concat([header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]));
}

async function openBytes(bytes: Uint8Array, source: ByteSource = bytesInMemory(bytes, 'rows.npy')): Promise<RowFile> {
  const file = await openRows(source);
  open.push(file);
  return file;
}

/** Some rows are similar, so that there are pairs. */
function similarRows(rows: number, depth: number, seed: number) {
  const x = randomRows(rows, depth, seed);
  for (let row = 3; row < rows; row += 3) x.data.copyWithin(row * depth, (row - 3) * depth, (row - 2) * depth - 2);
  return x;
}

async function whole(blocks: AsyncIterable<MatrixBlock>, rows: number, cols: number): Promise<Float32Array> {
  const all = new Float32Array(rows * cols).fill(Number.NaN);
  for await (const { row, col, matrix, mirrored } of blocks) {
    for (let i = 0; i < matrix.shape[0]; i++) {
      for (let j = 0; j < matrix.shape[1]; j++) {
        const score = matrix.at(i, j) as number;
        all[(row + i) * cols + col + j] = score;
        if (mirrored) all[(col + j) * cols + row + i] = score;
      }
    }
  }
  return all;
}

async function collect(batches: AsyncIterable<Pairs>): Promise<number[][]> {
  const all: number[][] = [];
  for await (const { rows, cols, scores, length } of batches) {
    for (let at = 0; at < length; at++) all.push([rows[at] as number, cols[at] as number, scores[at] as number]);
  }
  return all;
}

/** A memory budget with which the rows of these tests take several passes. */
async function smallBudget(api: Api, x: RowFile, y?: RowFile): Promise<number> {
  const most = api.plan.topK(x, y, { k: 5, threads: 2 }).memoryBytes;
  for (let budget = most; budget > 0; budget -= 100_000) {
    try {
      if (api.plan.topK(x, y, { k: 5, threads: 2, memoryBudget: budget }).passes > 2) return budget;
    } catch (error) {
      expect(error).toBeInstanceOf(MemoryError);
      break;
    }
  }
  throw new Error('no budget makes for more than two passes');
}

const NAMES = ['automatic', 'on workers', 'alone'];

describe.each(WAYS.map((api, at) => [NAMES[at], api] as const))('%s', (_, api) => {
  const x = similarRows(2600, 70, 5);
  const y = similarRows(1900, 70, 6);
  y.data.set(x.data.subarray(0, 600 * 70), 300 * 70);

  it.each(['in one pass', 'in several passes'])('calls give the same results as with rows in memory, %s', async (how) => {
    const [fileX, fileY] = [await stored(x), await stored(y)];
    for (const [files, memory] of [
      [
        [fileX, undefined],
        [x, undefined],
      ],
      [
        [fileX, fileY],
        [x, y],
      ],
    ] as const) {
      const memoryBudget = how === 'in one pass' ? undefined : await smallBudget(api, files[0], files[1]);
      const options = { threads: 2, memoryBudget };
      const found = await api.topK(files[0], files[1], { ...options, k: 5 });
      expect(found).toEqual(await api.topK(memory[0], memory[1], { k: 5 }));
      const pairs = await collect(api.streamPairs(files[0], files[1], { ...options, threshold: 0.9 }));
      expect(pairs.length).toBeGreaterThan(500);
      expect(pairs).toEqual(await collect(api.streamPairs(memory[0], memory[1], { threshold: 0.9 })));
      expect(await api.histogram(files[0], files[1], { ...options, bins: 20 })).toEqual(
        await api.histogram(memory[0], memory[1], { bins: 20 }),
      );
    }
    const memoryBudget = how === 'in one pass' ? undefined : await smallBudget(api, fileX);
    expect(await api.groups(fileX, { threshold: 0.9, memoryBudget })).toEqual(await api.groups(x, { threshold: 0.9 }));
  });

  it('streamMatrix yields the blocks of the matrix', async () => {
    const [few, other] = [randomRows(700, 33, 7), randomRows(500, 33, 8)];
    const [fileX, fileY] = [await stored(few), await stored(other)];
    for (const blockRows of [undefined, 300, 97]) {
      const symmetric = await whole(api.streamMatrix(fileX, { blockRows }), 700, 700);
      expect(Buffer.compare(bytesOf(symmetric), bytesOf(api.cosineSimilaritySync(few).data))).toBe(0);
      const cross = await whole(api.streamMatrix(fileX, fileY, { blockRows, threads: 2 }), 700, 500);
      expect(Buffer.compare(bytesOf(cross), bytesOf(api.cosineSimilaritySync(few, other).data))).toBe(0);
    }
  });

  it('the first row that is not finite is reported, even in several passes', async () => {
    const data = x.data.slice();
    data[2000 * 70 + 3] = Number.NaN;
    const file = await stored({ data, shape: x.shape });
    const message = 'expected finite numbers in `x`, got NaN in row 2000, column 3';
    await expect(api.topK(file, { k: 2 })).rejects.toThrow(message);
    const memoryBudget = await smallBudget(api, file);
    await expect(api.topK(file, { k: 2, memoryBudget })).rejects.toThrow(message);
    const zero = await api.topK(file, { k: 2, memoryBudget, nonFinite: 'zero' });
    expect(zero).toEqual(await api.topK({ data, shape: x.shape }, { k: 2, nonFinite: 'zero' }));
  });

  it('calls on one file at the same time do not disturb each other', async () => {
    const file = await stored(x);
    const expected = await api.topK(x, { k: 3 });
    const all = await Promise.all(Array.from({ length: 4 }, () => api.topK(file, { k: 3 })));
    for (const found of all) expect(found).toEqual(expected);
  });

  it('slow reads that are no longer needed do not disturb later calls', async () => {
    const { data, shape } = x;
    const bytes = Buffer.concat([encodeNpyHeaderOf('f4', shape), new Uint8Array(data.buffer)]);
    const random = randomSource(17);
    let [under, most] = [0, 0];
    const handle = {
      close: async () => {},
      async read(into: Uint8Array, at: number, length: number, position: number) {
        under++;
        most = Math.max(most, under);
        await new Promise((resolve) => setTimeout(resolve, random() < 0.1 ? 12 : 0));
        into.set(bytes.subarray(position, position + length), at);
        under--;
        return { bytesRead: length };
      },
    };
    const file = await openBytes(bytes, bytesOfFile(handle, 'rows.npy', bytes.length));
    const memoryBudget = await smallBudget(api, file);
    const options = { threads: 1, memoryBudget };
    const found = await collect(api.streamPairs(file, { ...options, threshold: 0.9 }));
    expect(found).toEqual(await collect(api.streamPairs(x, { threshold: 0.9 })));
    const checkpoint = { save: () => {}, interval: 0 };
    expect(await api.topK(file, { ...options, k: 5, checkpoint })).toEqual(await api.topK(x, { k: 5 }));
    // One is in use, and one is being read.
    expect(most).toBe(1);
  });

  it('an abort while rows are read is an abort', async () => {
    const file = await stored(x);
    const controller = new AbortController();
    const call = api.topK(file, { k: 3, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });
});

const [automatic] = WAYS as readonly [Api, ...Api[]];

describe('files', () => {
  it('cause errors with a position if they become shorter or fail while they are read', async () => {
    const x = randomRows(500, 16);
    const bytes = Buffer.concat([encodeNpyHeaderOf('f4', x.shape), new Uint8Array(x.data.buffer)]);
    const fail = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    const faults = [
      { read: async () => ({ bytesRead: 0 }), error: 'rows.npy: byte 128: the file became shorter while it was being read' },
      {
        read: async () => {
          throw fail;
        },
        error: 'EIO: i/o error, read',
      },
    ];
    for (const { read, error } of faults) {
      let broken = false;
      const whole = bytesInMemory(bytes, 'rows.npy');
      const handle = {
        close: async () => {},
        async read(into: Uint8Array, at: number, length: number, position: number) {
          if (broken) return read();
          into.set(await whole.read(position, length), at);
          return { bytesRead: length };
        },
      };
      const file = await openBytes(bytes, bytesOfFile(handle, 'rows.npy', bytes.length));
      broken = true;
      await expect(automatic.topK(file, { k: 2 })).rejects.toThrow(error);
      if (error.includes('shorter')) await expect(automatic.topK(file, { k: 2 })).rejects.toThrow(FormatError);
    }
  });

  it('may be read a few bytes at a time', async () => {
    const x = randomRows(50, 7);
    const bytes = Buffer.concat([encodeNpyHeaderOf('f4', x.shape), new Uint8Array(x.data.buffer)]);
    const random = randomSource(3);
    const handle = {
      close: async () => {},
      async read(into: Uint8Array, at: number, length: number, position: number) {
        const count = Math.min(length, 1 + Math.floor(random() * 9));
        into.set(bytes.subarray(position, position + count), at);
        return { bytesRead: count };
      },
    };
    const file = await openBytes(bytes, bytesOfFile(handle, 'rows.npy', bytes.length));
    expect(await automatic.topK(file, { k: 3 })).toEqual(await automatic.topK(x, { k: 3 }));
  });

  it('with a header per row, or with small types, are widened while they are packed', async () => {
    const random = randomSource(9);
    const values = Int8Array.from({ length: 300 * 12 }, () => Math.floor(random() * 255) - 127);
    const i8bin = Buffer.concat([new Uint8Array(Uint32Array.of(300, 12).buffer), new Uint8Array(values.buffer)]);
    const small = await openRows(bytesInMemory(i8bin, 'rows.i8bin'));
    expect([small.type, small.shape]).toEqual(['int8', [300, 12]]);
    expect(await automatic.topK(small, { k: 4 })).toEqual(await automatic.topK({ data: values, shape: [300, 12] }, { k: 4 }));

    const rows = Array.from({ length: 40 }, () => Float32Array.from({ length: 6 }, () => random() - 0.5));
    const fvecs = Buffer.concat(rows.flatMap((row) => [new Uint8Array(Int32Array.of(6).buffer), new Uint8Array(row.buffer)]));
    const headed = await openRows(bytesInMemory(fvecs, 'rows.fvecs'));
    expect(await automatic.topK(headed, { k: 4 })).toEqual(await automatic.topK(rows, { k: 4 }));
  });

  it('are refused by the Sync call', async () => {
    const file = await stored(randomRows(5, 3));
    expect(() => automatic.cosineSimilaritySync(file)).toThrow(ArgumentError);
    expect(() => automatic.cosineSimilaritySync(file)).toThrow('rows in memory (cosineSimilarity reads files)');
    const { data } = await automatic.cosineSimilarity(file, file);
    expect(data.length).toBe(25);
  });

  it('of float64 keep their precision', async () => {
    const narrow = randomRows(30, 9);
    const x = { data: Float64Array.from(narrow.data, (value) => value + 1e-9), shape: narrow.shape };
    const { data } = await automatic.cosineSimilarity(await stored(x));
    expect(data).toBeInstanceOf(Float64Array);
    expect(Array.from(data)).toEqual(Array.from(automatic.cosineSimilaritySync(x).data));
  });
});

describe('plan', () => {
  it('states what is read: once in one pass, repeatedly in several', async () => {
    const file = await stored(similarRows(2600, 70, 5));
    const bytes = 2600 * 70 * 4;
    const one = automatic.plan.topK(file, { k: 5, threads: 2 });
    expect([one.passes, one.bytesRead, one.resultBytes]).toEqual([1, bytes, 2600 * 5 * 8]);
    const memoryBudget = await smallBudget(automatic, file);
    const some = automatic.plan.topK(file, { k: 5, threads: 2, memoryBudget });
    expect(some.passes).toBeGreaterThan(2);
    expect(some.bytesRead).toBeGreaterThan(2 * bytes);
    expect(some.memoryBytes).toBeLessThanOrEqual(memoryBudget);
  });

  it('refuses calls that do not fit in memory', async () => {
    const file = await stored(randomRows(100, 10));
    expect(() => automatic.plan.topK(file, { k: 5, memoryBudget: 1000 })).toThrow(MemoryError);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
