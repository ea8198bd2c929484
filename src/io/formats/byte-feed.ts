// Bytes that arrive in pieces and are taken in lengths that the reader chooses. Data that is decompressed a piece at a time can be read as
// if it were all in memory.

const NO_BYTES = new Uint8Array(0);
/** Up to this size, the buffer is allocated before the bytes have arrived. */
const JOINED_BYTES = 2 ** 21;

export class ByteFeed {
  #piece: Uint8Array<ArrayBuffer>;
  #at = 0;
  #ended: boolean;

  private constructor(
    first: Uint8Array<ArrayBuffer>,
    private readonly pieces: AsyncIterator<Uint8Array<ArrayBuffer>> | undefined,
  ) {
    this.#piece = first;
    this.#ended = pieces === undefined;
  }

  static of(bytes: Uint8Array<ArrayBuffer>): ByteFeed {
    return new ByteFeed(bytes, undefined);
  }

  /** A piece needs to be valid only until the next one is requested. */
  static from(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): ByteFeed {
    return new ByteFeed(NO_BYTES, pieces[Symbol.asyncIterator]());
  }

  /** Returns exactly `length` bytes, valid until the next call; synchronous if they are in memory. Throws an Error if fewer are left. */
  take(length: number): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
    const { length: end } = this.#piece;
    if (length <= end - this.#at) {
      this.#at += length;
      return this.#piece.subarray(this.#at - length, this.#at);
    }
    if (this.#ended) throw new Error(`${length} bytes where ${end - this.#at} are left`);
    return this.#join(length);
  }

  /** Fills `target` with the next bytes; synchronous if they are in memory. Throws an Error if fewer are left. */
  copyTo(target: Uint8Array): void | Promise<void> {
    const { length } = target;
    if (length > this.#piece.length - this.#at && !this.#ended) return this.#fill(target).then(() => {});
    target.set(this.take(length) as Uint8Array);
  }

  /** Like `take`, but returns what is left if that is less. */
  async takeUpTo(length: number): Promise<Uint8Array> {
    if (this.#at === this.#piece.length) await this.ended();
    const count = Math.min(length, this.#piece.length - this.#at);
    this.#at += count;
    return this.#piece.subarray(this.#at - count, this.#at);
  }

  /** Skips `length` bytes. Throws an Error if fewer are left. */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const { length: passed } = await this.takeUpTo(left);
      if (passed === 0) throw new Error(`${length} bytes where ${length - left} are left`);
      left -= passed;
    }
  }

  /** True if all remaining bytes are in memory. */
  get isWhole(): boolean {
    return this.#ended;
  }

  /** Returns all remaining bytes, in a buffer that stays valid. */
  async rest(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#ended) return this.#piece.subarray(this.#at);
    return this.#join(undefined);
  }

  /** True if no bytes are left. */
  async ended(): Promise<boolean> {
    while (this.#at === this.#piece.length && (await this.#next()));
    return this.#at === this.#piece.length;
  }

  /** Frees resources if reading stops early. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.pieces?.return?.();
  }

  /** Allocates nothing for bytes that have not arrived. */
  async #join(length: number | undefined): Promise<Uint8Array<ArrayBuffer>> {
    if (length !== undefined && length <= JOINED_BYTES) return this.#fill(new Uint8Array(length));
    const parts: Uint8Array[] = [];
    let sum = 0;
    while (length === undefined || sum < length) {
      if (this.#at === this.#piece.length && !(await this.#next())) {
        if (length === undefined) break;
        throw new Error(`${length} bytes where ${sum} are left`);
      }
      const count = Math.min(this.#piece.length - this.#at, (length ?? Number.POSITIVE_INFINITY) - sum);
      parts.push(this.#piece.slice(this.#at, this.#at + count));
      this.#at += count;
      sum += count;
    }
    const [only] = parts;
    if (parts.length === 1) return only as Uint8Array<ArrayBuffer>;
    const joined = new Uint8Array(sum);
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  async #fill<T extends Uint8Array>(target: T): Promise<T> {
    for (let filled = 0; filled < target.length; ) {
      if (this.#at === this.#piece.length && !(await this.#next()))
        throw new Error(`${target.length} bytes where ${filled} are left`);
      const count = Math.min(this.#piece.length - this.#at, target.length - filled);
      target.set(this.#piece.subarray(this.#at, this.#at + count), filled);
      this.#at += count;
      filled += count;
    }
    return target;
  }

  async #next(): Promise<boolean> {
    if (this.#ended || !this.pieces) return false;
    const next = await this.pieces.next();
    if (next.done) {
      this.#ended = true;
      return false;
    }
    this.#piece = next.value;
    this.#at = 0;
    return true;
  }
}
