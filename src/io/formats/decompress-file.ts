// Decompresses a whole file and limits its size.

import { AllpairsError, FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { RowStore } from '../rows/row-store.js';
import { inflatePieces, type Pieces, packedPieces } from './decompress.js';
import type { ReadCompression } from './outer-compression.js';

const METHODS = { gzip: 'GZIP', zstd: 'ZSTD' } as const satisfies Record<ReadCompression, string>;

/** Up to this size, any expansion is accepted. Beyond it, only expansions that useful text can have. */
const LARGE_BYTES = 64 * 2 ** 20;
const MAX_EXPANSION = 100;

/** Decompresses `source` into `store`. Throws FormatError if it is damaged, or expands more than useful text does. */
export async function decompressInto(
  store: RowStore,
  source: ByteSource,
  name: ReadCompression,
  signal: AbortSignal | undefined,
): Promise<void> {
  let failure: unknown;
  let at = 0;
  async function* pieces(): Pieces {
    try {
      for await (const piece of packedPieces(source, 0, source.size)) {
        yield piece;
        at += piece.length;
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  const most = Math.max(LARGE_BYTES, MAX_EXPANSION * source.size);
  try {
    for await (const piece of inflatePieces(METHODS[name], pieces())) {
      signal?.throwIfAborted();
      if (store.size + piece.length > most) {
        throw new FormatError(source.name, 'whole', `${source.size} bytes of ${name} decompress to more than ${most}`, {
          advice: 'decompress the file first if it is meant to',
        });
      }
      await store.append(piece);
    }
  } catch (error) {
    if (failure !== undefined) throw failure;
    if (error instanceof AllpairsError || signal?.aborted) throw error;
    throw new FormatError(
      source.name,
      Math.min(at, source.size),
      `damaged ${name} data (${error instanceof Error ? error.message : error})`,
    );
  }
}
