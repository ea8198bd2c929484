// Reads the pages of one column chunk, with one page in memory at a time, because pandas writes a million rows to a chunk. DuckDB writes a
// row group as one page; such pages are decompressed a piece at a time. hyparquet parses the headers, and what they state is checked before
// anything is allocated.

import type { PageHeader } from 'hyparquet/src/types.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { RowStore } from '../rows/row-store.js';
import { piecesInTurns, takeTurn } from '../turns.js';
import { ByteFeed } from './byte-feed.js';
import {
  type Compression,
  type Decompress,
  decompressPieces,
  hasPieces,
  isCompression,
  openDecompress,
  packedPieces,
} from './decompress.js';
import { formatFailure, statedCount } from './format-failure.js';
import type { ParquetChunk } from './parquet-footer.js';
import { RunReader } from './parquet-runs.js';
import type { ParquetLeaf } from './parquet-schema.js';
import { endOfThriftStruct, ThriftEnd } from './thrift-check.js';

/** A page that was found, and the location of its data. */
export interface PageLocation {
  /** Position of the header. */
  readonly offset: number;
  readonly header: PageHeader;
  readonly dataOffset: number;
  /** Number of values and nulls of a data page, or of entries of a dictionary. */
  readonly count: number;
  /** Size in memory. */
  readonly bytes: number;
}

/** The parts of a data page. Levels are undefined if the column can have none. */
export interface DataPage {
  readonly offset: number;
  readonly count: number;
  readonly repetition: RunReader | undefined;
  readonly definition: RunReader | undefined;
  readonly encoding: string;
  readonly values: ByteFeed;
  /** Moves the values to a store, to read them in any order; undefined if the page may be held whole. */
  readonly store: (() => Promise<ByteSource>) | undefined;
  /** Frees the page; none of its bytes may be used afterwards. */
  close(): Promise<void>;
}

/** The values of a page, and the bytes to which they belong if those are in memory. */
interface OpenValues {
  readonly values: ByteFeed;
  readonly own?: Uint8Array<ArrayBuffer>;
}

/** Headers longer than this are refused; statistics can contain long byte strings. */
const MAX_HEADER_BYTES = 2 ** 20;
const MAX_PAGE_BYTES = 2 ** 32;
/** Assumed cost of a value that takes no bytes. */
const STEPS_A_VALUE = 4;
/** Larger pages are read a piece at a time. */
const WHOLE_PAGE_BYTES = 4 * 2 ** 20;

export class PageWalker {
  #offset: number;
  /** Bytes of the file around `#offset`, for headers and small pages. */
  #window = new Uint8Array(0);
  #windowOffset = 0;
  #seen = 0;
  #hasDictionary = false;

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

  /** `windowBytes` is the number of bytes read at once to find headers. */
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

  /** Returns the next page with data or a dictionary, or undefined after all values of the chunk. */
  async next(): Promise<PageLocation | undefined> {
    for (;;) {
      if (this.#seen >= this.chunk.values) return undefined;
      const offset = this.#offset;
      try {
        const location = await this.#locate(offset);
        this.#offset = location.dataOffset + location.header.compressed_page_size;
        const { type } = location.header;
        if (type === 'DICTIONARY_PAGE') {
          if (this.#hasDictionary) throw new Error('a second dictionary in a column chunk');
          this.#hasDictionary = true;
          return location;
        }
        if (type !== 'DATA_PAGE' && type !== 'DATA_PAGE_V2') continue;
        this.#seen += location.count;
        this.chunk.work.spend(STEPS_A_VALUE * location.count);
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

  /** Makes at least `length` bytes at `offset` available, or fewer if they had been read before. */
  async #peek(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const at = offset - this.#windowOffset;
    if (at < 0 || at + Math.min(length, 64) > this.#window.length || length > this.windowBytes) {
      this.#window = await this.source.read(offset, length);
      this.#windowOffset = offset;
      return this.#window;
    }
    return this.#window.subarray(at);
  }

  /** Reads bytes of the file into `room`, or into a buffer of their own. */
  async #take(offset: number, length: number, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const at = offset - this.#windowOffset;
    if (at < 0 || at + length > this.#window.length) return this.source.read(offset, length, room);
    const bytes = room ?? new Uint8Array(length);
    bytes.set(this.#window.subarray(at, at + length));
    return bytes;
  }

  /** Returns the entries of a dictionary in PLAIN encoding. */
  async loadDictionary({ offset, header, dataOffset, bytes }: PageLocation): Promise<Uint8Array<ArrayBuffer>> {
    const packed = await this.#take(dataOffset, header.compressed_page_size);
    try {
      this.chunk.work.spend(bytes);
      await takeTurn(this.source, bytes);
      return this.decompress ? await this.decompress(packed, bytes) : packed;
    } catch (error) {
      throw formatFailure(this.source.name, offset, error);
    }
  }

  async load({ offset, header, dataOffset, bytes, count }: PageLocation): Promise<DataPage> {
    try {
      this.chunk.work.spend(bytes);
      await takeTurn(this.source, bytes);
      const parts =
        header.type === 'DATA_PAGE' ? this.#openPage(dataOffset, header, bytes) : this.#openPageV2(dataOffset, header, bytes);
      return { offset, count, ...(await parts) };
    } catch (error) {
      throw formatFailure(this.source.name, offset, error);
    }
  }

  /** Reads `length` bytes from `offset` that decompress to `bytes` bytes. */
  async #open(offset: number, length: number, bytes: number, compressed: boolean): Promise<OpenValues> {
    const decompress = compressed ? this.decompress : undefined;
    const { spare } = this.chunk;
    const codec = this.chunk.codec as Compression;
    if (Math.max(length, bytes) <= WHOLE_PAGE_BYTES || (decompress && !hasPieces(codec))) {
      const room = spare.take(length);
      const packed = await this.#take(offset, length, room);
      if (!decompress) return { values: ByteFeed.of(packed), ...(packed.buffer === room.buffer && { own: packed }) };
      const own = await decompress(packed, bytes, spare.take);
      spare.give(room);
      return { values: ByteFeed.of(own), own };
    }
    const packed = packedPieces(this.source, offset, length);
    const pieces = decompress ? decompressPieces(codec, packed, length, bytes) : packed;
    return { values: ByteFeed.from(piecesInTurns(this.source, pieces)) };
  }

  /** Version 1: levels, each preceded by its length, and values are compressed together. */
  async #openPage(offset: number, { data_page_header, compressed_page_size }: PageHeader, bytes: number): Promise<PageParts> {
    if (!data_page_header) throw new Error('a data page without its header');
    const opened = await this.#open(offset, compressed_page_size, bytes, true);
    const { values } = opened;
    let taken = 0;
    const takeLevels = async (most: number, encoding: string): Promise<RunReader | undefined> => {
      if (most === 0) return undefined;
      if (encoding !== 'RLE') throw new Error(`levels encoded as ${encoding} are not supported`);
      const prefix = await values.take(4);
      const length = new DataView(prefix.buffer, prefix.byteOffset, 4).getUint32(0, true);
      taken += 4 + length;
      return new RunReader((await values.take(length)).slice(), bitsOfLevel(most));
    };
    const repetition = await takeLevels(this.column.repetition, data_page_header.repetition_level_encoding);
    const definition = await takeLevels(this.column.definition, data_page_header.definition_level_encoding);
    const encoding = String(data_page_header.encoding);
    return { repetition, definition, encoding, ...this.#closable(opened, bytes - taken) };
  }

  /** Version 2: levels are not compressed and their lengths are in the header; values may be compressed. */
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
    const opened = await this.#open(offset + levels, packed - levels, bytes - levels, header.is_compressed !== false);
    return {
      repetition: takeLevels(0, repetitionBytes, column.repetition),
      definition: takeLevels(repetitionBytes, levels, column.definition),
      encoding: String(header.encoding),
      ...this.#closable(opened, bytes - levels),
    };
  }

  #closable({ values, own }: OpenValues, bytes: number): Pick<DataPage, 'values' | 'store' | 'close'> {
    const { source } = this;
    const { heldBytes, createStore, spare } = this.chunk;
    let left = own;
    let stored: ByteSource | undefined;
    const store = async () => {
      stored = await storeFeed(values, createStore(), source.name);
      return stored;
    };
    return {
      values,
      store: bytes > heldBytes ? store : undefined,
      async close() {
        if (left) spare.give(left);
        left = undefined;
        await values.close();
        await stored?.close();
      },
    };
  }
}

const STORE_PIECE_BYTES = 2 ** 20;

/** Moves all bytes of `feed` to `store`. */
async function storeFeed(feed: ByteFeed, store: RowStore, name: string): Promise<ByteSource> {
  try {
    while (!(await feed.ended())) await store.append(await feed.takeUpTo(STORE_PIECE_BYTES));
    return await store.finish(name);
  } catch (error) {
    await store.discard();
    throw error;
  }
}

type PageParts = Omit<DataPage, 'offset' | 'count'>;

function bitsOfLevel(most: number): number {
  return 32 - Math.clz32(most);
}
