// Computes small dense problems with one call of the kernels (wasm/small.ts), in a memory of their own.

import { MemoryError } from '../../errors.js';
import { lengthNow, type ScoreArray } from '../../rows/dtype.js';
import type { ComputeSmall } from '../backend.js';
import { Arena } from './arena.js';
import type { KernelBuild } from './binary.js';
import { PANEL_STEP_BYTES } from './constants.js';
import { roundUp } from './layout.js';

const ALIGNMENT = 64;
/** Address 0 cannot hold scores. */
const FIRST_ADDRESS = ALIGNMENT;
/** Larger arenas are not kept. */
const KEPT_BYTES = 2 ** 22;

/** Returns a function that computes small problems with this build of the kernels. */
export function smallComputer(build: KernelBuild): ComputeSmall {
  let kept: Arena | undefined;
  return (result, depth, zeroNonFinite, x, xOffset, xRows, y, yOffset, yRows) => {
    const xLength = xRows * depth;
    const yLength = yRows * depth;
    if (lengthNow(x) < xOffset + xLength || (y && lengthNow(y) < yOffset + yLength)) return false;
    if (lengthNow(result) !== xRows * (y ? yRows : xRows)) return false;
    const yAt = FIRST_ADDRESS + roundUp(xLength * x.BYTES_PER_ELEMENT, ALIGNMENT);
    const bytes = bytesAfterRows(result.BYTES_PER_ELEMENT, depth, xRows, yRows) + yAt + yLength * (y ? y.BYTES_PER_ELEMENT : 0);
    const arena = arenaOf(build, kept, bytes);
    kept = undefined;
    if (!arena) return false;
    copyRows(arena, x, xOffset, xLength, FIRST_ADDRESS);
    if (y) copyRows(arena, y, yOffset, yLength, yAt);
    const doubles = result instanceof Float64Array;
    const xDoubles = x instanceof Float64Array;
    const yDoubles = y instanceof Float64Array;
    const at = arena.kernels.computeSmall(FIRST_ADDRESS, depth, xRows, yRows, doubles, xDoubles, yDoubles, zeroNonFinite);
    if (at > 0) {
      const from = at / result.BYTES_PER_ELEMENT;
      result.set((doubles ? arena.float64 : arena.float32).subarray(from, from + result.length));
    }
    if (arena.bytes <= KEPT_BYTES) kept = arena;
    return at > 0;
  };
}

/** Returns an arena with space for `bytes`, `kept` if possible; undefined if there is not enough memory. */
function arenaOf(build: KernelBuild, kept: Arena | undefined, bytes: number): Arena | undefined {
  try {
    if (!kept) return new Arena(build, false, bytes);
    kept.reserve(bytes);
    return kept;
  } catch (error) {
    if (error instanceof MemoryError) return undefined;
    throw error;
  }
}

function copyRows({ float32, float64 }: Arena, rows: ScoreArray, offset: number, length: number, address: number): void {
  const part = offset === 0 && length === rows.length ? rows : rows.subarray(offset, offset + length);
  if (rows instanceof Float32Array) float32.set(part, address / 4);
  else float64.set(part, address / 8);
}

/** Returns the maximum number of bytes that the kernels use after the rows, for scores of `size` bytes. */
function bytesAfterRows(size: number, depth: number, xRows: number, yRows: number): number {
  const panelRows = PANEL_STEP_BYTES / size;
  const xPadded = roundUp(xRows, panelRows);
  const yPadded = roundUp(yRows, panelRows);
  const cols = yPadded || xPadded;
  const packed = (xPadded + yPadded) * (depth + 2) * size;
  const factors = Math.max(xRows, yRows) * 8;
  // Ten parts begin at multiples of ALIGNMENT.
  return packed + factors + 2 * xPadded * cols * size + 10 * ALIGNMENT;
}
