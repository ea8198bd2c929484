// The oracle: three nested float64 loops. It is slow and meant to be obviously correct; every other backend is tested against it.
//
// Rows are scaled by a power of two so that their largest element is near 1. This keeps every square and sum within float64 for any input
// and changes no digit. For equal rows, dot / sqrt(dot_ii dot_jj) is then exactly 1, because the square root of a square is exact.

import { CsrRows } from '../rows/csr-rows.js';
import { type DType, elementBytes, type ScoreArray, viewScores } from '../rows/dtype.js';
import type { RowSource } from '../rows/row-source.js';
import type { JobShape } from './backend.js';
import { dot, type Memory, type Operand, ReferenceTiles } from './reference-tiles.js';
import { type PackedSparse, packSparse } from './sparse/packed-sparse.js';
import type { TileBackend, TileComputer, TileJob } from './tiled/tile-backend.js';

/** Rows of a tile, and the maximum number of rows that are copied at a time. */
const TILE_ROWS = 64;
/** Multiply-adds of a tile. */
const TILE_WORK = 1e7;

class ReferenceJob implements TileJob {
  readonly packBlock = TILE_ROWS;
  readonly tiles: TileComputer;
  readonly matrix: TileComputer;
  private readonly memory: Memory;

  constructor(shape: JobShape) {
    const x = allocateOperand(shape, shape.xRows, shape.sparse?.xNonzeros);
    const y = shape.yRows > 0 ? allocateOperand(shape, shape.yRows, shape.sparse?.yNonzeros) : x;
    this.memory = { shape, x, y, scores: allocateScores(shape) };
    this.tiles = new ReferenceTiles(this.memory);
    this.matrix = this.tiles;
  }

  /** Its shapes have no sketches. */
  setSketching(): void {}

  /** It computes every pair. */
  setColumnRanks(): void {}

  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number {
    const { rows, squares, sparse } = this.memory[operand];
    const { depth } = this.memory.shape;
    if (sparse && source instanceof CsrRows) {
      const bad = packSparse(source, from, to, at, zeroNonFinite, sparse);
      for (let row = at; bad < 0 && row < at + to - from; row++) {
        const values = sparse.values.subarray(sparse.starts[row], sparse.starts[row + 1]) as Float64Array;
        squares[row] = dot(values, values, values.length);
      }
      return bad;
    }
    source.copyRows(from, to, rows, at * depth);
    for (let i = 0; i < to - from; i++) {
      const row = rows.subarray((at + i) * depth, (at + i + 1) * depth);
      const finite = row.every(Number.isFinite);
      if (!finite && !zeroNonFinite) return from + i;
      if (finite) scaleRow(row);
      else row.fill(0);
      squares[at + i] = dot(row, row, depth);
    }
    return -1;
  }

  zeroRows(operand: 'x' | 'y', at: number, count: number): number[] {
    const { squares } = this.memory[operand];
    return Array.from({ length: count }, (_, i) => i).filter((i) => squares[at + i] === 0);
  }

  setGroups(operand: 'x' | 'y', at: number, groups: Uint32Array): void {
    this.memory[operand].groups.set(groups, at);
  }

  setThresholds(operand: 'x' | 'y', at: number, thresholds: Float64Array): void {
    this.memory[operand].thresholds.set(thresholds, at);
  }

  share(): Memory {
    // A separate tile buffer for the thread that receives this.
    return { ...this.memory, scores: allocateScores(this.memory.shape) };
  }

  release(): void {}
}

/** Multiplies by the power of two that brings the largest element into [1, 2), in two steps, because a single factor can overflow. */
function scaleRow(row: Float64Array): void {
  let largest = 0;
  for (const value of row) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return;
  let lift = 1;
  if (largest < 2 ** -1022) lift = 2 ** 54;
  const exponent = exponentOf(largest * lift);
  const half = Math.floor(-exponent / 2);
  for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) * lift * 2 ** half * 2 ** (-exponent - half);
}

/** Returns the binary exponent of a normal float64. */
function exponentOf(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  return ((bits.getUint16(0) >> 4) & 0x7ff) - 1023;
}

function allocateOperand(shape: JobShape, rows: number, nonzeros: number | undefined): Operand {
  const elements = nonzeros === undefined ? rows * shape.depth : 0;
  return {
    rows: new Float64Array(allocate(shape, elements * 8)),
    sparse: nonzeros === undefined ? undefined : allocateSparse(shape, rows, nonzeros),
    squares: new Float64Array(allocate(shape, rows * 8)),
    groups: new Uint32Array(allocate(shape, shape.grouping ? rows * 4 : 0)),
    thresholds: new Float64Array(allocate(shape, shape.thresholds ? rows * 8 : 0)),
  };
}

function allocateSparse(shape: JobShape, rows: number, nonzeros: number): PackedSparse {
  return {
    starts: new Uint32Array(allocate(shape, (rows + 1) * 4)),
    columns: new Uint32Array(allocate(shape, nonzeros * 4)),
    values: new Float64Array(allocate(shape, nonzeros * 8)),
    inverses: new Float64Array(allocate(shape, rows * 8)),
    guards: new Float64Array(allocate(shape, rows * 8)),
  };
}

function allocateScores(shape: JobShape): ScoreArray {
  const length = 2 * shape.tileRows ** 2;
  return viewScores(shape.dtype, allocate(shape, length * elementBytes(shape.dtype)), 0, length);
}

function allocate(shape: JobShape, bytes: number): ArrayBufferLike {
  return shape.onThreads ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}

/** Plain loops in JavaScript, which run everywhere. */
export const referenceBackend: TileBackend = {
  name: 'reference',
  description: 'plain float64 loops in JavaScript',
  smallWork: 5e5,
  packedLimit: 2 ** 32,
  tileRows: (_dtype: DType, depth: number, stored = depth) =>
    Math.max(1, Math.min(TILE_ROWS, Math.floor(Math.sqrt(TILE_WORK / (stored + 1))))),
  tileStep: () => 1,
  panelRows: () => 1,
  depthBlock: Number.POSITIVE_INFINITY,
  // The reference for other backends computes every pair.
  pruningCosts: undefined,
  filtersSparse: false,
  packedBytes: (_dtype: DType, rows: number, depth: number) => rows * (depth + 1) * 8,
  scratchBytes: (shape: JobShape) => {
    const { dtype, threads, tileRows, sparse, grouping, thresholds } = shape;
    const rows = shape.xRows + shape.yRows;
    // Sparse rows are float64 even if the scores are float32.
    const wider = sparse && dtype === 'float32' ? 4 * (sparse.xNonzeros + sparse.yNonzeros) + 8 * rows : 0;
    return threads * 2 * tileRows ** 2 * elementBytes(dtype) + rows * ((grouping ? 4 : 0) + (thresholds ? 8 : 0)) + wider;
  },
  createJob: (shape: JobShape) => new ReferenceJob(shape),
};
