// Reads FlatBuffers, the encoding of Arrow's metadata: tables whose fields are located through a list of offsets. Every read is limited by
// the buffer (DataView throws) and every vector by the remaining bytes, so hostile metadata costs no more than its size.
//
// https://flatbuffers.dev/internals/

export class FlatTable {
  private constructor(
    private readonly view: DataView,
    private readonly at: number,
  ) {}

  /** Returns the root table of the buffer. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  /** Size of the buffer that contains the table. */
  get bufferBytes(): number {
    return this.view.byteLength;
  }

  /** Position of field number `field`, or 0 if it has its default. */
  #find(field: number): number {
    const offsets = this.at - this.view.getInt32(this.at, true);
    const place = 4 + 2 * field;
    if (place + 2 > this.view.getUint16(offsets, true)) return 0;
    const offset = this.view.getUint16(offsets + place, true);
    return offset === 0 ? 0 : this.at + offset;
  }

  byte(field: number): number {
    const at = this.#find(field);
    return at ? this.view.getUint8(at) : 0;
  }

  short(field: number, missing = 0): number {
    const at = this.#find(field);
    return at ? this.view.getInt16(at, true) : missing;
  }

  int(field: number, missing = 0): number {
    const at = this.#find(field);
    return at ? this.view.getInt32(at, true) : missing;
  }

  /** Returns a 64-bit count, which must be a safe integer. */
  count(field: number): number {
    const at = this.#find(field);
    return at ? countAt(this.view, at) : 0;
  }

  table(field: number): FlatTable | undefined {
    const at = this.#find(field);
    return at ? new FlatTable(this.view, at + this.view.getUint32(at, true)) : undefined;
  }

  text(field: number): string {
    const vector = this.#vector(field, 1);
    if (!vector) return '';
    const { buffer, byteOffset } = this.view;
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset + vector.at, vector.length));
  }

  tables(field: number): FlatTable[] {
    const vector = this.#vector(field, 4);
    return Array.from({ length: vector?.length ?? 0 }, (_, i) => {
      const at = (vector?.at ?? 0) + i * 4;
      return new FlatTable(this.view, at + this.view.getUint32(at, true));
    });
  }

  /** Reads a vector of structs of `size` bytes; `offsets` locate the 64-bit counts in each struct. */
  structs(field: number, size: number, offsets: readonly number[]): number[][] {
    const vector = this.#vector(field, size);
    return Array.from({ length: vector?.length ?? 0 }, (_, i) =>
      offsets.map((offset) => countAt(this.view, (vector?.at ?? 0) + i * size + offset)),
    );
  }

  #vector(field: number, size: number): { at: number; length: number } | undefined {
    const found = this.#find(field);
    if (!found) return undefined;
    const start = found + this.view.getUint32(found, true);
    const length = this.view.getUint32(start, true);
    if (length * size > this.view.byteLength - start - 4)
      throw new Error(`a vector of ${length} passes the end of the metadata`);
    return { at: start + 4, length };
  }
}

function countAt(view: DataView, at: number): number {
  const count = Number(view.getBigInt64(at, true));
  if (count < 0 || !Number.isSafeInteger(count)) throw new Error(`${count} is not a valid count`);
  return count;
}
