// Memory of the blocks that a reader makes: used again, because garbage collections may come too late to keep memory within a limit.

import type { StagedType } from './row-source.js';

/**
 * Returns a function that gives room for a number of elements, which may hold those of an earlier block. It gives two buffers in turn: a block is
 * valid until the next but one.
 */
export function twoBuffers(staged: StagedType): (length: number) => Float32Array | Float64Array {
  let last: Float32Array | Float64Array | undefined;
  let other: Float32Array | Float64Array | undefined;
  return (length) => {
    let next = other;
    if (!next || next.length < length) next = staged === 'float32' ? new Float32Array(length) : new Float64Array(length);
    other = last;
    last = next;
    return next.subarray(0, length);
  };
}
