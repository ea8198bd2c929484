// Walks the pages of one column chunk: a header, then that many bytes, one page in memory at a time, since files from pandas
// have a million rows in one chunk. DuckDB writes a row group as one page: such pages are decompressed a piece at a time. hyparquet parses
// the headers; what they state is checked before anything is allocated.

import type { PageHeader } from 'hyparquet/src/types.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { ByteFeed } from './byte-feed.js';
import {
  type Compression,
  type Decompress,
  decompressPieces,
  hasPieces,
  isCompression,
  openDecompress,
  piecesOfSource,
} from './decompress.js';
import { formatFailure, statedCount } from './format-failure.js';
import type { ParquetChunk } from './parquet-footer.js';
import { RunReader } from './parquet-runs.js';
import type { ParquetLeaf } from './parquet-schema.js';
import { endOfThriftStruct, ThriftEnd } from './thrift-check.js';

/** A page that has been found, and where its data lies. */
export interface PageLocation {
  /** Of the header. */
  readonly offset: number;
  readonly header: PageHeader;
  readonly dataOffset: number;
  /** Of a data page: values and nulls. Of a dictionary: its entries. */
  readonly count: number;
  /** Bytes in memory. */
  readonly bytes: number;
}

/** The parts of a data page. Levels are undefined where none are possible. */
export interface DataPage {
  readonly offset: number;
  readonly count: number;
  readonly repetition: RunReader | undefined;
  readonly definition: RunReader | undefined;
  readonly encoding: string;
  readonly values: ByteFeed;
}

/** A header longer than this (its bounds of byte strings may be long) is not looked for. */
const MAX_HEADER_BYTES = 2 ** 20;
const MAX_PAGE_BYTES = 2 ** 32;
/** Larger pages are read a piece at a time. */
const WHOLE_PAGE_BYTES = 4 * 2 ** 20;

export class PageWalker {
  #offset: number;
  /** Bytes of the file around `#offset`, for headers and small pages. */
  #window = new Uint8Array(0);
  #windowOffset = 0;
  #seen = 0;

  private constructor(
    private readonly source: ByteSource,
    private readonly chunk: ParquetChunk,
    private readonly column: ParquetLeaf,
    private readonly windowBytes: number,
    private readonly parse: (reader: { view: DataView; offset: number }) => PageHeader,
    private readonly decompress: Decompress | undefined,
  ) {
    this.#offset = chunk.offset;
  }

  /** `windowBytes` are read at once to find headers. */
  static async open(source: ByteSource, chunk: ParquetChunk, column: ParquetLeaf, windowBytes = 2 ** 16): Promise<PageWalker> {
    const { codec } = chunk;
    try {
      const { parquetHeader } = await import('hyparquet/src/column.js');
      if (codec !== 'UNCOMPRESSED' && !isCompression(codec)) throw new Error(`compression ${codec} is not supported`);
      const decompress = codec === 'UNCOMPRESSED' ? undefined : await openDecompress(codec as Compression);
      return new PageWalker(source, chunk, column, windowBytes, parquetHeader, decompress);
    } catch (error) {
      throw formatFailure(source.name, chunk.offset, error);
    }
  }

  /** The next page that holds data or the dictionary; undefined after all values of the chunk. */
  async next(): Promise<PageLocation | undefined> {
    for (;;) {
      if (this.#seen >= this.chunk.values) return undefined;
      const offset = this.#offset;
      try {
        const location = await this.#locate(offset);
        this.#offset = location.dataOffset + location.header.compressed_page_size;
        const { type } = location.header;
        if (type === 'DICTIONARY_PAGE') return location;
        if (type !== 'DATA_PAGE' && type !== 'DATA_PAGE_V2') continue;
        this.#seen += location.count;
        if (this.#seen > this.chunk.values) throw new Error(`more values than the ${this.chunk.values} of the chunk`);
        return location;
      } catch (error) {
        throw formatFailure(this.source.name, offset, error);
      }
    }
  }

  async #locate(offset: number): Promise<PageLocation> {
    const end = this.chunk.offset + this.chunk.bytes;
    if (offset >= end) {
      throw new Error(`column ${this.column.name} ends after ${this.#seen} of ${this.chunk.values} values`);
    }
    for (let ask = this.windowBytes; ; ask *= 8) {
      const bytes = await this.#peek(offset, Math.min(ask, MAX_HEADER_BYTES, end - offset));
      try {
        endOfThriftStruct(bytes, 0);
      } catch (error) {
        if (error instanceof ThriftEnd && bytes.length < Math.min(MAX_HEADER_BYTES, end - offset)) continue;
        throw error;
      }
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
      const header = this.parse(reader);
      const dataOffset = offset + reader.offset;
      return { offset, header, dataOffset, ...this.#checkSizes(header, end - dataOffset) };
    }
  }

  #checkSizes(header: PageHeader, left: number): { count: number; bytes: number } {
    const packed = statedCount(header.compressed_page_size, 'the size of a page');
    const bytes = statedCount(header.uncompressed_page_size, 'the uncompressed size of a page', MAX_PAGE_BYTES);
    if (packed > left) throw new Error(`a page of ${packed} bytes where ${left} are left`);
    if (!this.decompress && packed !== bytes) throw new Error(`a page of ${packed} bytes that states ${bytes}`);
    const inner = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    return { bytes, count: statedCount(inner?.num_values ?? 0, 'the number of values of a page', 2 ** 31) };
  }

  /** At least `length` bytes at `offset`, fewer only if they were read before. */
  async #peek(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const at = offset - this.#windowOffset;
    if (at < 0 || at + Math.min(length, 64) > this.#window.length || length > this.windowBytes) {
      this.#window = await this.source.read(offset, length);
      this.#windowOffset = offset;
      return this.#window;
    }
    return this.#window.subarray(at);
  }

  /** Bytes of the file that begin at byte 0 of their buffer. */
  async #take(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const at = offset - this.#windowOffset;
    if (at >= 0 && at + length <= this.#window.length) return this.#window.slice(at, at + length);
    return this.source.read(offset, length);
  }

  /** The entries of a dictionary, PLAIN. */
  async loadDictionary({ offset, header, dataOffset, bytes }: PageLocation): Promise<Uint8Array<ArrayBuffer>> {
    const packed = await this.#take(dataOffset, header.compressed_page_size);
    try {
      return this.decompress ? await this.decompress(packed, bytes) : packed;
    } catch (error) {
      throw formatFailure(this.source.name, offset, error);
    }
  }

  async load({ offset, header, dataOffset, bytes, count }: PageLocation): Promise<DataPage> {
    try {
      const parts =
        header.type === 'DATA_PAGE' ? this.#openPage(dataOffset, header, bytes) : this.#openPageV2(dataOffset, header, bytes);
      return { offset, count, ...(await parts) };
    } catch (error) {
      throw formatFailure(this.source.name, offset, error);
    }
  }

  /** `length` bytes of the file from `offset` on, which become `bytes`. */
  async #open(offset: number, length: number, bytes: number, compressed: boolean): Promise<ByteFeed> {
    const decompress = compressed ? this.decompress : undefined;
    const codec = this.chunk.codec as Compression;
    if (Math.max(length, bytes) <= WHOLE_PAGE_BYTES || (decompress && !hasPieces(codec))) {
      const packed = await this.#take(offset, length);
      return ByteFeed.of(decompress ? await decompress(packed, bytes) : packed);
    }
    const packed = piecesOfSource(this.source, offset, length);
    return ByteFeed.from(decompress ? decompressPieces(codec, packed, length, bytes) : packed);
  }

  /** Version 1: the levels with their lengths, then the values, compressed as one. */
  async #openPage(offset: number, { data_page_header, compressed_page_size }: PageHeader, bytes: number): Promise<PageParts> {
    if (!data_page_header) throw new Error('a data page without its header');
    const values = await this.#open(offset, compressed_page_size, bytes, true);
    const takeLevels = async (most: number, encoding: string): Promise<RunReader | undefined> => {
      if (most === 0) return undefined;
      if (encoding !== 'RLE') throw new Error(`levels encoded as ${encoding} are not supported`);
      const prefix = await values.take(4);
      const length = new DataView(prefix.buffer, prefix.byteOffset, 4).getUint32(0, true);
      return new RunReader((await values.take(length)).slice(), bitsOfLevel(most));
    };
    const repetition = await takeLevels(this.column.repetition, data_page_header.repetition_level_encoding);
    const definition = await takeLevels(this.column.definition, data_page_header.definition_level_encoding);
    return { repetition, definition, encoding: String(data_page_header.encoding), values };
  }

  /** Version 2: the levels uncompressed, their lengths in the header; the values may be compressed. */
  async #openPageV2(
    offset: number,
    { data_page_header_v2: header, compressed_page_size: packed }: PageHeader,
    bytes: number,
  ): Promise<PageParts> {
    if (!header) throw new Error('a data page without its header');
    const { column } = this;
    const repetitionBytes = statedCount(header.repetition_levels_byte_length, 'the length of levels', packed);
    const definitionBytes = statedCount(header.definition_levels_byte_length, 'the length of levels', packed);
    const levels = repetitionBytes + definitionBytes;
    if (levels > packed || levels > bytes) throw new Error(`levels of ${levels} bytes in a page of ${packed}`);
    const taken = await this.#take(offset, levels);
    const takeLevels = (start: number, end: number, most: number): RunReader | undefined =>
      most === 0 ? undefined : new RunReader(taken.subarray(start, end), bitsOfLevel(most));
    return {
      repetition: takeLevels(0, repetitionBytes, column.repetition),
      definition: takeLevels(repetitionBytes, levels, column.definition),
      encoding: String(header.encoding),
      values: await this.#open(offset + levels, packed - levels, bytes - levels, header.is_compressed !== false),
    };
  }
}

type PageParts = Omit<DataPage, 'offset' | 'count'>;

function bitsOfLevel(most: number): number {
  return 32 - Math.clz32(most);
}
