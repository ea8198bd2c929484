// Rows in a file, read by position a block at a time.

import { AllpairsError, MemoryError } from '../../errors.js';
import { Matrix } from '../../rows/dense-matrix.js';
import { elementBytes } from '../../rows/dtype.js';
import { bytesOfElement, MACHINE_IS_LITTLE_ENDIAN, stagedTypeOfElement, widenElements } from '../../rows/element-type.js';
import { ContiguousRows, type RowSource } from '../../rows/row-source.js';
import { type BlockReader, StoredRows } from '../../rows/stored-rows.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { Origin } from '../columns/choose.js';
import type { FlatRows } from './row-reader.js';

/** One of the files whose rows were joined. */
export interface JoinedFile {
  readonly name: string;
  /** Number of its first row among all rows, including rows without a vector, even if they are skipped. */
  readonly firstRow: number;
  readonly rows: number;
}

/** What is known about decoded rows besides their numbers. */
export interface DecodedRows {
  /** Numbers in the file of rows without a vector, ascending. */
  readonly nullRows: readonly number[];
  /** True if those are skipped, so that rows have other numbers here than in the file. */
  readonly skipsNulls: boolean;
  /** A name for each row, if the file contains names. */
  readonly labels?: readonly string[];
  /** The files whose rows these are, if there are several. */
  readonly files?: readonly JoinedFile[];
}

/** An open file of rows, which every call accepts as rows. Close it when no call uses it any more. */
export class RowFile extends StoredRows {
  #rowNumbers: Uint32Array | undefined;
  #closed = false;

  /** @internal */
  constructor(
    /** The file's name. */
    override readonly name: string,
    private readonly source: ByteSource,
    /**
     * Location of the rows in the source.
     *
     * @internal
     */
    readonly layout: FlatRows,
    /** Size of decoded rows that are in memory. */
    readonly heldBytes = 0,
    /** Set for decoded rows, which are not stored like this in the file. */
    private readonly decodedRows?: DecodedRows,
  ) {
    super(layout.rows, layout.depth, layout.type);
  }

  /** True if the rows were decoded. */
  get decoded(): boolean {
    return this.decodedRows !== undefined;
  }

  /** Which part of the file the rows come from; undefined if they are all of it. */
  get origin(): Origin | undefined {
    const { origin } = this.layout;
    return origin?.columns && origin.notUsed.length === 0 ? undefined : origin;
  }

  /**
   * Numbers in the file of the rows without a vector, ascending. With `nulls: 'skip'` they are left out; with `nulls: 'zero'` they are zero
   * rows.
   */
  get nullRows(): readonly number[] {
    return this.decodedRows?.nullRows ?? [];
  }

  /** A name for each row, if the file contains names, such as the words of GloVe. */
  get labels(): readonly string[] | undefined {
    return this.decodedRows?.labels;
  }

  /** The files whose rows these are, in order, if several were opened as one. */
  get files(): readonly JoinedFile[] | undefined {
    return this.decodedRows?.files;
  }

  /** The number in the file of each row here; undefined if they are the same because no row was skipped. */
  get rowNumbers(): Uint32Array | undefined {
    if (!this.decodedRows?.skipsNulls || this.nullRows.length === 0) return undefined;
    this.#rowNumbers ??= numbersWithout(this.nullRows, this.rows);
    return this.#rowNumbers;
  }

  /** [rows, depth]. */
  get shape(): readonly [rows: number, depth: number] {
    return [this.rows, this.depth];
  }

  /** @internal */
  createReader(mostRows: number): BlockReader {
    const reader = new FlatReader(this.source, this.layout, mostRows);
    return {
      read: async (from, to) => {
        this.checkOpen();
        return reader.read(from, to);
      },
    };
  }

  /** @internal */
  protected checkOpen(): void {
    if (!this.#closed) return;
    throw new AllpairsError('ERR_ALLPAIRS_CLOSED', `${this.name}: the rows are closed`, {
      advice: 'close them after the last call',
    });
  }

  /** @internal */
  override storedBytes(rows: number): number {
    return rows * this.layout.rowBytes;
  }

  /** @internal */
  override readerBytes(mostRows: number): number {
    return isNumbers(this.layout) ? 2 * this.storedBytes(mostRows) : super.readerBytes(mostRows);
  }

  /**
   * Reads all rows into memory.
   *
   * @returns a row-major array of shape [rows, depth]: float64 for float64 and 32-bit integers, otherwise float32, which holds every other
   *   type exactly
   * @throws {MemoryError} if the memory is not available
   * @throws {FormatError} if the file has become shorter
   */
  async toMatrix(): Promise<Matrix> {
    const { rows, depth } = this;
    const data = allocateMatrix(this);
    if (isNumbers(this.layout) && !this.inMemory()) {
      this.checkOpen();
      // Read directly into place.
      const bytes = new Uint8Array(data.buffer as ArrayBuffer);
      for (let at = 0; at < bytes.length; at += READ_BYTES) {
        const piece = bytes.subarray(at, at + READ_BYTES);
        const read = await this.source.read(this.layout.offset + at, piece.length, piece);
        if (read.buffer !== bytes.buffer) piece.set(read);
      }
      return new Matrix(data, this.shape);
    }
    const most = Math.max(1, Math.min(rows, Math.floor(READ_BYTES / Math.max(1, depth * elementBytes(this.staged)))));
    const reader = this.createReader(most);
    for (let from = 0; from < rows; from += most) {
      const to = Math.min(rows, from + most);
      (await reader.read(from, to)).copyRows(from, to, data, from * depth);
    }
    return new Matrix(data, this.shape);
  }

  /**
   * Closes the file, or the temporary file with its decoded rows. A call that uses the rows afterwards rejects with the code
   * ERR_ALLPAIRS_CLOSED.
   */
  async close(): Promise<void> {
    this.#closed = true;
    await this.source.close();
  }
}

/** Returns the first `count` numbers from 0 that are not in `left`, which ascends. */
function numbersWithout(left: readonly number[], count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  let number = 0;
  let at = 0;
  for (let i = 0; i < count; i++, number++) {
    while (left[at] === number) {
      at++;
      number++;
    }
    numbers[i] = number;
  }
  return numbers;
}

/** Number of bytes read at once if all rows are read. */
const READ_BYTES = 4 * 2 ** 20;

function allocateMatrix({ name, rows, depth, staged }: RowFile): Float32Array | Float64Array {
  try {
    return staged === 'float64' ? new Float64Array(rows * depth) : new Float32Array(rows * depth);
  } catch (cause) {
    const bytes = rows * depth * elementBytes(staged);
    throw new MemoryError(
      bytes,
      `${name}: its ${rows} rows of ${depth} ${staged} need ${bytes} bytes, more than is available; read them in blocks instead, by passing the open file to a call`,
      {
        cause,
      },
    );
  }
}

/** A block as stored and as numbers. Both share the same bytes if no conversion is needed. */
interface Buffers {
  readonly stored: Uint8Array<ArrayBuffer>;
  readonly numbers: Float32Array | Float64Array;
}

class FlatReader implements BlockReader {
  readonly #buffers: (Buffers | undefined)[] = [undefined, undefined];
  #turn = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly layout: FlatRows,
    private readonly mostRows: number,
  ) {}

  async read(from: number, to: number): Promise<RowSource> {
    const { rows, depth, type, littleEndian, offset, rowBytes } = this.layout;
    this.#turn = 1 - this.#turn;
    this.#buffers[this.#turn] ??= allocateBuffers(this.layout, this.mostRows);
    const { stored, numbers } = this.#buffers[this.#turn] as Buffers;
    const count = to - from;
    const length = Math.max(0, (count - 1) * rowBytes + depth * bytesOfElement(type));
    const bytes = await this.source.read(offset + from * rowBytes, count === 0 ? 0 : length, stored);
    if (!isNumbers(this.layout)) {
      closeGaps(bytes, this.layout, count);
      widenElements(bytes, type, littleEndian, count * depth, numbers, 0);
    }
    // Numbered so that row `from` is at the start.
    return new ContiguousRows(numbers, -from * depth, rows, depth);
  }
}

/** Moves rows together that are longer than their elements, for example because each has a header. */
function closeGaps(bytes: Uint8Array, { depth, type, rowBytes }: FlatRows, rows: number): void {
  const length = depth * bytesOfElement(type);
  if (rowBytes === length) return;
  for (let row = 1; row < rows; row++) bytes.copyWithin(row * length, row * rowBytes, row * rowBytes + length);
}

/** True if the bytes of the file can be used directly as an array of numbers. */
function isNumbers({ type, littleEndian, depth, rowBytes }: FlatRows): boolean {
  return (
    (type === 'float32' || type === 'float64') &&
    littleEndian === MACHINE_IS_LITTLE_ENDIAN &&
    rowBytes === depth * bytesOfElement(type)
  );
}

function allocateBuffers(layout: FlatRows, rows: number): Buffers {
  const { depth, type, rowBytes } = layout;
  const ofStaged = stagedTypeOfElement(type) === 'float64' ? Float64Array : Float32Array;
  const stored = new Uint8Array(rows * rowBytes);
  return { stored, numbers: isNumbers(layout) ? new ofStaged(stored.buffer) : new ofStaged(rows * depth) };
}
