// A buffer that is used again for page after page, because freed buffers wait for the garbage collector.

import { freeBuffer } from '../bytes/free-buffer.js';

/** Smaller buffers are not worth keeping, and may share their memory with others. */
const MIN_BYTES = 2 ** 16;

export class SpareBuffer {
  #spare: Uint8Array<ArrayBuffer> | undefined;

  /** Returns `length` bytes with any contents. */
  take = (length: number): Uint8Array<ArrayBuffer> => {
    const spare = this.#spare;
    if (length < MIN_BYTES || !spare || spare.length < length) return new Uint8Array(length);
    this.#spare = undefined;
    return spare.subarray(0, length);
  };

  /** Keeps or frees the buffer of `bytes`, which nothing else may use any more. */
  give({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (buffer.byteLength < MIN_BYTES) return;
    const spare = this.#spare;
    const larger = buffer.byteLength > (spare?.length ?? 0);
    if (larger) this.#spare = new Uint8Array(buffer);
    const other = larger ? spare?.buffer : buffer;
    if (other) freeBuffer(other);
  }
}
