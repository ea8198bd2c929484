// Computes the tiles of a matrix from a job's memory and its layout, on any thread.

import { type DType, type ScoreArray, viewScores } from '../../rows/dtype.js';
import type { JobShape } from '../backend.js';
import type { FinishedTile, TileScorer } from '../tiled/tile-backend.js';
import type { Tile } from '../work.js';
import type { Kernels, SumsArguments } from './kernels.js';
import { type Layout, roundUp, type TileScratch } from './layout.js';

export class MatrixTiles implements TileScorer {
  private readonly kernels: ReturnType<typeof kernelsFor>;
  protected readonly size: number;
  protected readonly heap: ArrayBufferLike;
  protected readonly finished: FinishedTile;

  constructor(
    kernels: Kernels,
    protected readonly shape: JobShape,
    protected readonly layout: Layout,
    protected readonly scratch: TileScratch,
    heap: ScoreArray,
  ) {
    this.kernels = kernelsFor(kernels, shape.dtype);
    this.size = heap.BYTES_PER_ELEMENT;
    this.heap = heap.buffer;
    this.finished = { scores: heap, direct: scratch.out / this.size, mirrored: -1 };
  }

  computeTile(tile: Tile): FinishedTile {
    const { scratch, size, finished, kernels } = this;
    const transposed = tile.mirrored && this.shape.purpose.kind === 'dense';
    let mirrored = 0;
    if (tile.diagonal) mirrored = scratch.out;
    else if (transposed) mirrored = scratch.mirrored;
    kernels.scores(...this.sum(tile), scratch.out, mirrored);
    finished.mirrored = transposed ? mirrored / size : -1;
    return finished;
  }

  /** Computes the sums of a tile, and returns what epilogue kernels need to know about them. */
  protected sum(tile: Tile): SumsArguments {
    const sums = this.sumsArguments(tile);
    const [address, stride, , , , , rows, cols, triangle] = sums;
    if (this.shape.sparse) {
      const { kernels, scratch } = this;
      const { slots, entries, postings, accumulators } = scratch.index;
      const { x, [tile.colOperand]: y } = this.layout;
      const colStarts = y.starts + tile.colStart * 4;
      const last = kernels.index(colStarts, y.columns, y.values, cols, slots, entries, postings);
      const rowsAt = [x.starts + tile.rowStart * 4, x.columns, x.values, rows] as const;
      kernels.sparse(...rowsAt, slots, entries, last, postings, accumulators, address, stride, cols, triangle);
      return sums;
    }
    const { a, b } = this.panels(tile);
    this.kernels.gram(a, b, address, stride, rows, cols, this.shape.depth, triangle);
    return sums;
  }

  /** The same for panels of any depth. */
  protected gram(...args: Parameters<Kernels['gramF32']>): void {
    this.kernels.gram(...args);
  }

  protected sumsArguments(tile: Tile): SumsArguments {
    const { layout, scratch, size } = this;
    const { x, [tile.colOperand]: y } = layout;
    const cols = tile.colEnd - tile.colStart;
    return [
      scratch.sums,
      roundUp(cols, layout.panelRows) * size,
      x.inverses + tile.rowStart * size,
      y.inverses + tile.colStart * size,
      x.guards + tile.rowStart * size,
      y.guards + tile.colStart * size,
      tile.rowEnd - tile.rowStart,
      cols,
      tile.diagonal,
    ];
  }

  /** Returns the panels in which the rows and the columns of a tile begin. */
  protected panels(tile: Tile): { a: number; b: number } {
    const { panelRows, panelBytes, x, [tile.colOperand]: y } = this.layout;
    return {
      a: x.panels + (tile.rowStart / panelRows) * panelBytes,
      b: y.panels + (tile.colStart / panelRows) * panelBytes,
    };
  }

  protected integers(address: number, length: number): Uint32Array {
    return new Uint32Array(this.heap, address, length);
  }

  protected values(address: number, length: number): ScoreArray {
    return viewScores(this.shape.dtype, this.heap, address, length);
  }
}

function kernelsFor(kernels: Kernels, dtype: DType) {
  return dtype === 'float32'
    ? { gram: kernels.gramF32, scores: kernels.scoresF32, index: kernels.indexF32, sparse: kernels.sparseF32 }
    : { gram: kernels.gramF64, scores: kernels.scoresF64, index: kernels.indexF64, sparse: kernels.sparseF64 };
}
