// Values of a Parquet page on their way to another page: as they are stored, whatever they mean. So every type that there is, and every type that
// there will be, is copied exactly.

import type { ByteWriter } from 'hyparquet-writer';
import { ByteFeed } from './byte-feed.js';
import type { DataPage } from './parquet-pages.js';
import { RunReader, readDeltas } from './parquet-runs.js';
import type { ParquetLeaf } from './parquet-schema.js';
import { BytesList, joinStreams, MAX_DELTAS, openBytes, openIndices } from './parquet-values.js';

/** How values wait for their page: indices into the dictionary of 4 bytes each, one byte for each boolean, or PLAIN. */
export type WaitingForm = 'indices' | 'booleans' | 'plain';

/** Takes values one after another. Throws a plain Error where there are no more. */
export interface StoredValues {
  /** Puts the next `count` where they wait. */
  copy(count: number): void | Promise<void>;
  skip(count: number): void | Promise<void>;
}

/** The entries of a dictionary, PLAIN. */
export interface StoredDictionary {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

const BYTES_OF: Record<string, number> = { INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 };

/** Bytes of a PLAIN value; 0 where each has a length of its own. */
function sizeOf({ name, physical, fixedBytes }: ParquetLeaf): number {
  if (physical === 'FIXED_LEN_BYTE_ARRAY' && fixedBytes === 0) throw new Error(`values of no bytes in column ${name}`);
  return BYTES_OF[physical] ?? fixedBytes;
}

/** Opens the values of a page, to be copied to `waiting`. */
export async function openStoredValues(
  page: DataPage,
  leaf: ParquetLeaf,
  dictionary: StoredDictionary | undefined,
  waiting: ByteWriter,
  form: WaitingForm,
): Promise<StoredValues> {
  if (form === 'indices') return indicesOf(await page.values.rest(), dictionary?.count ?? 0, waiting);
  if (form === 'booleans') return openBooleans(page, waiting);
  const size = sizeOf(leaf);
  const fixed = size > 0 ? await openFixed(page, leaf, size) : undefined;
  if (fixed) {
    const take = (count: number) => fixed.take(count * size);
    return {
      copy: (count) => after(take(count), (bytes) => waiting.appendBytes(bytes)),
      skip: (count) => after(take(count), () => {}),
    };
  }
  const list = dictionary && new BytesList(dictionary.bytes, size, dictionary.count);
  const strings = await openBytes(page, { fixedBytes: size }, list);
  return {
    async copy(count) {
      for (let i = 0; i < count; i++) {
        const next = strings.next();
        const bytes = next instanceof Promise ? await next : next;
        if (size === 0) waiting.appendUint32(bytes.length);
        waiting.appendBytes(bytes);
      }
    },
    async skip(count) {
      for (let i = 0; i < count; i++) await strings.next();
    },
  };
}

function after<T>(value: T | Promise<T>, then: (value: T) => void): void | Promise<void> {
  if (value instanceof Promise) return value.then(then);
  then(value);
}

/** Values of `size` bytes one after another; undefined for encodings of byte strings. */
async function openFixed(
  { encoding, values, count }: DataPage,
  leaf: ParquetLeaf,
  size: number,
): Promise<ByteFeed | undefined> {
  if (encoding === 'PLAIN') return values;
  if (encoding === 'BYTE_STREAM_SPLIT') {
    const bytes = await values.rest();
    return ByteFeed.of(joinStreams(bytes, size, 0, Math.floor(bytes.length / size)));
  }
  if (encoding !== 'DELTA_BINARY_PACKED') return undefined;
  const [deltas] = readDeltas(await values.rest(), 0, Math.min(count, MAX_DELTAS));
  if (leaf.physical === 'INT64') return ByteFeed.of(new Uint8Array(deltas.buffer as ArrayBuffer));
  // Sums are modulo 2^32.
  const words = Int32Array.from({ length: deltas.length }, (_, i) => Number(BigInt.asIntN(32, deltas[i] as bigint)));
  return ByteFeed.of(new Uint8Array(words.buffer));
}

const PIECE = 2 ** 12;

function indicesOf(bytes: Uint8Array, entries: number, waiting: ByteWriter): StoredValues {
  const indices = openIndices(bytes);
  const piece = new Uint32Array(PIECE);
  const take = (count: number, to: (index: number) => void) => {
    for (let done = 0; done < count; done += PIECE) {
      const part = Math.min(PIECE, count - done);
      indices.read(piece, part);
      for (let i = 0; i < part; i++) to(piece[i] as number);
    }
  };
  const append = (index: number) => {
    if (index >= entries) throw new Error(`entry ${index} of a dictionary of ${entries}`);
    waiting.appendUint32(index);
  };
  return { copy: (count) => take(count, append), skip: (count) => take(count, () => {}) };
}

async function openBooleans({ encoding, values }: DataPage, waiting: ByteWriter): Promise<StoredValues> {
  const bytes = await values.rest();
  const read = booleansOf(encoding, bytes);
  const piece = new Uint8Array(PIECE);
  const take = (count: number, to: (some: Uint8Array) => void) => {
    for (let done = 0; done < count; done += PIECE) {
      const some = piece.subarray(0, Math.min(PIECE, count - done));
      read(some);
      to(some);
    }
  };
  return { copy: (count) => take(count, (some) => waiting.appendBytes(some)), skip: (count) => take(count, () => {}) };
}

/** Fills arrays with the next booleans. */
function booleansOf(encoding: string, bytes: Uint8Array): (target: Uint8Array) => void {
  if (encoding === 'RLE') {
    const runs = new RunReader(bytes.subarray(4), 1);
    return (target) => runs.read(target, target.length);
  }
  if (encoding !== 'PLAIN') throw new Error(`booleans encoded as ${encoding} are not supported`);
  let bit = 0;
  return (target) => {
    if (bit + target.length > 8 * bytes.length) throw new Error('the page has fewer values than it states');
    for (let i = 0; i < target.length; i++, bit++) target[i] = ((bytes[bit >>> 3] as number) >>> (bit & 7)) & 1;
  };
}
