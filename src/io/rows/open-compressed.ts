// Files that are compressed as a whole, such as rows.csv.gz. They are decompressed once, into a store, and then read like other files.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { COMPRESSION_MAGIC_BYTES, compressionOf } from '../formats/outer-compression.js';
import type { RowStore } from './row-store.js';

/**
 * Returns the decompressed bytes if `source` is compressed as a whole, otherwise `source` itself. A decompressed source is closed. Throws
 * FormatError if it is damaged, expands too much, or is compressed with an unsupported method.
 */
export async function openCompressed(
  source: ByteSource,
  createStore: () => RowStore,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  const start = String.fromCharCode(...(await source.read(0, Math.min(COMPRESSION_MAGIC_BYTES, source.size))));
  const compression = compressionOf(start);
  if (!compression) return source;
  if ('refused' in compression) {
    const { name, program } = compression.refused;
    throw new FormatError(source.name, 'whole', `the file is compressed with ${name}, which cannot be read`, {
      advice: `decompress it with ${program}`,
    });
  }
  const { decompressInto } = await import('../formats/decompress-file.js');
  const store = createStore();
  try {
    await decompressInto(store, source, compression.read, signal);
    const whole = await store.finish(source.name);
    await source.close();
    return whole;
  } catch (error) {
    await store.discard();
    throw error;
  }
}
