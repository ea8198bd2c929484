// The arithmetic of the reference backend.

import type { DType, ScoreArray } from '../rows/dtype.js';
import { type PackedRow, reachesExactly } from '../rows/exact-cosine.js';
import type { JobShape } from './backend.js';
import { higherThreshold, RowGroups } from './row-marks.js';
import { type PackedSparse, writeUnion } from './sparse/packed-sparse.js';
import type { FinishedTile, TileComputer } from './tiled/tile-backend.js';
import type { Tile } from './work.js';

export interface Operand {
  /** Scaled rows, stored consecutively; empty for sparse rows. */
  readonly rows: Float64Array;
  /** Scaled sparse rows. */
  readonly sparse: PackedSparse | undefined;
  /** Each row's product with itself; 0 for a zero row. */
  readonly squares: Float64Array;
  /** The groups of rows, and their thresholds, if the shape has them. */
  readonly groups: Uint32Array;
  readonly thresholds: Float64Array;
}

export interface Memory {
  readonly shape: JobShape;
  readonly x: Operand;
  readonly y: Operand;
  readonly scores: ScoreArray;
}

export class ReferenceTiles implements TileComputer {
  readonly groups: RowGroups | undefined;
  readonly thresholdOf: TileComputer['thresholdOf'];
  private readonly finished: FinishedTile;

  constructor(private readonly memory: Memory) {
    const { shape, x, y } = memory;
    this.finished = { scores: memory.scores, direct: 0, mirrored: -1 };
    this.groups = shape.grouping && new RowGroups({ x: x.groups, y: y.groups }, shape.grouping);
    if (shape.thresholds) this.thresholdOf = higherThreshold({ x: x.thresholds, y: y.thresholds });
  }

  computeTile(tile: Tile): FinishedTile {
    const { shape, x, scores } = this.memory;
    const y = this.memory[tile.colOperand];
    const rows = tile.rowEnd - tile.rowStart;
    const cols = tile.colEnd - tile.colStart;
    const transpose = rows * cols;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        const score = cosine(x, tile.rowStart + i, y, tile.colStart + j, shape);
        scores[i * cols + j] = score;
        if (tile.mirrored) scores[transpose + j * rows + i] = score;
      }
    }
    this.finished.mirrored = tile.mirrored ? transpose : -1;
    return this.finished;
  }

  reaches(tile: Tile, row: number, col: number, score: number, threshold: number): boolean {
    const { shape, x } = this.memory;
    const error = SCORE_ERRORS[shape.dtype];
    if (score < threshold - error) return false;
    if (score >= threshold + error) return true;
    const y = this.memory[tile.colOperand];
    const { a, b, depth } = rowsSideBySide(x, tile.rowStart + row, y, tile.colStart + col, shape);
    return reachesExactly(asRead(shape, a), asRead(shape, b), depth, threshold);
  }
}

/** Returns two rows, limited for sparse rows to the columns that either of them has. */
function rowsSideBySide(x: Operand, i: number, y: Operand, j: number, { depth, sparse }: JobShape) {
  if (!x.sparse || !y.sparse || !sparse) {
    return { a: x.rows.subarray(i * depth, (i + 1) * depth), b: y.rows.subarray(j * depth, (j + 1) * depth), depth };
  }
  const a = new Float64Array(2 * sparse.rowNonzeros);
  const b = new Float64Array(2 * sparse.rowNonzeros);
  return { a, b, depth: writeUnion(x.sparse, i, y.sparse, j, a, b, 1) };
}

/** Exceeds the difference between scores and the true cosine of rows that are rounded to the type of scores. */
const SCORE_ERRORS: Record<DType, number> = { float32: 1e-6, float64: 1e-14 };

/** Returns a row rounded to its type. */
function asRead({ dtype }: JobShape, row: Float64Array): PackedRow {
  return { values: dtype === 'float64' ? row : Float32Array.from(row), at: 0, stride: 1 };
}

function cosine(x: Operand, i: number, y: Operand, j: number, shape: JobShape): number {
  const squares = (x.squares[i] as number) * (y.squares[j] as number);
  if (squares === 0) return 0;
  const { a, b, depth } = rowsSideBySide(x, i, y, j, shape);
  return Math.max(-1, Math.min(1, dot(a, b, depth) / Math.sqrt(squares)));
}

/**
 * Uses compensated summation (Neumaier), because over tens of thousands of elements the error of a plain running sum exceeds the contract.
 */
export function dot(a: Float64Array, b: Float64Array, depth: number): number {
  let sum = 0;
  let lost = 0;
  for (let k = 0; k < depth; k++) {
    const product = (a[k] as number) * (b[k] as number);
    const next = sum + product;
    lost += Math.abs(sum) >= Math.abs(product) ? sum - next + product : product - next + sum;
    sum = next;
  }
  return sum + lost;
}
