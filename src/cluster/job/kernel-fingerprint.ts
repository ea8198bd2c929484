// What kernels make of a few numbers, as a checksum of all its bits. Kernels of one name may round otherwise on another machine: those of
// WebAssembly multiply and add in one step where engine and processor can, in two elsewhere.

import { crc32 } from 'node:zlib';
import { type BackendName, cosineSimilaritySync, type DType } from '../../index.js';

const ROWS = 48;
/** Longer than the blocks in which sums are added up. */
const DEPTH = 700;

/** The same where scores of `backend` have the same bits. Throws UnsupportedError where it cannot run here. */
export function kernelFingerprint(backend: BackendName, dtype: DType): string {
  const data = dtype === 'float32' ? new Float32Array(ROWS * DEPTH) : new Float64Array(ROWS * DEPTH);
  // Numbers with all digits, the same on every machine: no function of the runtime's is asked for them.
  let state = 1;
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[at] = state / 2 ** 32 - 0.5;
  }
  const { data: scores } = cosineSimilaritySync({ data, shape: [ROWS, DEPTH] }, { backend, dtype });
  return crc32(new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength)).toString(16);
}
