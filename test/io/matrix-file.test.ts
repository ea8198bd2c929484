import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMatrixFile, MatrixFileWriter, type PlacedBlock } from '#src/io/matrix-file.js';
import { decodeNpy } from '#src/io/rows/npy.js';
import { joinSummaries, NO_SCORES, summarizeBlock } from '#src/io/runs/score-summary.js';
import { randomSource } from '../random.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-matrix-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Returns a symmetric matrix, and its blocks of `size` rows on and above the diagonal. */
function symmetric(rows: number, size: number, seed: number) {
  const random = randomSource(seed);
  const whole = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) whole[i * rows + j] = whole[j * rows + i] = random() - 0.5;
  }
  const blocks: PlacedBlock[] = [];
  for (let row = 0; row < rows; row += size) {
    for (let col = row; col < rows; col += size) {
      const [height, width] = [Math.min(size, rows - row), Math.min(size, rows - col)];
      const scores = new Float32Array(new SharedArrayBuffer(4 * height * width));
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) scores[i * width + j] = whole[(row + i) * rows + col + j] as number;
      }
      blocks.push({ row, col, rows: height, cols: width, mirrored: col > row, scores: scores.buffer });
    }
  }
  return { whole, blocks };
}

async function writer(name: string, rows: number) {
  const path = join(folder, name);
  const shape = { path, dtype: 'float32', rows, cols: rows, symmetric: true } as const;
  return { path, writing: new MatrixFileWriter(await createMatrixFile(shape, false)) };
}

describe('a matrix file', () => {
  it.each([1, 7, 64, 65, 200])('has every block and its transpose in place: blocks of %i rows', async (size) => {
    const { whole, blocks } = symmetric(150, size, size);
    const { path, writing } = await writer(`blocks-${size}.npy`, 150);
    let summary = NO_SCORES;
    for (const block of blocks.reverse()) {
      const written = await writing.write(block);
      summary = joinSummaries(summary, written.summary);
      expect(await writing.checksumOf(block)).toBe(written.checksum);
    }
    await writing.sync();
    await writing.close();
    expect(Array.from(decodeNpy(await readFile(path)).data)).toEqual(Array.from(whole));
    const expected = summarizeBlock(whole, { row: 0, col: 0, rows: 150, cols: 150 }, true);
    expect(summary).toEqual({ ...expected, sum: expect.closeTo(expected.sum, 6) });
    expect(summary.count).toBe((150 * 149) / 2);
  });

  it('has different checksums after it was changed or truncated', async () => {
    const { blocks } = symmetric(40, 20, 3);
    const { path, writing } = await writer('changed.npy', 40);
    const [first, , last] = blocks as [PlacedBlock, PlacedBlock, PlacedBlock];
    const sums = [await writing.write(first), await writing.write(last)].map(({ checksum }) => checksum);
    await truncate(path, 1000);
    expect([await writing.checksumOf(first), await writing.checksumOf(last)].map((sum, at) => sum === sums[at])).toEqual([
      false,
      false,
    ]);
    await writing.close();
  });

  it('reports that its thread has ended, immediately and in later calls', async () => {
    const { blocks } = symmetric(40, 20, 3);
    const { writing } = await writer('ended.npy', 40);
    const written = writing.write(blocks[0] as PlacedBlock);
    const end = (writing as unknown as { thread: { terminate(): Promise<number> } }).thread.terminate();
    await expect(Promise.all([written, end]).then(() => writing.write(blocks[1] as PlacedBlock))).rejects.toThrow(
      /the thread that writes .*ended\.npy ended with code \d/,
    );
  });

  it('is named in the error if it cannot be written', async () => {
    const path = join(folder, 'nowhere', 'matrix.npy');
    const writing = new MatrixFileWriter({ path, dtype: 'float32', rows: 2, cols: 2, header: 128, symmetric: true });
    const { blocks } = symmetric(2, 2, 1);
    await expect(writing.write(blocks[0] as PlacedBlock)).rejects.toThrow(/ENOENT.*nowhere/);
  });
});

describe('a summary', () => {
  it('names the first of equal scores', () => {
    const scores = Float32Array.of(1, 0.5, 0.5, 0.5, 1, 0.25, 0.5, 0.25, 1);
    const summary = summarizeBlock(scores, { row: 0, col: 0, rows: 3, cols: 3 }, true);
    expect(summary).toEqual({
      count: 3,
      highest: { row: 0, col: 1, score: 0.5 },
      lowest: { row: 1, col: 2, score: 0.25 },
      sum: 1.25,
    });
    const other = summarizeBlock(scores, { row: 9, col: 3, rows: 3, cols: 3 }, false);
    expect(joinSummaries(other, summary).highest).toEqual({ row: 9, col: 3, score: 1 });
    expect(joinSummaries(summary, NO_SCORES)).toEqual(summary);
  });
});
