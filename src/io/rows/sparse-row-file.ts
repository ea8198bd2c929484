// Sparse rows of a file, all of them in memory.

import { CsrRows } from '../../rows/csr-rows.js';
import { MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import type { BlockReader, OpenColumns } from '../../rows/stored-rows.js';
import { bytesInMemory } from '../bytes/byte-source.js';
import { type DecodedRows, RowFile } from './row-file.js';
import type { RowStream } from './row-reader.js';

/** Rows that calls treat as sparse. Blocks of them include the zeros. */
export class SparseRowFile extends RowFile {
  private readonly open: OpenColumns | undefined;

  constructor(
    name: string,
    private readonly csr: CsrRows,
    stream: Pick<RowStream, 'depth' | 'type' | 'origin' | 'labels' | 'openColumns'> & Pick<DecodedRows, 'files'>,
  ) {
    const { depth, type, origin, labels, files } = stream;
    const flat = { kind: 'flat', rows: csr.rows, depth, type, littleEndian: MACHINE_IS_LITTLE_ENDIAN, offset: 0 } as const;
    // Rows of zero bytes are never read directly.
    const layout = { ...flat, rowBytes: 0, ...(origin && { origin }) };
    super(name, bytesInMemory(new Uint8Array(0), name), layout, bytesOf(csr), {
      nullRows: [],
      skipsNulls: false,
      ...(labels && { labels }),
      ...(files && { files }),
    });
    this.open = stream.openColumns;
  }

  /** @internal */
  override get openColumns(): OpenColumns | undefined {
    return this.open;
  }

  /** @internal */
  override inMemory(): CsrRows {
    this.checkOpen();
    return this.csr;
  }

  /** @internal */
  override createReader(): BlockReader {
    return {
      read: async () => this.inMemory(),
    };
  }

  /** @internal */
  override storedBytes(): number {
    return 0;
  }

  /** @internal */
  override readerBytes(): number {
    return 0;
  }
}

/** Sparse rows of texts: float32 elements with ascending columns. */
export interface RowsOfTexts {
  readonly indptr: Uint32Array;
  readonly indices: Int32Array<ArrayBuffer>;
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: readonly [rows: number, columns: number];
}

/** Presents rows [from, from + texts.length) as rows of a file, each named by its text. */
export function rowFileOfTexts(name: string, texts: readonly string[], all: RowsOfTexts, from: number): RowFile {
  const [start = 0, end = 0] = [all.indptr[from], all.indptr[from + texts.length]];
  const starts = Float64Array.from(all.indptr.subarray(from, from + texts.length + 1), (at) => at - start);
  const [, depth] = all.shape;
  const csr = new CsrRows(starts, all.indices.subarray(start, end), all.data.subarray(start, end), depth);
  return new SparseRowFile(name, csr, { depth, type: 'float32', labels: texts });
}

function bytesOf({ starts, columns, values }: CsrRows): number {
  return starts.byteLength + columns.byteLength + values.byteLength;
}
