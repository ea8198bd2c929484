// Registers rows with a job. Rows that a file stores as plain numbers, and that every machine can read, stay where they are; other rows
// are copied into the job. Either way each row is read once, checked, and added to a checksum.

import { crc32 } from 'node:zlib';
import { ArgumentError } from '../../errors.js';
import { RowFile } from '../../index.js';
import type { ByteSource } from '../../io/bytes/byte-source.js';
import { encodeNpyHeader } from '../../io/rows/npy.js';
import { findNonFinite } from '../../rows/non-finite.js';
import type { RowSource } from '../../rows/row-source.js';
import { openBytesAt } from '../storage/open-storage.js';
import type { JobStorage } from '../storage/storage.js';
import type { RowPlace } from './row-place.js';
import { ChunkSums, chunkBytesFor } from './verified-bytes.js';

/** Rows to be registered with a job. */
export interface GivenRows {
  readonly file: RowFile;
  /** Location of the file: an absolute path or an s3:// address. */
  readonly address: string;
  /** True if the rows must be copied because other machines cannot read the file. */
  readonly copied: boolean;
  /** 'x' or 'y'. */
  readonly as: string;
}

export interface PlacingOptions {
  /** True if rows with NaN or infinity are allowed and count as zero rows. */
  readonly zeroNonFinite: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/**
 * Registers rows under the `id` of the job, which keeps jobs that are planned at the same time apart. Throws ArgumentError for a row
 * that is not finite.
 */
export async function placeRows(storage: JobStorage, given: GivenRows, id: string, options: PlacingOptions): Promise<RowPlace> {
  const base = `rows/${id}-${given.as}`;
  return given.copied || given.file.decoded
    ? copyRows(storage, given, base, options)
    : leaveRows(storage, given, base, options);
}

async function leaveRows(
  storage: JobStorage,
  { file, address, as }: GivenRows,
  base: string,
  options: PlacingOptions,
): Promise<RowPlace> {
  const source = await openBytesAt(address);
  try {
    const sums = new ChunkSums(chunkBytesFor(source.size));
    const summed = new SummedBytes(source, sums);
    for await (const _ of blocksOf(new RowFile(file.name, summed, file.layout), as, options));
    await summed.readTo(source.size);
    const { layout } = file;
    return { name: address, within: false, layout, bytes: source.size, ...(await writeSums(storage, base, sums)) };
  } finally {
    await source.close();
  }
}

async function copyRows(
  storage: JobStorage,
  { file, as }: GivenRows,
  base: string,
  options: PlacingOptions,
): Promise<RowPlace> {
  const { rows, depth, staged } = file;
  const header = encodeNpyHeader(staged, [rows, depth]);
  const rowBytes = depth * (staged === 'float32' ? 4 : 8);
  const bytes = header.length + rows * rowBytes;
  const sums = new ChunkSums(chunkBytesFor(bytes));
  async function* content(): AsyncGenerator<Uint8Array> {
    sums.add(header);
    yield header;
    for await (const { block, from, to } of blocksOf(file, as, options)) {
      const numbers = staged === 'float32' ? new Float32Array((to - from) * depth) : new Float64Array((to - from) * depth);
      block.copyRows(from, to, numbers, 0);
      const piece = new Uint8Array(numbers.buffer);
      sums.add(piece);
      yield piece;
    }
  }
  const name = `${base}.npy`;
  await storage.write(name, content(), { signal: options.signal });
  const layout = { kind: 'flat', rows, depth, type: staged, littleEndian: true, offset: header.length, rowBytes } as const;
  return { name, within: true, layout, bytes, ...(await writeSums(storage, base, sums)) };
}

const BLOCK_BYTES = 4 * 2 ** 20;

interface Block {
  readonly block: RowSource;
  readonly from: number;
  readonly to: number;
}

/** Yields all rows in order, after checking them. */
async function* blocksOf(file: RowFile, as: string, options: PlacingOptions): AsyncGenerator<Block> {
  const { rows, depth } = file;
  const most = Math.max(1, Math.min(rows, Math.floor(BLOCK_BYTES / (8 * depth + 1))));
  const reader = file.createReader(most);
  for (let from = 0; from < rows; from += most) {
    options.signal.throwIfAborted();
    const to = Math.min(rows, from + most);
    const block = await reader.read(from, to);
    const bad = options.zeroNonFinite ? undefined : findNonFinite(block, from, to);
    if (bad) {
      throw new ArgumentError(
        as,
        `expected finite numbers in ${file.name}, got ${bad.value} in row ${bad.row}, column ${bad.col}`,
        { advice: '--non-finite zero treats such rows as zero vectors' },
      );
    }
    yield { block, from, to };
    options.onProgress?.({ done: to, total: rows });
  }
}

/** Adds all bytes to checksums in order, including those that the reader skips. */
class SummedBytes implements ByteSource {
  readonly name: string;
  readonly size: number;
  private next = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly sums: ChunkSums,
  ) {
    this.name = source.name;
    this.size = source.size;
  }

  async read(offset: number, length: number, into?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    await this.readTo(offset);
    const bytes = await this.source.read(offset, length, into);
    this.sums.add(bytes);
    this.next += length;
    return bytes;
  }

  async readTo(end: number): Promise<void> {
    for (; this.next < end; ) {
      const length = Math.min(BLOCK_BYTES, end - this.next);
      this.sums.add(await this.source.read(this.next, length));
      this.next += length;
    }
  }

  close(): Promise<void> {
    return this.source.close();
  }
}

async function writeSums(storage: JobStorage, base: string, sums: ChunkSums): Promise<Pick<RowPlace, 'chunkBytes' | 'sums'>> {
  const bytes = Buffer.from(sums.finish().buffer);
  const name = `${base}.sums`;
  await storage.write(name, [bytes]);
  return { chunkBytes: sums.chunkBytes, sums: { name, crc: crc32(bytes) } };
}
