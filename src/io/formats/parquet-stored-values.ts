// Values of a Parquet page that are copied to another page exactly as stored, so every present and future type is copied correctly.

import type { ByteWriter } from 'hyparquet-writer';
import { ByteFeed } from './byte-feed.js';
import { openBooleans } from './parquet-booleans.js';
import type { DataPage } from './parquet-pages.js';
import { type ParquetLeaf, plainBytesOf } from './parquet-schema.js';
import { BytesList, deltasAsPlain, joinStreams, openBytes, openIndices } from './parquet-values.js';

/** How values are collected for their page: as indices of 4 bytes into the dictionary, as one byte per boolean, or in PLAIN encoding. */
export type WaitingForm = 'indices' | 'booleans' | 'plain';

/** Reads values one after another. Throws a plain Error after the last one. */
export interface StoredValues {
  /** Adds the next `count` values to the collected ones. */
  copy(count: number): void | Promise<void>;
  skip(count: number): void | Promise<void>;
}

/** The entries of a dictionary in PLAIN encoding. */
export interface StoredDictionary {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

/** Opens the values of a page for copying to `waiting`. */
export async function openStoredValues(
  page: DataPage,
  leaf: ParquetLeaf,
  dictionary: StoredDictionary | undefined,
  waiting: ByteWriter,
  form: WaitingForm,
): Promise<StoredValues> {
  if (form === 'indices') return indicesOf(await page.values.rest(), dictionary?.count ?? 0, waiting);
  if (form === 'booleans') return booleansOf(page, waiting);
  const size = plainBytesOf(leaf);
  const fixed = size > 0 ? await openFixed(page, size) : undefined;
  if (fixed) {
    const take = (count: number) => fixed.take(count * size);
    return {
      copy: (count) => after(take(count), (bytes) => waiting.appendBytes(bytes)),
      skip: (count) => after(take(count), () => {}),
    };
  }
  const list = dictionary && new BytesList(dictionary.bytes, size, dictionary.count);
  const strings = await openBytes(page, size, list);
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

/** Reads values of `size` bytes; returns undefined for encodings of byte strings. */
async function openFixed({ encoding, values, count }: DataPage, size: number): Promise<ByteFeed | undefined> {
  if (encoding === 'PLAIN') return values;
  if (encoding === 'BYTE_STREAM_SPLIT') {
    const bytes = await values.rest();
    return ByteFeed.of(joinStreams(bytes, size, 0, Math.floor(bytes.length / size)));
  }
  return encoding === 'DELTA_BINARY_PACKED' ? ByteFeed.of(deltasAsPlain(await values.rest(), size, count)) : undefined;
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

async function booleansOf({ encoding, values }: DataPage, waiting: ByteWriter): Promise<StoredValues> {
  const read = openBooleans(encoding, await values.rest());
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
