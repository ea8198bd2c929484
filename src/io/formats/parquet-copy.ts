// Copies some rows of a Parquet file to a new Parquet file. The schema and metadata are copied byte for byte; the levels and values of the
// kept rows are copied as stored. Statistics and indexes are left out because they describe all rows.

import type { ByteWriter } from 'hyparquet-writer';
import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { decodeAt, formatFailure } from './format-failure.js';
import {
  CODECS,
  chunksOf,
  type ParquetChunk,
  type ParsedFooter,
  parseParquetFooter,
  structsOf,
  type ThriftStruct,
} from './parquet-footer.js';
import { type PageTotals, PageWriter } from './parquet-page-writer.js';
import { type PageLocation, PageWalker } from './parquet-pages.js';
import { type ParquetLeaf, readParquetLeaves } from './parquet-schema.js';
import { openStoredValues, type StoredDictionary, type WaitingForm } from './parquet-stored-values.js';
import { endOfThriftStruct } from './thrift-check.js';

const MAGIC = new TextEncoder().encode('PAR1');
/** Levels are scanned this many at a time. */
const PIECE = 2 ** 14;
/** Larger dictionaries are not kept, because indices have at most 24 bits here. */
const MAX_INDEXED = 2 ** 24;

/**
 * Yields the bytes of a Parquet file that holds the given `rows` of another, in ascending order. Throws FormatError if the file is damaged.
 */
export async function* copyParquetRows(
  source: ByteSource,
  rows: Uint32Array,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const footer = await parseParquetFooter(source);
  if ((rows.at(-1) ?? -1) >= footer.rows)
    throw new FormatError(source.name, footer.offset, `only ${footer.rows} rows are left`);
  const leaves = decodeAt(source.name, footer.offset, () => readParquetLeaves(structsOf(footer.metadata.field_2)));
  const chunks = leaves.map((leaf) => chunksOf(source, footer, leaf));
  yield MAGIC;
  let offset = MAGIC.length;
  const groups: WrittenGroup[] = [];
  let first = 0;
  let at = 0;
  for (const [index, group] of footer.groups.entries()) {
    const begin = at;
    while (at < rows.length && (rows[at] as number) < first + group.rows) at++;
    const kept = rows.subarray(begin, at);
    const copied: WrittenChunk[] = [];
    for (const [column, leaf] of leaves.entries()) {
      if (kept.length === 0) break;
      const from = { source, leaf, chunk: chunks[column]?.[index] as ParquetChunk, first, rows: group.rows };
      const start = offset;
      const copying = copyChunk(from, kept, signal);
      let next = await copying.next();
      for (; !next.done; next = await copying.next()) {
        offset += next.value.length;
        yield next.value;
      }
      copied.push({ start, totals: next.value, original: (group.chunks[leaf.index] as ThriftStruct).field_3 as ThriftStruct });
    }
    if (kept.length > 0) groups.push({ rows: kept.length, chunks: copied });
    first += group.rows;
  }
  yield await writeFooter(footer, rows.length, groups);
}

/** Pages of one column in one row group; `first` is the number of its first row in the file. */
interface ChunkSource {
  readonly source: ByteSource;
  readonly leaf: ParquetLeaf;
  readonly chunk: ParquetChunk;
  readonly first: number;
  readonly rows: number;
}

/** Yields the pages of a chunk, with only the `kept` rows. */
async function* copyChunk(
  { source, leaf, chunk, first, rows }: ChunkSource,
  kept: Uint32Array,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, PageTotals, undefined> {
  const walker = await PageWalker.open(source, chunk, leaf);
  const found: PageLocation[] = [];
  for (let location = await walker.next(); location; location = await walker.next()) found.push(location);
  const isDictionary = (location: PageLocation) => location.header.type === 'DICTIONARY_PAGE';
  const entries = found.find(isDictionary);
  const pages = found.filter((location) => !isDictionary(location));
  const dictionary = entries && { bytes: await walker.loadDictionary(entries), count: entries.count };
  const writer = await PageWriter.open(formOf(leaf, pages, dictionary), chunk.codec, leaf);
  if (writer.form === 'indices' && dictionary) yield writer.dictionaryPage(dictionary);
  const rowsSeen = new KeptRows(kept, first);
  for (const location of pages) {
    signal.throwIfAborted();
    const page = await walker.load(location);
    try {
      const values = await openStoredValues(page, leaf, dictionary, writer.waiting, writer.form);
      const repetition = new Uint8Array(PIECE);
      const definition = new Uint8Array(PIECE).fill(leaf.definition);
      for (let done = 0; done < page.count; done += PIECE) {
        const count = Math.min(PIECE, page.count - done);
        page.repetition?.read(repetition, count);
        page.definition?.read(definition, count);
        for (let from = 0; from < count; ) {
          if (repetition[from] === 0 && writer.isFull) yield writer.flush() as Uint8Array;
          // Strings may be long, so the size of the page is checked before each row.
          const singly = writer.form === 'plain' && leaf.physical === 'BYTE_ARRAY';
          const stretch = rowsSeen.next(repetition, definition, from, count, leaf.definition, singly);
          if (stretch.kept) {
            const { end, begun, present } = stretch;
            writer.addLevels(repetition.subarray(from, end), definition.subarray(from, end), begun, present);
          }
          const moving = stretch.kept ? values.copy(stretch.present) : values.skip(stretch.present);
          if (moving instanceof Promise) await moving;
          from = stretch.end;
        }
      }
    } catch (error) {
      throw formatFailure(source.name, location.offset, error);
    } finally {
      await page.values.close();
    }
  }
  if (rowsSeen.count !== rows) {
    const message = `column ${leaf.name} has ${rowsSeen.count} rows where ${rows} are stated`;
    throw new FormatError(source.name, chunk.offset, message);
  }
  const last = writer.flush();
  if (last) yield last;
  return writer.totals;
}

/** Dictionaries are kept only if all pages of a chunk use them, because chunks are written in one encoding. */
function formOf(leaf: ParquetLeaf, pages: readonly PageLocation[], dictionary: StoredDictionary | undefined): WaitingForm {
  const isIndexed = ({ header }: PageLocation) =>
    String((header.data_page_header ?? header.data_page_header_v2)?.encoding).endsWith('_DICTIONARY');
  if (dictionary && dictionary.count <= MAX_INDEXED && pages.every(isIndexed)) return 'indices';
  return leaf.physical === 'BOOLEAN' ? 'booleans' : 'plain';
}

/** Consecutive levels that are either all kept or all dropped. */
interface Stretch {
  readonly kept: boolean;
  readonly end: number;
  /** Number of rows that begin in this stretch. */
  readonly begun: number;
  /** Number of values that are not null. */
  readonly present: number;
}

/** Follows the rows of a column and finds which levels are kept. */
class KeptRows {
  /** Number of rows seen so far. */
  count = 0;
  #kept = false;
  #at = 0;

  constructor(
    private readonly rows: Uint32Array,
    private readonly first: number,
  ) {}

  /** Returns the longest stretch of levels from `from` that are all kept or all dropped; with `singly`, at most one row. */
  next(repetition: Uint8Array, definition: Uint8Array, from: number, to: number, highest: number, singly: boolean): Stretch {
    let begun = 0;
    let present = 0;
    let end = from;
    for (; end < to; end++) {
      if (repetition[end] === 0) {
        const isKept = this.rows[this.#at] === this.first + this.count;
        if (end > from && (singly || isKept !== this.#kept)) break;
        this.#kept = isKept;
        if (isKept) this.#at++;
        this.count++;
        begun++;
      } else if (this.count === 0) throw new Error('a column begins in the middle of a row');
      if (definition[end] === highest) present++;
      else if ((definition[end] as number) > highest) {
        throw new Error(`a definition level of ${definition[end]} where ${highest} is the highest`);
      }
    }
    return { kept: this.#kept, end, begun, present };
  }
}

interface WrittenChunk {
  /** Position in the file. */
  readonly start: number;
  readonly totals: PageTotals;
  /** The metadata that the footer has for the original chunk. */
  readonly original: ThriftStruct;
}

interface WrittenGroup {
  readonly rows: number;
  readonly chunks: readonly WrittenChunk[];
}

/** Field numbers of the footer: version, schema, number of rows, row groups, metadata, writer, column orders. */
const [VERSION, SCHEMA, ROWS, GROUPS, METADATA, WRITER, ORDERS] = [1, 2, 3, 4, 5, 6, 7];
const [I64, BINARY, LIST, STRUCT] = [6, 8, 9, 12];
const [PLAIN, RLE, RLE_DICTIONARY] = [0, 3, 8];

/** Writes the footer of `original` with the new row groups, and the end of the file. */
async function writeFooter({ bytes }: ParsedFooter, rows: number, groups: readonly WrittenGroup[]): Promise<Uint8Array> {
  const { ByteWriter } = await import('hyparquet-writer');
  const { serializeTCompactProtocol } = await import('hyparquet-writer/src/thrift.js');
  const out = new ByteWriter();
  let last = 0;
  const begin = (field: number, type: number) => {
    out.appendUint8(((field - last) << 4) | type);
    last = field;
  };
  const made: Record<number, () => void> = {
    [ROWS]: () => {
      begin(ROWS, I64);
      out.appendZigZag(BigInt(rows));
    },
    [GROUPS]: () => {
      begin(GROUPS, LIST);
      appendListHeader(out, groups.length, STRUCT);
      for (const group of groups) serializeTCompactProtocol(out, describeGroup(group));
    },
    [WRITER]: () => {
      begin(WRITER, BINARY);
      const name = new TextEncoder().encode('allpairs');
      out.appendVarInt(name.length);
      out.appendBytes(name);
    },
  };
  const originals = new Map<number, () => void>();
  endOfThriftStruct(bytes, 0, (field, type, start, end) => {
    originals.set(field, () => {
      begin(field, type);
      out.appendBytes(bytes.subarray(start, end));
    });
  });
  for (const field of [VERSION, SCHEMA, ROWS, GROUPS, METADATA, WRITER, ORDERS]) (made[field] ?? originals.get(field))?.();
  out.appendUint8(0);
  out.appendUint32(out.index);
  out.appendBytes(MAGIC);
  return out.getBytes();
}

function appendListHeader(out: ByteWriter, length: number, type: number): void {
  out.appendUint8((Math.min(length, 15) << 4) | type);
  if (length >= 15) out.appendVarInt(length);
}

type WrittenStruct = Parameters<typeof import('hyparquet-writer/src/thrift.js').serializeTCompactProtocol>[1];

function describeGroup({ rows, chunks }: WrittenGroup): WrittenStruct {
  const sum = (of: (totals: PageTotals) => number) => BigInt(chunks.reduce((total, { totals }) => total + of(totals), 0));
  return {
    field_1: chunks.map(describeChunk),
    field_2: sum(({ uncompressed }) => uncompressed),
    field_3: BigInt(rows),
    field_5: BigInt(chunks[0]?.start ?? 0),
    field_6: sum(({ compressed }) => compressed),
  };
}

function describeChunk({ start, totals, original }: WrittenChunk) {
  const hasDictionary = totals.dictionary > 0;
  const metadata = original.field_8 as unknown[] | undefined;
  return {
    field_2: BigInt(start),
    field_3: {
      field_1: original.field_1,
      field_2: hasDictionary ? [PLAIN, RLE, RLE_DICTIONARY] : [PLAIN, RLE],
      field_3: original.field_3,
      field_4: CODECS.indexOf(totals.codec),
      field_5: BigInt(totals.values),
      field_6: BigInt(totals.uncompressed),
      field_7: BigInt(totals.compressed),
      field_8: metadata?.length ? metadata : undefined,
      field_9: BigInt(start + totals.dictionary),
      field_11: hasDictionary ? BigInt(start) : undefined,
    },
  };
}
