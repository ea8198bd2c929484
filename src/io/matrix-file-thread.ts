// The thread that writes blocks of a matrix to their positions in a .npy file (matrix-file.ts).

import { fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { elementBytes, type ScoreArray, viewScores } from '../rows/dtype.js';
import type { BlockPlace, MatrixFileShape, PlacedBlock, ThreadReply, ThreadRequest, WrittenBlock } from './matrix-file.js';
import { summarizeBlock } from './runs/score-summary.js';

const { path, dtype, cols: fileCols, header, symmetric } = workerData as MatrixFileShape;
const bytesOfScore = elementBytes(dtype);
const file = openSync(path, 'r+');

/**
 * The rows of a block are far apart in the file, and disks are faster with many at a time, so they are flushed this often and at the end. A
 * power cut may lose what came since; the checksums reveal it.
 */
const SYNC_MS = 30_000;
let synced = performance.now();

/**
 * Number of columns of a block that are transposed at a time. They become as many rows of the file, with elements from the same cache
 * lines.
 */
const COLUMNS_AT_ONCE = 64;

function write(block: PlacedBlock): WrittenBlock {
  const { rows, cols } = block;
  const scores = viewScores(dtype, block.scores, 0, rows * cols);
  let checksum = 0;
  for (let i = 0; i < rows; i++) {
    checksum = writeRow(scores, i * cols, cols, block.row + i, block.col, checksum);
  }
  if (block.mirrored) checksum = writeTransposed(block, scores, checksum);
  if (performance.now() - synced > SYNC_MS) sync();
  return { checksum, summary: summarizeBlock(scores, block, symmetric) };
}

function sync(): void {
  fdatasyncSync(file);
  synced = performance.now();
}

function writeTransposed({ row, col, rows, cols }: PlacedBlock, scores: ScoreArray, start: number): number {
  let checksum = start;
  // A row distance that is a power of two would map all rows to the same few cache sets.
  const stride = rows + 16;
  const some = viewScores(dtype, new ArrayBuffer(COLUMNS_AT_ONCE * stride * bytesOfScore), 0, COLUMNS_AT_ONCE * stride);
  for (let from = 0; from < cols; from += COLUMNS_AT_ONCE) {
    const count = Math.min(COLUMNS_AT_ONCE, cols - from);
    transpose(scores, from, cols, rows, count, some, stride);
    for (let j = 0; j < count; j++) checksum = writeRow(some, j * stride, rows, col + from + j, row, checksum);
  }
  return checksum;
}

/** `target[j * stride + i] = scores[from + i * cols + j]`, for i < rows, j < count. */
function transpose(
  scores: ScoreArray,
  from: number,
  cols: number,
  rows: number,
  count: number,
  target: ScoreArray,
  stride: number,
): void {
  for (let i = 0; i < rows; i++) {
    const source = from + i * cols;
    for (let j = 0; j < count; j++) target[j * stride + i] = scores[source + j] as number;
  }
}

/** Writes `length` scores to (row, col) of the file. Returns the checksum of them and everything before. */
function writeRow(scores: ScoreArray, from: number, length: number, row: number, col: number, checksum: number): number {
  const bytes = new Uint8Array(scores.buffer, scores.byteOffset + from * bytesOfScore, length * bytesOfScore);
  const position = positionOf(row, col);
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
  return crc32(bytes, checksum);
}

/** Reads a block, and its transpose, in the order in which `write` wrote them. */
function checksumOf({ row, col, rows, cols, mirrored }: BlockPlace): number {
  const bytes = new Uint8Array(Math.max(rows, cols) * bytesOfScore);
  let checksum = 0;
  const readRow = (at: number, from: number, length: number) => {
    const position = positionOf(at, from);
    for (let done = 0; done < length; ) {
      const count = readSync(file, bytes, done, length - done, position + done);
      // The file has become shorter; the checksum reveals it.
      if (count === 0) break;
      done += count;
    }
    checksum = crc32(bytes.subarray(0, length), checksum);
  };
  for (let i = 0; i < rows; i++) readRow(row + i, col, cols * bytesOfScore);
  if (mirrored) for (let j = 0; j < cols; j++) readRow(col + j, row, rows * bytesOfScore);
  return checksum;
}

function positionOf(row: number, col: number): number {
  return header + (row * fileCols + col) * bytesOfScore;
}

function answer(request: ThreadRequest): WrittenBlock | number {
  if (request.kind === 'write') return write(request.block);
  if (request.kind === 'verify') return checksumOf(request.place);
  sync();
  return 0;
}

parentPort?.on('message', (request: ThreadRequest) => {
  let reply: ThreadReply;
  try {
    reply = { done: answer(request) };
  } catch (error) {
    const { message, code, syscall } = error as NodeJS.ErrnoException;
    reply = { failed: { message, ...(code && { code }), ...(syscall && { syscall }) } };
  }
  parentPort?.postMessage(reply);
});
