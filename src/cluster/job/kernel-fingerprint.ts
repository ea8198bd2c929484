// A checksum of the bits that the kernels compute for a few numbers. Kernels of the same name may round differently on another machine:
// those of WebAssembly use fused multiply-adds only if engine and processor support them.

import { crc32 } from 'node:zlib';
import { type BackendName, cosineSimilarity, type DType } from '../../index.js';

const ROWS = 48;
/** Longer than a depth block. */
const DEPTH = 700;

/** Resolves to the same string on all machines where `backend` computes the same bits. Rejects with an UnsupportedError if it cannot run here. */
export async function kernelFingerprint(backend: BackendName, dtype: DType): Promise<string> {
  const data = dtype === 'float32' ? new Float32Array(ROWS * DEPTH) : new Float64Array(ROWS * DEPTH);
  // Full-precision numbers that are the same on every machine, because no function of the runtime computes them.
  let state = 1;
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[at] = state / 2 ** 32 - 0.5;
  }
  const { data: scores } = await cosineSimilarity({ data, shape: [ROWS, DEPTH] }, { backend, dtype });
  return crc32(new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength)).toString(16);
}
