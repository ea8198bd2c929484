// Decompresses a deflated entry of a zip a piece at a time, checking its length and checksum without trusting the stated size. Stored entries
// are compared with their checksum.

import { AllpairsError, FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { piecesOfSource } from '../bytes/source-pieces.js';
import { listNames } from './query-rows.js';
import { dataOffsetOf, type ZipEntry } from './zip-directory.js';
import { crc32, inflateRaw } from './zlib-node.js';

const PIECE_BYTES = 256 * 1024;

/** Throws FormatError if the content is damaged or its length differs from the directory. */
export async function* inflateEntry(source: ByteSource, entry: ZipEntry): AsyncGenerator<Uint8Array, void, undefined> {
  const start = await dataOffsetOf(source, entry);
  const fail = (what: string) => new FormatError(source.name, start, `${listNames([entry.name])}: ${what}`);
  let failure: unknown;
  const packed = readPacked(source, entry, start, (error) => {
    failure = error;
  });
  let size = 0;
  let checksum = 0;
  try {
    for await (const piece of inflateRaw(packed, entry.size)) {
      size += piece.length;
      if (size > entry.size) throw fail(`more than the expected ${entry.size} bytes`);
      checksum = crc32(piece, checksum);
      yield piece;
    }
  } catch (error) {
    if (failure !== undefined) throw failure;
    if (error instanceof AllpairsError) throw error;
    throw fail(`damaged (${error instanceof Error ? error.message : error})`);
  }
  if (size !== entry.size) throw fail(`expected ${entry.size} bytes, got ${size}`);
  if (checksum !== entry.checksum) throw fail('damaged: its checksum is wrong');
}

/** Reports errors of the source to `onFailure`, because the decompressor may replace them with others. */
async function* readPacked(
  source: ByteSource,
  { packedSize }: ZipEntry,
  start: number,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  try {
    yield* piecesOfSource(source, start, packedSize, PIECE_BYTES);
  } catch (error) {
    onFailure(error);
    throw error;
  }
}

/** Compares a stored entry with its checksum. Throws FormatError. */
export async function checkStored(source: ByteSource, entry: ZipEntry): Promise<void> {
  const start = await dataOffsetOf(source, entry);
  let checksum = 0;
  for await (const piece of piecesOfSource(source, start, entry.size, PIECE_BYTES)) checksum = crc32(piece, checksum);
  if (checksum === entry.checksum) return;
  throw new FormatError(source.name, start, `${listNames([entry.name])}: damaged: its checksum is wrong`);
}
