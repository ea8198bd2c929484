// A buffer that is used again for page after page, because freed buffers wait for the garbage collector.

import { freeBuffer } from '../bytes/free-buffer.js';

/** Smaller buffers are not worth keeping. */
const MIN_BYTES = 2 ** 16;

export class SpareBuffer {
  #spare: Uint8Array<ArrayBuffer> | undefined;
  /** Others, such as the results of zlib, may share their memory with buffers of the caller. */
  readonly #own = new WeakSet<ArrayBuffer>();

  /** Returns `length` bytes with any contents. */
  take = (length: number): Uint8Array<ArrayBuffer> => {
    const spare = this.#spare;
    if (length >= MIN_BYTES && spare && spare.length >= length) {
      this.#spare = undefined;
      return spare.subarray(0, length);
    }
    const bytes = new Uint8Array(length);
    if (length >= MIN_BYTES) this.#own.add(bytes.buffer);
    return bytes;
  };

  /** Keeps or frees the buffer of `bytes`, which nothing else may use any more. Does nothing if it does not come from `take`. */
  give({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (!this.#own.has(buffer)) return;
    const spare = this.#spare;
    const larger = buffer.byteLength > (spare?.length ?? 0);
    if (larger) this.#spare = new Uint8Array(buffer);
    const other = larger ? spare?.buffer : buffer;
    if (other) freeBuffer(other);
  }
}
