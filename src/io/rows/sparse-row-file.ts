// Sparse rows of a file, which are in memory as a whole.

import type { CsrRows } from '../../rows/csr-rows.js';
import { MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import type { BlockReader } from '../../rows/stored-rows.js';
import { bytesInMemory } from '../bytes/byte-source.js';
import { RowFile } from './row-file.js';
import type { RowStream } from './row-reader.js';

/** Rows that calls take as sparse ones. Whoever reads blocks of them gets the zeros, too. */
export class SparseRowFile extends RowFile {
  constructor(
    name: string,
    private readonly csr: CsrRows,
    { depth, type, origin }: Pick<RowStream, 'depth' | 'type' | 'origin'>,
  ) {
    const flat = { kind: 'flat', rows: csr.rows, depth, type, littleEndian: MACHINE_IS_LITTLE_ENDIAN, offset: 0 } as const;
    // Rows of no bytes are never read as they lie.
    const layout = { ...flat, rowBytes: 0, ...(origin && { origin }) };
    super(name, bytesInMemory(new Uint8Array(0), name), layout, bytesOf(csr), { nullRows: [], skipsNulls: false });
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

function bytesOf({ starts, columns, values }: CsrRows): number {
  return starts.byteLength + columns.byteLength + values.byteLength;
}
