// Memory of the blocks that a reader makes: used again, because garbage collections may come too late to keep memory within a limit.

import type { StagedType } from './row-source.js';

/** Two buffers in turn: a block is valid until the second next call of `read`. */
export class BlockBuffers {
  private readonly buffers: (Float32Array | Float64Array | undefined)[] = [undefined, undefined];
  private turn = 0;

  constructor(private readonly staged: StagedType) {}

  /** Returns room for `length` elements, which may hold those of an earlier block. */
  next(length: number): Float32Array | Float64Array {
    this.turn = 1 - this.turn;
    let buffer = this.buffers[this.turn];
    if (!buffer || buffer.length < length) {
      buffer = this.staged === 'float32' ? new Float32Array(length) : new Float64Array(length);
      this.buffers[this.turn] = buffer;
    }
    return buffer.subarray(0, length);
  }
}
