// Writes the pages of one column chunk. Levels and values are collected until there are enough for a page; hyparquet-writer writes headers
// and runs.

import zlib from 'node:zlib';
import type { ByteWriter } from 'hyparquet-writer';
import type { StoredDictionary, WaitingForm } from './parquet-stored-values.js';

/** A page of at least this size is written when the next row begins. */
const PAGE_BYTES = 2 ** 20;

/** Compression that Node.js provides. It has zstd since version 22.15. */
const BUILT_IN: Readonly<Record<string, ((bytes: Uint8Array) => Uint8Array) | undefined>> = {
  GZIP: zlib.gzipSync,
  ZSTD: (zlib as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdCompressSync,
};

/** The functions of hyparquet-writer that are used, loaded on demand. */
interface Library {
  readonly ByteWriter: typeof ByteWriter;
  readonly writePageHeader: typeof import('hyparquet-writer/src/datapage.js').writePageHeader;
  readonly writeRuns: typeof import('hyparquet-writer/src/encoding.js').writeRleBitPackedHybrid;
  readonly snappyCompress: typeof import('hyparquet-writer/src/snappy.js').snappyCompress;
}

/** Metadata of a chunk for the footer. */
export interface PageTotals {
  readonly codec: string;
  readonly values: number;
  /** Total size of all pages with their headers, uncompressed and as written. */
  readonly uncompressed: number;
  readonly compressed: number;
  /** Size of the dictionary page, which comes first; 0 without a dictionary. */
  readonly dictionary: number;
}

export class PageWriter {
  /** Values of the next page. */
  readonly waiting: ByteWriter;
  /** Codec of the pages: that of the original chunk if it can be written, otherwise SNAPPY. */
  readonly codec: string;
  readonly #repetition: ByteWriter;
  readonly #definition: ByteWriter;
  readonly #totals = { values: 0, uncompressed: 0, compressed: 0, dictionary: 0 };
  /** Collected levels, the number of rows that begin in them, and the number of values among them. */
  #count = 0;
  #rows = 0;
  #present = 0;
  #indexWidth = 1;

  private constructor(
    private readonly library: Library,
    readonly form: WaitingForm,
    codec: string,
    private readonly levels: { readonly repetition: number; readonly definition: number },
  ) {
    this.waiting = new library.ByteWriter();
    this.#repetition = new library.ByteWriter();
    this.#definition = new library.ByteWriter();
    this.codec = codec === 'UNCOMPRESSED' || BUILT_IN[codec] ? codec : 'SNAPPY';
  }

  /** `levels` are the highest possible levels. */
  static async open(
    form: WaitingForm,
    codec: string,
    levels: { readonly repetition: number; readonly definition: number },
  ): Promise<PageWriter> {
    const { ByteWriter } = await import('hyparquet-writer');
    const { writePageHeader } = await import('hyparquet-writer/src/datapage.js');
    const { writeRleBitPackedHybrid: writeRuns } = await import('hyparquet-writer/src/encoding.js');
    const { snappyCompress } = await import('hyparquet-writer/src/snappy.js');
    return new PageWriter({ ByteWriter, writePageHeader, writeRuns, snappyCompress }, form, codec, levels);
  }

  /** True if the next row begins a new page. */
  get isFull(): boolean {
    return this.waiting.index + this.#definition.index + this.#repetition.index >= PAGE_BYTES;
  }

  get totals(): PageTotals {
    return { ...this.#totals, codec: this.codec };
  }

  /** Returns the dictionary page, which comes before all others. */
  dictionaryPage({ bytes, count }: StoredDictionary): Uint8Array {
    this.#indexWidth = bitsOf(Math.max(1, count - 1));
    const packed = this.#compress(bytes);
    const page = this.#page(new this.library.ByteWriter(), packed, bytes.length, {
      type: 'DICTIONARY_PAGE',
      dictionary_page_header: { num_values: count, encoding: 'PLAIN' },
    });
    this.#totals.dictionary = page.length;
    return page;
  }

  /** Adds the levels of the next values, in which `rows` rows begin and `present` values are not null. */
  addLevels(repetition: Uint8Array, definition: Uint8Array, rows: number, present: number): void {
    if (this.levels.repetition > 0) this.#repetition.appendBytes(repetition);
    if (this.levels.definition > 0) this.#definition.appendBytes(definition);
    this.#rows += rows;
    this.#present += present;
    this.#totals.values += definition.length;
    this.#count += definition.length;
  }

  /** Returns a page with everything collected, or undefined if there is nothing. */
  flush(): Uint8Array | undefined {
    if (this.#count === 0) return undefined;
    const { ByteWriter, writeRuns } = this.library;
    const levels = new ByteWriter();
    const write = (values: ByteWriter, highest: number) =>
      highest > 0 ? writeRuns(levels, values.getBytes(), bitsOf(highest)) : 0;
    const repetitionBytes = write(this.#repetition, this.levels.repetition);
    const definitionBytes = write(this.#definition, this.levels.definition);
    const values = this.#encode();
    const packed = values.length > 0 ? this.#compress(values) : values;
    const page = this.#page(levels, packed, values.length, {
      type: 'DATA_PAGE_V2',
      data_page_header_v2: {
        num_values: this.#count,
        num_nulls: this.#count - this.#present,
        num_rows: this.#rows,
        encoding: this.form === 'indices' ? 'RLE_DICTIONARY' : 'PLAIN',
        definition_levels_byte_length: definitionBytes,
        repetition_levels_byte_length: repetitionBytes,
        is_compressed: this.codec !== 'UNCOMPRESSED' && values.length > 0,
      },
    });
    for (const waiting of [this.waiting, this.#repetition, this.#definition]) waiting.index = 0;
    this.#count = 0;
    this.#rows = 0;
    this.#present = 0;
    return page;
  }

  /** Returns the collected values as a page stores them. */
  #encode(): Uint8Array {
    const bytes = this.waiting.getBytes();
    if (this.form === 'plain') return bytes;
    if (this.form === 'booleans') {
      const bits = new Uint8Array(Math.ceil(bytes.length / 8));
      for (const [i, bit] of bytes.entries()) bits[i >>> 3] = (bits[i >>> 3] as number) | (bit << (i & 7));
      return bits;
    }
    const encoded = new this.library.ByteWriter();
    encoded.appendUint8(this.#indexWidth);
    this.library.writeRuns(encoded, new Uint32Array(this.waiting.buffer, 0, bytes.length / 4), this.#indexWidth);
    return encoded.getBytes();
  }

  #compress(bytes: Uint8Array): Uint8Array {
    if (this.codec === 'UNCOMPRESSED') return bytes;
    return (BUILT_IN[this.codec] ?? this.library.snappyCompress)(bytes);
  }

  /** Returns header, levels and values; `bytes` is the uncompressed size of the values. */
  #page(levels: ByteWriter, values: Uint8Array, bytes: number, header: PageHeaderOfType): Uint8Array {
    const page = new this.library.ByteWriter();
    const sizes = {
      uncompressed_page_size: levels.index + bytes,
      compressed_page_size: levels.index + values.length,
    };
    this.library.writePageHeader(page, { ...sizes, ...header });
    this.#totals.uncompressed += page.index + sizes.uncompressed_page_size;
    page.appendBytes(levels.getBytes());
    page.appendBytes(values);
    this.#totals.compressed += page.index;
    return page.getBytes();
  }
}

type PageHeader = Parameters<Library['writePageHeader']>[1];
type PageHeaderOfType = Omit<PageHeader, 'uncompressed_page_size' | 'compressed_page_size'>;

/** Number of bits in the highest number. */
function bitsOf(highest: number): number {
  return 32 - Math.clz32(highest);
}
